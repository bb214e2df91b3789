"""The command that checks what was recorded: verify."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from testbed.cli.sandboxes import SANDBOX
from testbed.errors import EXIT_TESTBED


@click.command(epilog="Example: testbed verify runs/quickstart/latest --sample 300")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--sample", type=click.IntRange(1), default=100, show_default=True, help="Verdicts to check.")
@click.option("--all", "every", is_flag=True, help="Check all of them.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Chooses the sample.")
@click.option(
    "--workers", type=click.IntRange(1, 1024), default=None, help="Processes [default: one a processor]."
)
@SANDBOX
def verify(folder: Path, sample: int, every: bool, seed: int, workers: int | None) -> None:
    """Run recorded verdicts of DIR again the slow way: plain pytest, cold, plain source, empty folder.

    Names each disagreement and exits with 3 if there is one.
    """
    from testbed import verify as checking
    from testbed.executors.cores import available
    from testbed.ledger import Ledger

    ledger = Ledger.open(folder)
    made = checking.verify(
        ledger, size=None if every else sample, seed=seed, workers=workers or available(), said=_progress
    )
    ledger.close()
    for disagreement in made.disagreements:
        click.echo(disagreement.line())
    click.echo(
        f"{made.checked:,} of {made.claims:,} verdicts run again cold: {len(made.disagreements)} disagree"
        + ("" if every else f"; with 95% confidence fewer than {made.bound():.2%} of all would")
    )
    if made.disagreements:
        sys.exit(EXIT_TESTBED)


def _progress(done: int, of: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{done} of {of} verdicts", nl=done == of, err=True)

"""The command compare: what changed between two campaigns."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from testbed.errors import EXIT_GATE

if TYPE_CHECKING:
    from testbed.analysis import Facts


def _given(path: Path) -> Facts | dict[str, Any]:
    from reports.kept import read_summary
    from testbed.ledger import Ledger

    return read_summary(path) if path.is_file() else Ledger.open(path)


@click.command(epilog="Example: testbed compare runs/before/latest runs/after/latest")
@click.argument("first", metavar="A", type=click.Path(path_type=Path))
@click.argument("second", metavar="B", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="The comparison as JSON.")
@click.option("--quiet", is_flag=True, help="Only the last line, with the counts.")
@click.option("--fail-on-worse", is_flag=True, help="Exit code 1 where anything got worse.")
def compare(first: Path, second: Path, as_json: bool, quiet: bool, fail_on_worse: bool) -> None:
    """Say what changed from run A to run B: better, worse, or not distinguishable.

    Each is a run's folder, or a summary.json that was kept of one, by an earlier version too.
    """
    from reports import compare as comparing

    found = comparing.compare(_given(first), _given(second), (str(first), str(second)))
    if as_json:
        click.echo(json.dumps(comparing.data(found), indent=2, allow_nan=False, ensure_ascii=False))
    else:
        for line in comparing.lines(found, quiet=quiet):
            click.echo(line)
    if fail_on_worse and found.count("worse"):
        sys.exit(EXIT_GATE)

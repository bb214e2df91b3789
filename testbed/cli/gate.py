"""The command gate: whether a finished campaign keeps its bounds, as an exit code."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from testbed.errors import EXIT_GATE, UserError
from testbed.gate import Bound, Gate, parse

_REMEDY = 'give [gate] bounds in the campaign, or --bound "alive_after_5 < 0.1 at 0.95"'


@click.command(epilog='Example: testbed gate runs/quickstart/latest --bound "R < 1 at 0.9"')
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--bound", "bounds", multiple=True, metavar="BOUND", help="Instead of the campaign's own bounds."
)
@click.option("--undecided", type=click.Choice(["fail", "pass"]), help="Instead of the campaign's own word.")
@click.option("--json", "as_json", is_flag=True, help="The verdicts as JSON.")
@click.option("--quiet", is_flag=True, help="Only the exit code, and the last line.")
def gate(folder: Path, bounds: tuple[str, ...], undecided: str | None, as_json: bool, quiet: bool) -> None:
    """Ask the run in DIR whether it keeps its bounds: exit code 0 if so, 1 if not."""
    from testbed.ledger import Ledger

    ledger = Ledger.open(folder)
    asked = of_manifest(ledger.manifest)
    for text in bounds:
        known(parse(text))
    chosen = Gate(bounds or asked.bounds, undecided or asked.undecided)  # type: ignore[arg-type]
    if not chosen.bounds:
        raise UserError("the campaign has no gate", where=str(folder), remedy=_REMEDY)
    passed = show(ledger, chosen, as_json=as_json, quiet=quiet)
    ledger.close()
    if not passed:
        sys.exit(EXIT_GATE)


def of_manifest(manifest: Mapping[str, Any]) -> Gate:
    """The gate that a run was started with; runs of older versions have none."""
    written = manifest.get("gate", {})
    return Gate(tuple(written.get("bounds", ())), written.get("undecided", "fail"))


def known(bound: Bound) -> None:
    """Raises UserError where no campaign reports what the bound is on."""
    from injectors.catalogue import families
    from testbed.gate.measures import known as reported

    reported(bound, families())


def needed(chosen: Gate, conditions: tuple[Any, ...], where: str) -> None:
    """Raises UserError before a run whose gate could not be asked after it."""
    from testbed.conditions import to_json
    from testbed.gate.judge import unmatched

    if not chosen.bounds:
        raise UserError("the campaign has no gate", where=where, remedy=_REMEDY)
    unmatched(chosen, [to_json(one) for one in conditions])


def show(facts: Any, chosen: Gate, *, as_json: bool = False, quiet: bool = False) -> bool:
    """Prints the verdicts, and says whether the gate is passed."""
    import json

    from reports import gates
    from testbed.gate.judge import judge

    judged = judge(facts, chosen)
    if as_json:
        click.echo(json.dumps(gates.data(judged), indent=2, allow_nan=False))
    else:
        told = list(gates.lines(judged))
        for line in told[-1:] if quiet else told:
            click.echo(line)
    return judged.passed

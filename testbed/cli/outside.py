"""The command that says what a modifier from outside did: outside."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from testbed.analysis.outside import Turns


@click.command(epilog="Example: testbed outside runs/replay/latest")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def outside(folder: Path) -> None:
    """Modifiers that only give text back: of each condition in DIR, what they did and what it cost.

    Turns, those with a problem, requests and tokens of a model, their cost at the campaign's
    prices, what became of the live faults in the edits, and the faults that the modifier made by itself.
    """
    from testbed.analysis.labels import labels
    from testbed.analysis.outside import turns
    from testbed.conditions import from_json
    from testbed.errors import UserError
    from testbed.ledger import Ledger

    ledger = Ledger.open(folder)
    said = False
    try:
        planned = ledger.manifest["conditions"]
        for data, label in zip(planned, labels(planned), strict=True):
            condition = from_json(data)
            told = (
                list(ledger.of_lineage(condition.index, lineage)) for lineage in range(condition.lineages)
            )
            made = turns([records for records in told if records])
            if made is not None:
                said = True
                click.echo(f"condition {condition.index}: {label}, {condition.modifier.name}")
                _print(made)
    finally:
        ledger.close()
    if not said:
        raise UserError("no modifier from outside had a turn", where=str(folder))


def _print(made: Turns) -> None:
    click.echo(
        f"  lineages {made.lineages}, turns {made.turns}, with a problem {sum(made.problems.values())}"
    )
    for problem, times in made.problems.items():
        click.echo(f"    {times}x {problem}")
    if made.calls:
        cost = "unknown (no modifier.prices)" if made.cost is None else f"{made.cost:.6g}"
        click.echo(f"  requests {made.calls}, tokens in {made.tokens_in}, out {made.tokens_out}, cost {cost}")
    total = sum(made.statuses.values())
    statuses = ", ".join(f"{status} {times}" for status, times in made.statuses.items())
    click.echo(f"  live faults met {total}{f': {statuses}' if total else ''}")
    click.echo(f"  faults of its own {made.indigenous}")

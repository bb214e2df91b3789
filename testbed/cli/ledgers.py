"""Commands that read a run's ledger: report, show."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from testbed import whole
from testbed.errors import UserError

if TYPE_CHECKING:
    from testbed.ledger import Ledger

_FOLDER = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))


@click.command(epilog="Example: testbed report runs/quickstart/latest")
@_FOLDER
def report(folder: Path) -> None:
    """Write report.html and summary.json from the ledger in DIR, and print the table."""
    from testbed.ledger import Ledger

    write_report(Ledger.open(folder))


def write_report(ledger: Ledger, *, silent: bool = False) -> None:
    """Writes report.html and summary.json into the run's folder, and prints the table unless `silent`."""
    import shutil

    from reports import html, table
    from reports.exports import given
    from testbed.analysis import dumps

    made = given(ledger)
    summary = made.summary
    whole.write(ledger.folder / "summary.json", dumps(summary))
    page = html.write(made, ledger.folder / "report.html")
    if silent:
        return
    width = max(60, min(shutil.get_terminal_size((110, 24)).columns, 160))
    for made_of in (table.from_summary(summary), table.effort(summary)):
        if made_of is not None:
            click.echo(table.render(made_of, width, color=False))
    click.echo(_measured(ledger))
    click.echo(f"report: {page}")


def _measured(ledger: Ledger) -> str:
    """The seconds that the run took, which are no facts and so are in no summary."""
    from testbed.analysis import timings

    table = timings(ledger)
    spent = table.groupby("stage")["seconds"].sum()
    screen, truth, own = (float(spent.get(stage, 0.0)) for stage in ("screen", "truth", "cpu"))
    return (
        f"measured: {screen:,.0f} s of tests and inputs in the screens, {truth:,.0f} s for the ground truth, "
        f"{own:,.0f} CPU seconds of the testbed itself"
    )


@click.command(epilog="Example: testbed show runs/quickstart/latest c0.l3.f7")
@_FOLDER
@click.argument("fault", metavar="FAULT")
def show(folder: Path, fault: str) -> None:
    """Tell the life of one FAULT, named as c<condition>.l<lineage>.f<number>."""
    from reports import life
    from testbed.ledger import Ledger

    condition, lineage, number = _fault_id(fault)
    click.echo(life.render(life.life(Ledger.open(folder), condition, lineage, number)))


def _fault_id(text: str) -> tuple[int, int, int]:
    parts = text.split(".")
    letters = [part[:1] for part in parts]
    if letters != ["c", "l", "f"] or not all(part[1:].isdigit() for part in parts):
        raise UserError(f"{text!r} does not name a fault", remedy="write it as c0.l3.f7")
    first, second, third = (int(part[1:]) for part in parts)
    return first, second, third

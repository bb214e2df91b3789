"""The command with which a person does the reviews that a run waits for."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from testbed.oversight.waiting import Pending

_HELP = "numbers of lines that are wrong, such as 7 or 7 12-14; empty: none; later; quit"


@click.command(epilog="Example: testbed review runs/mine/latest")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--web", is_flag=True, help="Show them in a local page, for this machine only.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Of that page [default: any].")
@click.option("--list", "only_list", is_flag=True, help="Only list the reviews that wait.")
def review(folder: Path, web: bool, port: int, only_list: bool) -> None:
    """Do the reviews that the run in DIR waits for: read each change and mark the lines that are wrong.

    Numbered lines are to be read. Nothing tells which of them has a fault; what you find is measured
    against the truth in the report, once the run has gone on with `testbed resume DIR`.
    """
    from testbed.ledger import Ledger
    from testbed.oversight import waiting

    Ledger.open(folder).close()
    found = waiting.pending(folder)
    if only_list:
        for one in found:
            click.echo(f"{one.key}  {one.shown['lines_to_read']} lines to read")
    elif web and found:
        from testbed.oversight.web import serve

        serve(folder, port, lambda at: click.echo(f"{len(found)} reviews wait at {at} (Ctrl-C ends)"))
    elif found:
        _in_terminal(folder, found)
    left = len(waiting.pending(folder))
    click.echo(waits(folder, left) if left else f"no review waits; go on with: testbed resume {folder}")


def waits(folder: Path, count: int) -> str:
    """The line that says how many reviews wait."""
    verb = "review waits" if count == 1 else "reviews wait"
    return f"{count} {verb}: testbed review {folder}"


def _in_terminal(folder: Path, found: list[Pending]) -> None:
    from testbed.oversight import waiting
    from testbed.oversight.marking import numbered

    for place, one in enumerate(found, 1):
        lines = numbered(one.shown)
        click.secho(f"\n{place} of {len(found)}: {len(lines)} lines to read", bold=True)
        _print(one, lines)
        begun = time.monotonic()
        marks = _asked(lines)
        if marks is None:
            return
        if not isinstance(marks, str):
            waiting.answer(folder, one, [lines[number] for number in marks], time.monotonic() - begun)


def _print(one: Pending, lines: dict[int, tuple[str, int]]) -> None:
    from testbed.oversight.marking import shown_lines

    for kind, number, text in shown_lines(one.shown, lines):
        margin = f"{number:>5} " if number else "      "
        color = {"+": "green", "-": "red", "file": "cyan", "gap": "cyan"}.get(kind)
        sign = "" if kind in {"file", "gap"} else f"{kind} "
        click.secho(f"{margin}{sign}{text}", fg=color)


def _asked(lines: dict[int, tuple[str, int]]) -> list[int] | str | None:
    """The numbers marked, "later", or None where the person stops."""
    from testbed.oversight.marking import parsed

    while True:
        try:
            said = click.prompt("lines with a fault", default="", show_default=False, prompt_suffix=" > ")
        except click.Abort:
            return None
        word = said.strip().lower()
        if word in {"quit", "q"}:
            return None
        if word in {"later", "l"}:
            return "later"
        try:
            return parsed(word, lines)
        except ValueError as problem:
            click.echo(f"{problem}; {_HELP}")

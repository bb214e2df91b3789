"""Reports on a terminal, drawn by rich (imported late, since it is slow to load)."""

from __future__ import annotations

import io
from collections.abc import Sequence

from rich import box
from rich.console import Console, Group, RenderableType
from rich.syntax import Syntax
from rich.table import Table as RichTable
from rich.text import Text

from reports import words
from reports.life import LADDER, Life, ladder_rows
from reports.table import Table

LABEL = 16  # columns that a label needs at least to stay readable
GAP = 2  # columns between two columns of the table


def as_text(drawn: RenderableType, width: int, *, color: bool = False) -> str:
    """What a terminal of that width would show, without trailing blanks."""
    out = io.StringIO()
    console = Console(
        file=out,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        highlight=False,
        legacy_windows=False,
    )
    console.print(drawn)
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


def _widest(made: Table, place: int) -> int:
    """The least width of a column: its longest word above, its longest cell below."""
    cells = [len(row[place]) for row in made.rows]
    return max([*map(len, made.heads[place].split()), *cells])


def _room(made: Table, width: int) -> int:
    """What is left of `width` for the labels of the conditions."""
    return width - sum(_widest(made, place) + GAP for place in range(1, len(made.heads)))


def _rich_table(made: Table, *, keys: bool) -> RichTable:
    drawn = RichTable(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, GAP - 1, 0, 0))
    drawn.add_column("" if keys else made.heads[0], justify="left")
    for place, head in enumerate(made.heads[1:], start=1):
        drawn.add_column(head, justify="right", width=_widest(made, place), vertical="bottom")
    for key, row in zip(made.keys, made.rows, strict=True):
        drawn.add_row(*map(Text, (key if keys else row[0], *row[1:])))
    return drawn


def _listed(made: Table) -> str:
    """One block a condition, for a terminal too narrow for columns."""
    lines: list[str] = []
    for row in made.rows:
        cells = zip(made.heads[1:], row[1:], strict=True)
        lines += [row[0], *(f"  {head}: {cell}" for head, cell in cells), ""]
    return "\n".join(lines)


def draw_table(made: Table, width: int, *, color: bool = False) -> str:
    """The run's table with its notes. Where the labels would not fit they go below, called by their keys."""
    room = _room(made, width)
    keys = bool(made.rows) and room < min(LABEL, _widest(made, 0))
    if room < max([0, *map(len, made.keys)]):
        return "\n".join([made.title, "", _listed(made), *made.notes, ""])
    below = [f"{key}: {row[0]}" for key, row in zip(made.keys, made.rows, strict=True)] if keys else []
    body = as_text(_rich_table(made, keys=keys), width, color=color)
    return "\n".join([made.title, "", body, *below, *made.notes, ""])


def _grid(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> RichTable:
    drawn = RichTable(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, GAP - 1, 0, 0))
    for head in heads:
        drawn.add_column(head, overflow="fold")
    for row in rows:
        drawn.add_row(*map(Text, row))
    return drawn


def _witnesses(one: Life) -> RenderableType:
    birth = one.birth
    if not birth.witnesses:
        searched = words.count(birth.searched, "execution")
        return Text(f"No witness in {searched}: perhaps equivalent to the correct code.")
    rows = [(each.oracle, each.test, each.clean, each.faulty) for each in birth.witnesses]
    return _grid(("oracle", "test or input", "correct code", "with the fault"), rows)


def draw_life(one: Life, width: int, *, color: bool = False) -> str:
    """One fault's life: what and where, the change, witnesses, ladder, copies, end."""
    birth = one.birth
    diff = Syntax(birth.diff.rstrip(), "diff", theme="ansi_light", background_color="default", word_wrap=True)
    place = f"{birth.path}:{birth.line}" + (f" in {birth.where}" if birth.where else "")
    rungs = ladder_rows(one)
    parts: list[RenderableType] = [
        Text(f"{one.id}  {birth.operator} ({birth.family})", style="bold"),
        Text(place),
        Text(f"Condition: {one.label}."),
        Text(one.origin),
        Text(""),
        diff if color else Text(birth.diff.rstrip()),
        Text(""),
        _witnesses(one),
        Text(""),
        _grid(LADDER, rungs) if rungs else Text("Its ladder was not examined."),
        Text(""),
        *([Text(f"Copies: {', '.join(one.copies)}.")] if one.copies else []),
        Text(one.ending),
    ]
    return as_text(Group(*parts), width, color=color)

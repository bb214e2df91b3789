"""What a figure is, and how lines become one chart or many small ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports import charts, words

FEW = 4  # at most so many lines in one chart; more become small multiples
BELOW = "Numbers in the table below."

Condition = Mapping[str, Any]
Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """One chart: its title within the figure, what a screen reader says, the specification.

    `small` ones stand side by side.
    """

    title: str
    description: str
    spec: charts.Spec
    small: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """Charts under one caption, the numbers as a table, a legend of (colour, meaning).

    `shared` rows stand behind each panel that asks for the data set `charts.SHARED`.
    """

    id: str
    title: str
    caption: str
    panels: tuple[Panel, ...]
    heads: Cells
    rows: tuple[Cells, ...]
    legend: tuple[tuple[str, str], ...] = ()
    shared: tuple[charts.Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a figure, with its rows of {x, y, low, high} and lines of its own behind it."""

    key: str
    label: str
    color: str
    points: tuple[dict[str, Any], ...]
    behind: tuple[dict[str, Any], ...] = ()

    def rows(self) -> list[dict[str, Any]]:
        """The points with what a chart needs to draw them."""
        own = {"key": self.key, "label": self.label, "color": self.color}
        return [{**point, **own} for point in self.points]


def key(condition: Condition) -> str:
    """The short name of a condition, as in fault numbers: "c0"."""
    return f"c{condition['index']}"


def heading(line: Line) -> str:
    """The title of a small panel."""
    return line.label if line.label == line.key else f"{line.key} · {line.label}"


def rounded(row: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """The named values of a row, floats to four digits: enough for a chart, short in the page."""
    return {name: float(f"{row[name]:.4g}") if isinstance(row[name], float) else row[name] for name in names}


def drawn(
    lines: Sequence[Line], title: str, **options: Any
) -> tuple[tuple[Panel, ...], tuple[charts.Row, ...]]:
    """The panels for some lines, and the rows they share: one chart for few, else one for each."""
    filled = [line for line in lines if line.points]
    if not filled:
        return (), ()
    single = len(filled) == 1
    places = [point[options["x"][0]] for line in filled for point in line.points]
    options["span"] = (min(places), max(places))
    if single or (len(filled) <= FEW and not any(line.behind for line in filled)):
        rows = [row for line in filled for row in line.rows()]
        said = f"{title}: {words.named_list([line.label for line in filled])}. {BELOW}"
        spec = charts.lines(rows, labelled=not single, behind=filled[0].behind, **options)
        return (Panel("", said, spec),), ()
    own = any(line.behind for line in filled)
    fields = (options["x"][0], options["y"][0], "key")
    shared = () if own else tuple(rounded(row, fields) for line in filled for row in line.rows())
    panels = tuple(
        Panel(
            heading(line),
            f"{title}: {line.label}. {BELOW}",
            charts.lines(
                line.rows(),
                labelled=False,
                height=charts.SMALL,
                behind=line.behind if own else charts.SHARED,
                **options,
            ),
            small=True,
        )
        for line in filled
    )
    return panels, shared

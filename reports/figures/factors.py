"""The two main factors against each other: what is left where both take their levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reports import charts, words
from reports.figures.base import BELOW, Cells, Condition, Figure, Panel
from testbed.analysis.labels import said

PREFERRED = ("oversight.depth", "injection.rate")  # across, up: where they vary
MOST_PANELS = 6

Measure = tuple[str, str, str, Any]
MEASURES: tuple[Measure, ...] = (
    ("Share of faults alive", "persistence", "share_alive", words.percent),
    ("Live faults at the end", "amplification", "live_at_end", words.plain),
)


def _axes(conditions: Sequence[Condition]) -> tuple[str, str] | None:
    """The factors across and upwards; None where fewer than two vary."""
    names = list(conditions[0]["levels"]) if conditions else []
    chosen = [name for name in PREFERRED if name in names]
    chosen += [name for name in names if name not in chosen]
    return (chosen[0], chosen[1]) if len(chosen) > 1 else None


def _others(one: Condition, axes: tuple[str, str]) -> str:
    """The levels of all other factors, which a panel has in common."""
    return ", ".join(said(name, level) for name, level in one["levels"].items() if name not in axes)


def _order(levels: Sequence[Any]) -> list[str]:
    """Levels as text, numbers by size, others as they come."""
    unique = list(dict.fromkeys(map(repr, levels)))
    by_text = {repr(level): level for level in levels}
    numbers = all(isinstance(by_text[text], int | float) for text in unique)
    return sorted(unique, key=lambda text: by_text[text]) if numbers else unique


def _level(level: Any) -> str:
    """A level as an axis has it."""
    if isinstance(level, bool):
        return "on" if level else "off"
    return f"{level:g}" if isinstance(level, int | float) else _text(level)


def _text(level: Any) -> str:
    return str(level) if isinstance(level, str) else "+".join(map(str, level)) or "all"


def _names(axes: tuple[str, str]) -> tuple[str, str]:
    across, up = (axis.rpartition(".")[2].replace("_", " ") for axis in axes)
    return across, up


def _cell(one: Condition, axes: tuple[str, str], measure: Measure, most: float) -> dict[str, Any]:
    _, section, name, show = measure
    estimate = one[section][name]
    value = estimate["value"]
    across, up = (one["levels"][axis] for axis in axes)
    return {
        "key": f"c{one['index']}",
        "label": one["label"],
        "across": _level(across),
        "up": _level(up),
        "strength": 0.0 if value is None else 0.06 + 0.84 * (value / most if most else 0.0),
        "said": show(value),
        "tip": words.with_interval(estimate, show),
    }


def _panel(
    group: Sequence[Condition], axes: tuple[str, str], measure: Measure, name: str, most: float
) -> Panel:
    cells = [_cell(one, axes, measure, most) for one in group]
    orders = []
    for axis in axes:
        levels = [one["levels"][axis] for one in group]
        by_text = {repr(level): _level(level) for level in levels}
        orders.append([by_text[text] for text in _order(levels)])
    title = f"{measure[0]}{f' · {name}' if name else ''}"
    told = f"{title}: a grid of {axes[0]} by {axes[1]}, darker for more. {BELOW}"
    return Panel(title, told, charts.grid(cells, orders[0], orders[1], _names(axes)), small=True)


def heat(summary: Mapping[str, Any]) -> Figure | None:
    """What is left by two factors, a panel for each measure; None where fewer than two factors vary."""
    conditions = summary["conditions"]
    axes = _axes(conditions)
    if axes is None:
        return None
    groups: dict[str, list[Condition]] = {}
    for one in conditions:
        groups.setdefault(_others(one, axes), []).append(one)
    panels: list[Panel] = []
    for measure in MEASURES:
        values = [one[measure[1]][measure[2]]["value"] for one in conditions]
        most = max((value for value in values if value is not None), default=0.0)
        panels += [_panel(group, axes, measure, name, most) for name, group in groups.items()]
    left = len(panels) - MOST_PANELS
    more = f" {left} more panels are in the table only." if left > 0 else ""
    caption = f"Darker: more is left. A dash: the data have no value. Intervals are in the table.{more}"
    heads: Cells = ("condition", f"alive after {words.count(summary['k'], 'cycle')}", "live at end")
    table = tuple(
        (
            one["label"],
            words.with_interval(one["persistence"]["share_alive"]),
            words.with_interval(one["amplification"]["live_at_end"], words.plain),
        )
        for one in conditions
    )
    title = f"What is left, by {words.named_list(list(_names(axes)))}"
    return Figure("heat", title, caption, tuple(panels[:MOST_PANELS]), heads, table)

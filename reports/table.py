"""The two tables that are printed after a run: of the faults, and of what oversight did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reports import words
from testbed.analysis import Facts, summarise

EFFORT = {
    "hours_per_lineage": "hours a lineage",
    "checkpoints": "reviews",
    "lines_read": "lines read",
    "found": "found",
    "let_in": "let in",
    "false_alarms": "false alarms",
    "rejections": "rejected",
    "escalations": "escalated",
    "rollbacks": "rolled back",
}


@dataclass(frozen=True, slots=True)
class Table:
    """Column heads, rows of cells as text (the first cell is the condition's label), notes below.

    `keys` name the conditions in short ("c0"), one for each row.
    """

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    keys: tuple[str, ...]
    notes: tuple[str, ...]


def _row(one: Mapping[str, Any]) -> tuple[str, ...]:
    faults = one["faults"]
    other = sum(faults["ends"][cause] for cause in ("overwritten", "rejected", "rollback"))
    share = words.with_interval(one["persistence"]["share_alive"])
    numbers = (
        *(faults["seeded"], faults["offspring"], faults["caught_by_screen"], faults["caught_by_review"]),
        *(other, faults["escaped"], faults["alive_at_end"], faults["residual"]),
        faults["unwitnessed"]["faults"],
    )
    return (one["label"], *(f"{number:,}" for number in numbers), share)


def _heads(k: int) -> tuple[str, ...]:
    caught = (
        "caught by screen",
        "caught by review",
        "other end",
        "escaped",
        "alive at end",
        "residual",
        "no witness",
    )
    return ("condition", "seeded", "copies", *caught, f"alive after {words.count(k, 'cycle')}")


def _notes(summary: Mapping[str, Any]) -> tuple[str, ...]:
    found = [f"Intervals: {summary['confidence']:.0%}, over lineages."]
    hidden = sum(one["faults"]["unwitnessed"]["faults"] for one in summary["conditions"])
    if hidden:
        found.append(f"Counted apart: {words.count(hidden, 'fault')} without a witness.")
    if any(one["faults"]["residual"] for one in summary["conditions"]):
        found.append("Residual: seen by no unit test of the target's own at birth.")
    outcomes = [one["outcomes"] for one in summary["conditions"]]
    for state, said in (("stalled", "stalled"), ("runaway", "ran away"), ("running", "unfinished")):
        number = sum(one[state] for one in outcomes)
        if number:
            found.append(f"{words.count(number, 'lineage')} {said}.")
    return tuple(found)


def from_summary(summary: Mapping[str, Any]) -> Table:
    """The table of a summary: one row for each condition, witnessed faults only."""
    campaign = summary["campaign"]
    return Table(
        title=f"{campaign['name']}, seed {campaign['seed']}",
        heads=_heads(summary["k"]),
        rows=tuple(_row(one) for one in summary["conditions"]),
        keys=tuple(f"c{one['index']}" for one in summary["conditions"]),
        notes=_notes(summary),
    )


def _effort_row(one: Mapping[str, Any]) -> tuple[str, ...]:
    own = one["oversight"]
    counts = (f"{own[name]:,}" for name in EFFORT if name != "hours_per_lineage")
    seen = words.with_interval(own["seen_when_read"])
    return (one["label"], words.with_interval(own["hours_per_lineage"], words.plain), *counts, seen)


def effort(summary: Mapping[str, Any]) -> Table | None:
    """What oversight did, one row for each condition; None where nothing was ever reviewed."""
    conditions = summary["conditions"]
    if not any(one["oversight"]["checkpoints"] for one in conditions):
        return None
    return Table(
        title="Oversight",
        heads=("condition", *EFFORT.values(), "seen when read"),
        rows=tuple(map(_effort_row, conditions)),
        keys=tuple(f"c{one['index']}" for one in conditions),
        notes=("Seen when read: the share of faults in lines that were read which were reported.",),
    )


def table(facts: Facts, k: int | None = None) -> Table:
    """The table of a campaign's facts."""
    return from_summary(summarise(facts, k))


def render(facts: Facts | Table, width: int = 100, *, color: bool = False) -> str:
    """A table (of facts: that of the faults) as text of at most `width` columns.

    It has ANSI styles where `color` is asked for.
    """
    from reports.terminal import draw_table

    return draw_table(facts if isinstance(facts, Table) else table(facts), width, color=color)

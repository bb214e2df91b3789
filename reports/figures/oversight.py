"""What the checks caught, what review cost, and how the lineages ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from reports import charts, style, words
from reports.figures.base import BELOW, Cells, Condition, Figure, Panel, key, rounded
from reports.tuned import promise
from testbed.analysis import Evidence
from testbed.analysis.tuning import Tuning

COUNTS = {
    "checkpoints": "checkpoints",
    "lines_read": "lines read",
    "found": "found",
    "let_in": "found and let in",
    "false_alarms": "false alarms",
    "rejections": "rejected",
    "escalations": "escalated",
    "rollbacks": "rolled back",
}
STATES = {"running": "without an outcome yet", "waiting": "not begun"}

APART = ("of these residual", "without a witness")

Group = tuple[str, str, Mapping[str, int]]


def _parts(group: Group, names: Sequence[str], inks: str, said: Mapping[str, str]) -> list[dict[str, Any]]:
    name, label, counts = group
    total = sum(counts[part] for part in names)
    return [
        {
            "key": name,
            "label": label,
            "part": said.get(part, part),
            "count": counts[part],
            "share": counts[part] / total,
            "color": style.ink(f"{inks}-{part}"),
            "over": style.ink(f"over-{inks}-{part}"),
        }
        for part in names
        if counts[part]
    ]


def _panel(title: str, said: str, rows: Sequence[charts.Row]) -> tuple[Panel, ...]:
    return (Panel(title, f"{said}, as stacked shares. {BELOW}", charts.bars(rows)),) if rows else ()


def _fate_row(one: Mapping[str, Any], names: Sequence[str]) -> Cells:
    """A condition's or a family's faults by their ends, then what is counted apart of them."""
    whole = "levels" in one
    counted = one["faults"] if whole else one
    ends = {**counted["ends"], "alive": counted["alive_at_end"]} if whole else counted["ends"]
    apart = counted["unwitnessed"]["faults"] if whole else counted["unwitnessed"]
    cells = (*(ends[name] for name in names), sum(ends[name] for name in names), counted["residual"], apart)
    return (one["label"] if whole else one["family"], *(f"{count:,}" for count in cells))


def fates(summary: Mapping[str, Any]) -> Figure:
    """What ended the faults' lives, by condition and by family."""
    names = tuple(words.CAUSES)
    by_condition: list[Group] = [
        (key(one), one["label"], {**one["faults"]["ends"], "alive": one["faults"]["alive_at_end"]})
        for one in summary["conditions"]
    ]
    by_family: list[Group] = [
        (one["family"], one["family"], one["ends"]) for one in summary["families"] if one["faults"]
    ]
    panels: tuple[Panel, ...] = ()
    for title, groups in (("By condition", by_condition), ("By family", by_family)):
        rows = [row for group in groups for row in _parts(group, names, "end", words.CAUSES)]
        panels += _panel(title, f"What ended the faults, {title.lower()}", rows)
    legend = tuple((style.ink(f"end-{name}"), words.CAUSES[name]) for name in names)
    caption = (
        "Blues: caught by the screen. Amber: caught by review. Greys: removed by a change, or rejected "
        "with the candidate. Red: alive when last seen. Figures in the bars count faults that have a "
        "witness; the table counts the others apart, and those that the target's own unit tests do not see "
        "(residual)."
    )
    heads = ("condition or family", *(words.CAUSES[name] for name in names), "all", *APART)
    table = tuple(_fate_row(one, names) for one in (*summary["conditions"], *summary["families"]))
    return Figure("fates", "What ended the faults' lives", caption, panels, heads, table, legend)


def _effort_cells(one: Condition) -> Cells:
    own, left = one["oversight"], one["amplification"]["live_at_end"]
    return (
        one["label"],
        words.with_interval(own["hours_per_lineage"], words.plain),
        words.with_interval(left, words.plain),
        *(f"{own[name]:,}" for name in COUNTS),
        words.with_interval(own["seen_when_read"]),
        words.with_interval(own["false_alarm_rate"], words.plain),
    )


def _effort_point(one: Condition, color: str) -> dict[str, Any] | None:
    hours, left = one["oversight"]["hours_per_lineage"], one["amplification"]["live_at_end"]
    if hours["value"] is None or left["value"] is None:
        return None
    ends = ("value", "low", "high")
    x = dict(zip(("x", "x_low", "x_high"), rounded(hours, ends).values(), strict=True))
    y = dict(zip(("y", "y_low", "y_high"), rounded(left, ends).values(), strict=True))
    return {**x, **y, "key": key(one), "label": one["label"], "color": color}


def _chosen(found: Tuning | None) -> tuple[dict[int, str], set[int], str]:
    """Conditions on a frontier by their circumstance, the tuned ones, and that in a sentence."""
    if found is None:
        return {}, set(), ""
    table = found.table[found.table["frontier"].astype(bool)]
    frontier = dict(zip(table["condition"], table["circumstance"] + " ", strict=True))
    cheapest = {int(one.cheapest["condition"]) for one in found.answers if one.cheapest is not None}
    if not cheapest:
        return frontier, cheapest, f" No condition surely keeps the mean {promise(found)}."
    return frontier, cheapest, f" Ring: the cheapest condition that keeps the mean {promise(found)}."


def effort(summary: Mapping[str, Any], found: Tuning | None) -> Figure:
    """Review effort against residual flaws, with the frontier and the tuned point."""
    conditions = summary["conditions"]
    frontier, cheapest, told = _chosen(found)
    colors = [style.series(place, len(conditions)) for place in range(len(conditions))]
    points = [_effort_point(one, color) for one, color in zip(conditions, colors, strict=True)]
    rows = [
        {**point, "frontier": frontier.get(one["index"], ""), "chosen": one["index"] in cheapest}
        for one, point in zip(conditions, points, strict=True)
        if point is not None
    ]
    title = "Review effort against what remains"
    said = f"{title}: hours of review a lineage across, live faults at the end upwards. {BELOW}"
    spec = charts.scatter(rows, "reviewer hours a lineage", "live faults at the end") if rows else {}
    panels = (Panel("", said, spec),) if rows else ()
    caption = (
        "A point for each condition, with 95% intervals both ways. Lower is better, left is cheaper. Dashed: "
        f"the frontier, where nothing is both cheaper and better.{told} The command tune answers for other "
        "limits."
    )
    rates = ("seen when read", "false alarms in 100 lines")
    heads = ("condition", "hours a lineage", "live at end", *COUNTS.values(), *rates)
    return Figure("effort", title, caption, panels, heads, tuple(map(_effort_cells, conditions)))


def _reasons(evidence: Evidence, condition: int) -> str:
    """What ended the lineages that did not complete, each reason with its count."""
    found = Counter(
        f"{one.outcome.outcome}: {one.outcome.reason}"
        for one in evidence.of(condition)
        if one.outcome is not None and one.outcome.reason
    )
    return "; ".join(
        f"{reason} ({number})" if number > 1 else reason for reason, number in found.most_common()
    )


def _outcome_row(one: Condition, evidence: Evidence, names: Sequence[str]) -> Cells:
    counts, rates, refused = one["outcomes"], one["outcome_rates"], one["refused"]
    return (
        one["label"],
        *(f"{counts[name]:,}" for name in names),
        f"{sum(counts[name] for name in names):,}",
        *(words.with_interval(rates[name]) for name in rates),
        *(f"{refused[stage]:,}" for stage in refused),
        _reasons(evidence, one["index"]) or "–",
    )


def outcomes(summary: Mapping[str, Any], evidence: Evidence) -> Figure:
    """Outcomes of lineages, by condition."""
    conditions = summary["conditions"]
    names = tuple(conditions[0]["outcomes"]) if conditions else ()
    groups: list[Group] = [(key(one), one["label"], one["outcomes"]) for one in conditions]
    rows = [row for group in groups for row in _parts(group, names, "state", STATES)]
    title = "Outcomes of the lineages"
    panels = _panel("", f"{title} by condition", rows)
    used = [name for name in names if any(counts[name] for _, _, counts in groups)]
    legend = tuple((style.ink(f"state-{name}"), STATES.get(name, name)) for name in used)
    caption = (
        "Stalled: no candidate was accepted within the retries and budgets. Runaway: live faults, or inputs "
        "that deviate, reached the campaign's bound. The table has the rates of the lineages that ended, the "
        "candidates that were refused, and the reasons."
    )
    rates = ("share completed", "share stalled", "share runaway")
    refused = ("refused as unsound", "refused by the screen", "refused at a checkpoint")
    heads = ("condition", *(STATES.get(name, name) for name in names), "all", *rates, *refused, "reasons")
    table = tuple(_outcome_row(one, evidence, names) for one in conditions)
    return Figure("outcomes", title, caption, panels, heads, table, legend)

"""How faults multiply: live faults and blast radius over the generations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from reports import charts, style, words
from reports.figures.base import (
    BELOW,
    Cells,
    Condition,
    Figure,
    Line,
    Panel,
    drawn,
    key,
    rounded,
)  # fmt: skip

BLAST = {"inputs": "inputs", "entries": "entry points", "public": "public functions"}


def _each_lineage(generations: pd.DataFrame, condition: Condition) -> tuple[dict[str, Any], ...]:
    part = generations[generations["condition"] == condition["index"]]
    columns = (part[name].tolist() for name in ("generation", "live", "lineage"))
    return tuple(
        {"generation": generation, "mean": live, "key": f"l{lineage}"}
        for generation, live, lineage in zip(*columns, strict=True)
    )


def _live_rows(one: Condition) -> list[Cells]:
    return [
        (
            *(one["label"], str(row["generation"]), words.plain(row["mean"])),
            *(words.interval(row, words.plain), f"{row['least']}–{row['most']}", str(row["lineages"])),
        )
        for row in one["amplification"]["live"]
    ]


def live(summary: Mapping[str, Any], generations: pd.DataFrame) -> Figure:
    """Live faults by generation: the mean with its band, each lineage behind it."""
    conditions = summary["conditions"]
    title = "Live faults, by generation"
    lines = [
        Line(
            key(one),
            one["label"],
            style.series(place, len(conditions)),
            tuple(
                rounded(row, ("generation", "mean", "low", "high")) for row in one["amplification"]["live"]
            ),
            _each_lineage(generations, one),
        )
        for place, one in enumerate(conditions)
    ]
    tops = [point["high"] or 0 for line in lines for point in line.points]
    tops += [point["mean"] for line in lines for point in line.behind]
    options: dict[str, Any] = {"x": ("generation", "generation"), "y": ("mean", ""), "share": False}
    panels, shared = drawn(lines, title, step=False, top=1.05 * max([1.0, *tops]), **options)
    caption = (
        "Mean over lineages with its 95% interval; each lineage as a thin grey line. "
        "Faults without a witness are left out."
    )
    heads = ("condition", "generation", "mean", "interval", "least–most", "lineages")
    table = tuple(row for one in conditions for row in _live_rows(one))
    return Figure("live", title, caption, panels, heads, table, shared=shared)


def _growth_row(one: Condition) -> Cells:
    own = one["amplification"]
    return (
        one["label"],
        words.with_interval(own["R"], words.plain),
        words.with_interval(own["retention"]),
        words.with_interval(own["copying"], words.plain),
        words.with_interval(own["offspring_per_fault"], words.plain),
        words.with_interval(own["doubling"], words.plain),
        own["R"]["reason"],
    )


def growth(summary: Mapping[str, Any]) -> Figure:
    """R by condition, against 1."""
    conditions = summary["conditions"]
    title = "R: live faults that one live fault leaves in the next generation"
    rows = []
    for place, one in enumerate(conditions):
        estimate = one["amplification"]["R"]
        if estimate["value"] is not None:
            color = style.series(place, len(conditions))
            said = f"{words.with_interval(estimate, words.plain)} · n = {estimate['n']:,}"
            own = {"key": key(one), "label": one["label"], "color": color, "said": said}
            rows.append({**rounded(estimate, ("value", "low", "high")), **own})
    tops = [row["value"] for row in rows] + [min(row["high"] or 0, 2 * row["value"] + 1) for row in rows]
    told = f"{title}: a dot with its interval for each condition, a dashed line at 1. {BELOW}"
    spec = charts.dots(rows, "", top=1.05 * max([1.5, *tops]), share=False, line=1.0) if rows else {}
    panels = (Panel("", told, spec),) if rows else ()
    caption = (
        "Itself included, new seeding left out. Above 1 (dashed) live faults multiply unaided, below it they "
        "die out unless new ones come. Intervals over lineages, cut off where they are very wide; n: "
        "generations that live faults entered. The table has its parts, and the doubling time where R is "
        "surely above 1."
    )
    heads = ("condition", "R", "retention", "copying", "offspring a fault", "doubling time", "note")
    return Figure("growth", title, caption, panels, heads, tuple(map(_growth_row, conditions)))


def _blast_rows(one: Condition) -> list[Cells]:
    return [
        (
            *(one["label"], str(row["generation"]), BLAST[row["what"]], words.percent(row["share"])),
            *(words.interval(row), f"{row['n']:,}", str(row["lineages"])),
        )
        for row in one["amplification"]["blast"]
        if row["share"] is not None
    ]


def _blast_line(one: Condition, color: str) -> Line:
    points = tuple(
        rounded(row, ("generation", "share", "low", "high"))
        for row in one["amplification"]["blast"]
        if row["what"] == "inputs" and row["share"] is not None
    )
    return Line(key(one), one["label"], color, points)


def blast(summary: Mapping[str, Any]) -> Figure:
    """Blast radius by generation."""
    conditions = summary["conditions"]
    title = "Blast radius, by generation"
    lines = [_blast_line(one, style.series(place, len(conditions))) for place, one in enumerate(conditions)]
    shares = [point["share"] for line in lines for point in line.points]
    limits = [point["high"] for line in lines for point in line.points if point["high"] is not None]
    top = min(1.0, max([0.1, 2.5 * max(shares, default=0.0), 0.6 * max(limits, default=0.0)]))
    options: dict[str, Any] = {"x": ("generation", "generation"), "y": ("share", ""), "share": True}
    panels, shared = drawn(lines, title, step=False, top=top, **options)
    caption = (
        "Share of the differential inputs whose outcome deviates from the clean twin, with all live faults "
        "on. Bands: 95% intervals over lineages, cut off at the edge of the chart where they are very wide. "
        "The table has entry points and public functions too."
    )
    heads = ("condition", "generation", "of", "deviating", "interval", "compared", "lineages")
    table = tuple(row for one in conditions for row in _blast_rows(one))
    return Figure("blast", title, caption, panels, heads, table, shared=shared)

"""What a campaign cost: the time of reviewers, and the work of machines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from reports import charts, style, words
from reports.figures.base import BELOW, Cells, Figure, Panel, key

EXECUTIONS = ("executions", "spent_executions", "spent_examples", "truth_executions")


def _seconds(timings: pd.DataFrame, condition: int) -> dict[str, float]:
    part = timings[timings["condition"] == condition]
    return {str(stage): float(sum(group["seconds"])) for stage, group in part.groupby("stage", sort=True)}


def cost(summary: Mapping[str, Any], timings: pd.DataFrame) -> Figure:
    """Hours of review and CPU seconds of a lineage, by condition."""
    conditions = summary["conditions"]
    hours, seconds, table = [], [], []
    for place, one in enumerate(conditions):
        own, count = one["oversight"], max(1, one["lineages"])
        spent = _seconds(timings, one["index"])
        color = style.series(place, len(conditions))
        shared = {"key": key(one), "label": one["label"], "color": color}
        mean = own["hours_per_lineage"]
        if mean["value"] is not None:
            ends = {name: mean[name] for name in ("value", "low", "high")}
            hours.append({**shared, **ends, "said": words.with_interval(mean, words.plain)})
        stage = "screen" if "screen" in spent else "cpu"
        if stage in spent:
            each = spent[stage] / count
            seconds.append(
                {**shared, "value": each, "low": None, "high": None, "said": f"{words.plain(each)} s"}
            )
        table.append(_row(one, spent))
    panels = []
    for title, rows, unit in (
        ("Review", hours, "hours a lineage"),
        ("Screen", seconds, "seconds of tests and inputs a lineage"),
    ):
        if rows:
            told = f"{title}: {unit}, a dot for each condition. {BELOW}"
            panels.append(Panel(title, told, charts.dots(rows, unit, top=_top(rows), share=False)))
    caption = (
        "Executions are counted and the same in every run; seconds were measured on the machine of this run "
        "and differ from run to run. What the ground truth cost is no part of what oversight would cost. "
        "Nothing came from a cache: a run takes over no verdict of an earlier one, so there is no use of a "
        "cache to count. Within a generation each question is asked once, and a test that runs no code of a "
        "fault is not run again for it."
    )
    heads = (
        *("condition", "review hours", "lines read", "executions of the screen"),
        *("of refused candidates too", "Hypothesis examples", "executions in all"),
        *(
            "seconds of the screen",
            "seconds for the ground truth",
            "CPU seconds of the testbed",
            "wall seconds",
        ),
    )
    return Figure("cost", "What it cost", caption, tuple(panels), heads, tuple(table))


def _top(rows: list[dict[str, Any]]) -> float:
    return 1.05 * max([0.1, *(float(row["high"] or row["value"]) for row in rows)])


def _row(one: Mapping[str, Any], spent: Mapping[str, float]) -> Cells:
    own = one["oversight"]
    return (
        one["label"],
        words.plain(own["hours"]),
        f"{own['lines_read']:,}",
        *(f"{own[name]:,}" for name in EXECUTIONS),
        *(words.plain(spent.get(stage)) for stage in ("screen", "truth", "cpu", "wall")),
    )

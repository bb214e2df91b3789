"""Estimates of what nobody saw, beside the truth that this testbed has."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from reports import charts, style, words
from reports.figures.base import BELOW, Cells, Figure, Panel
from testbed.analysis import Evidence
from testbed.analysis.captures import captures, trials

LEAST, MOST = 0.1, 10.0  # ratios beyond these are drawn at the edge


def _known(value: Any) -> bool:
    return value is not None and not (isinstance(value, float) and math.isnan(value))


def _cells(row: Mapping[str, Any], label: str) -> Cells:
    value = float(row["value"]) if _known(row["value"]) else None
    low, high = (float(row[name]) if _known(row[name]) else None for name in ("low", "high"))
    shown = words.with_interval({"value": value, "low": low, "high": high}, words.plain)
    inside = "–"
    if low is not None:
        inside = "yes" if low <= row["truth"] <= (math.inf if high is None else high) else "no"
    return (
        str(row["estimator"]),
        label,
        shown,
        f"{row['truth']:,}",
        f"{row['seen']:,}",
        inside,
        str(row["reason"]),
    )


def _point(row: Mapping[str, Any], label: str, color: str) -> dict[str, Any] | None:
    if not _known(row["value"]):
        return None
    ratio = float(row["value"]) / row["truth"]
    return {
        "key": str(row["estimator"]),
        "label": str(row["estimator"]),
        "condition": label,
        "value": min(MOST, max(LEAST, ratio)),
        "said": f"{label}: {float(row['value']):,.0f} for {row['truth']:,}",
        "color": color,
    }


def unseen(evidence: Evidence) -> Figure | None:
    """Each estimator on the faults of each condition; None where nothing was ever examined."""
    table: pd.DataFrame = captures(evidence)
    if table.empty:
        return None
    found = trials(table, by=("condition",))
    labels = {one["index"]: label for one, label in zip(evidence.conditions, evidence.labels, strict=True)}
    places = {index: place for place, index in enumerate(labels)}
    points, rows = [], []
    for record in found.to_dict("records"):
        row = {str(name): value for name, value in record.items()}
        index = row["population"][0] if isinstance(row["population"], tuple) else row["population"]
        color = style.series(places[index], len(labels))
        rows.append(_cells(row, labels[index]))
        point = _point(row, labels[index], color)
        if point is not None:
            points.append(point)
    title = "Estimates of all faults, from those that were found, against the truth"
    told = f"{title}: for each estimator a dot for each condition, 1 being the truth. {BELOW}"
    panels = (Panel("", told, charts.ratios(points, (LEAST, MOST))),) if points else ()
    caption = (
        "Each estimator sees only which faults which oracle found, and says how many there are. A dot is its "
        "estimate divided by the true number; left of 1 it says too few. They assume that faults are equally "
        "easy to find, so where some can hardly be found they say too few."
    )
    heads = ("estimator", "condition", "estimate", "truth", "seen", "interval has the truth", "note")
    return Figure("unseen", title, caption, panels, heads, tuple(rows))

"""What makes faults be found sooner or later: hazard ratios."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from reports import charts, style, words
from reports.figures.base import BELOW, Cells, Figure, Panel
from testbed.analysis import Evidence
from testbed.analysis.labels import said, varying
from testbed.analysis.regression import TERMS, hazard_ratios, person_period

SPAN = (0.1, 10.0)  # ratios beyond these are drawn at the edge
ABOUT = {
    ("first_cycle", "True"): "in the cycle of its birth, against later ones",
    ("first_cycle", "False"): "after the cycle of its birth, against in it",
    ("log_cycle", ""): "2.7 times as old",
    ("reached", "True"): "run by some test or input",
    ("reached", "False"): "run by no test or input",
    ("clones", ""): "one site more",
    ("changed_lines", ""): "one line more in its diff",
}
SHORT = {
    "first_cycle": "birth",
    "log_cycle": "age",
    "reached": "reach",
    "clones": "sites",
    "changed_lines": "lines",
}
TERM = {"first_cycle": "cycle of its birth", "log_cycle": "age", "reached": "run by some test or input"}


def _known(value: Any) -> bool:
    return value is not None and not (isinstance(value, float) and math.isnan(value))


def _name(row: dict[str, Any], common: dict[str, str]) -> str:
    term, level = str(row["term"]), str(row["level"])
    if (term, level) in ABOUT:
        return ABOUT[term, level]
    if level:
        told = level if term == "family" else said(term, _number(level))
        return f"{told}, against {common.get(term, 'the most frequent')}"
    called = TERM.get(term) or term.rpartition(".")[2].replace("_", " ")
    return f"{called}, one more" if _known(row["ratio"]) else called


def _number(level: str) -> Any:
    try:
        return float(level)
    except ValueError:
        return level


def _cells(row: dict[str, Any], name: str) -> Cells:
    value, low, high = (float(row[part]) if _known(row[part]) else None for part in ("ratio", "low", "high"))
    shown = words.with_interval({"value": value, "low": low, "high": high}, words.plain)
    p = f"{float(row['p']):.2g}" if _known(row["p"]) else "–"
    return (
        name,
        shown,
        p,
        *(f"{int(row[part]):,}" for part in ("rows", "events", "clusters")),
        str(row["reason"]),
    )


def _short(row: dict[str, Any]) -> str:
    """What a narrow page calls a circumstance; unique among them."""
    term, level = str(row["term"]), str(row["level"])
    if term == "family":
        return level
    called = SHORT.get(term) or term.rpartition(".")[2].replace("_", " ")
    return called if term in SHORT or not level else f"{called} {level}"


def _dot(row: dict[str, Any], name: str) -> dict[str, Any]:
    parts = (("value", "ratio"), ("low", "low"), ("high", "high"))
    ends = {part: min(SPAN[1], max(SPAN[0], float(row[column]))) for part, column in parts}
    told = words.with_interval({"value": row["ratio"], "low": row["low"], "high": row["high"]}, words.plain)
    return {**ends, "key": _short(row), "label": name, "color": style.series(0, 1), "said": told}


def hazards(evidence: Evidence) -> Figure | None:
    """A ratio for each circumstance; None where no fault was followed."""
    rows = person_period(evidence)
    if rows.empty:
        return None
    terms = [*TERMS, *(name for name in varying(evidence.conditions) if name in rows)]
    table: pd.DataFrame = hazard_ratios(rows, terms)
    common = {term: str(rows[term].mode().iloc[0]) for term in terms}
    points, cells = [], []
    for record in table.to_dict("records"):
        row = {str(name): value for name, value in record.items()}
        name = _name(row, common)
        cells.append(_cells(row, name))
        if _known(row["ratio"]) and _known(row["low"]):
            points.append(_dot(row, name))
    title = "What makes a fault be found sooner"
    told = f"{title}: a hazard ratio with its interval for each circumstance, a dashed line at 1. {BELOW}"
    panels = (Panel("", told, charts.dots(points, "hazard ratio", span=SPAN, line=1.0)),) if points else ()
    caption = (
        "Hazard ratios of being found in a cycle, all circumstances taken together: right of 1 sooner, left "
        "of it later, so that the fault lives longer. A complementary log-log regression over faults and "
        "cycles with intervals over lineages. What it says of a circumstance that was not varied by the "
        "campaign is association, not effect."
    )
    heads = ("circumstance", "hazard ratio", "p", "fault cycles", "found", "lineages", "note")
    return Figure("hazards", title, caption, panels, heads, tuple(cells))

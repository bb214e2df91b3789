"""From when on a fault can no longer be taken out by reverting its own patch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from reports import charts, style, words
from reports.figures.base import BELOW, Cells, Figure, Panel, key, rounded
from reports.sources import Sources
from testbed.analysis import Estimate, Evidence
from testbed.analysis.no_return import irreversible, points
from testbed.errors import TestbedError

MOST = 300  # faults that are followed: each is merged with every generation that it lives in


def _part(evidence: Evidence) -> Evidence:
    """As many lineages, the same number of each condition, as have about `MOST` faults that passed."""
    taken, faults = 0, 0
    while faults < MOST and taken < max((one["lineages"] for one in evidence.conditions), default=0):
        faults += sum(
            len(made.escaped) for one in evidence.lineages if one.lineage == taken for made in one.generations
        )
        taken += 1
    return replace(evidence, lineages=tuple(one for one in evidence.lineages if one.lineage < taken))


def _row(label: str, one: Estimate, faults: int) -> Cells:
    return (label, words.with_interval(vars_of(one)), f"{faults:,}", str(one.clusters), one.reason)


def vars_of(one: Estimate) -> dict[str, Any]:
    """An estimate as the summary has it."""
    return {"value": one.value, "low": one.low, "high": one.high, "n": one.n}


def no_return(evidence: Evidence, summary: Mapping[str, Any], kept: Sources | None) -> Figure | None:
    """The share that cannot be reverted any more after k cycles; None where the sources are not there."""
    if kept is None:
        return None
    part = _part(evidence)
    try:
        table = points(part, kept.blob)
    except TestbedError:  # a ledger without sources still has a report
        return None
    if table.empty:
        return None
    conditions, k = summary["conditions"], summary["k"]
    rows, cells = [], []
    for place, one in enumerate(conditions):
        mine = table[table["condition"] == one["index"]]
        if mine.empty:
            continue
        found = irreversible(mine, k)
        cells.append(_row(one["label"], found, len(mine)))
        if found.value is not None:
            said = f"{words.with_interval(vars_of(found))} · n = {len(mine):,}"
            own = {"key": key(one), "label": one["label"], "color": style.series(place, len(conditions))}
            rows.append({**rounded(vars_of(found), ("value", "low", "high")), **own, "said": said})
    title = "Point of no return"
    about = f"share of the escaped faults that cannot be reverted after {words.count(k, 'cycle')}"
    told = f"{title}: {about}, a dot with its interval for each condition. {BELOW}"
    panels = (Panel("", told, charts.dots(rows, about, top=1.0)),) if rows else ()
    left = len(evidence.lineages) - len(part.lineages)
    some = f" Looked at in {len(part.lineages)} of {len(evidence.lineages)} lineages." if left else ""
    caption = (
        "A fault has passed it when reverting its own patch, merged three-way as git revert does, "
        "conflicts with what was built on it since. Ends of its life compete: what was caught before never "
        "passes it."
        f"{some}"
    )
    heads = (
        "condition",
        f"irreversible within {words.count(k, 'cycle')}",
        "faults followed",
        "lineages",
        "note",
    )
    return Figure("no-return", title, caption, panels, heads, tuple(cells))

"""What oversight spends on a generation, what its reviewers are worth, and how lineages end.

Functions take the frames of `frames.reviews`, `frames.generations` and `frames.lineages`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from testbed.analysis.estimates import (
    CONFIDENCE,
    Estimate,
    clopper_pearson,
    nothing,
    ratio,
)

OUTCOMES = ("completed", "stalled", "runaway")
_KEYS = ["condition", "lineage"]


def outcome_rates(lineages: pd.DataFrame, confidence: float = CONFIDENCE) -> dict[str, Estimate]:
    """The share of the lineages that have ended which ended in each way; a lineage is one trial."""
    ended = lineages[lineages["state"].isin(OUTCOMES)]["state"]
    return {outcome: _rate(int((ended == outcome).sum()), len(ended), confidence) for outcome in OUTCOMES}


def _rate(hits: int, n: int, confidence: float) -> Estimate:
    if not n:
        return nothing("no lineage has ended", confidence=confidence)
    low, high = clopper_pearson(hits, n, confidence)
    return Estimate(hits / n, low, high, n, n, confidence, "Clopper-Pearson")


def per_generation(generations: pd.DataFrame, column: str, confidence: float = CONFIDENCE) -> Estimate:
    """`column` ("hours", "executions", ...) for each accepted generation, refused candidates included."""
    groups = generations.groupby(_KEYS, sort=True)[column]
    spent = groups.sum().to_numpy(dtype=np.float64)
    made = np.array([len(part) for _, part in groups], dtype=np.float64)
    return ratio(spent, made, confidence=confidence, unit="generation")


def false_alarms(reviews: pd.DataFrame, confidence: float = CONFIDENCE) -> Estimate:
    """False alarms for each 100 lines read; `n` counts lines."""
    groups = reviews.groupby(_KEYS, sort=True)
    raised = groups["false_alarms"].sum().to_numpy(dtype=np.float64)
    read = groups["lines_read"].sum().to_numpy(dtype=np.float64)
    one = ratio(raised, read, confidence=confidence, unit="line was read")
    if one.value is None:
        return one
    low, high = (None if end is None else 100 * end for end in (one.low, one.high))
    return replace(one, value=100 * one.value, low=low, high=high)

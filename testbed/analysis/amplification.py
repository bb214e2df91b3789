"""How flaws multiply: live faults over the generations, copies, growth, blast radius, interaction.

All functions take the frame of `frames.generations`, usually of one condition.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from testbed.analysis.estimates import CONFIDENCE, Estimate, Floats, mean, nothing, ratio, share

BLAST = {
    "inputs": ("inputs_deviating", "inputs"),
    "entries": ("entries_deviating", "entries"),
    "public": ("public_deviating", "public"),
}
ENTERED = "fault lived into a further generation"
SPREAD = ("generation", "what", "share", "low", "high", "n", "lineages")
LIVE = ("generation", "mean", "low", "high", "lineages", "least", "most")


def _by_lineage(generations: pd.DataFrame, column: str) -> Floats:
    sums = generations.groupby(["condition", "lineage"], sort=True)[column].sum()
    return sums.to_numpy(dtype=np.float64)


def last(generations: pd.DataFrame) -> pd.DataFrame:
    """The last accepted generation of each lineage."""
    return generations.groupby(["condition", "lineage"], sort=True).tail(1)


def live(generations: pd.DataFrame, confidence: float = CONFIDENCE) -> pd.DataFrame:
    """Mean live faults per generation with its interval over the lineages that got so far (`LIVE`)."""
    rows = []
    for generation, group in generations.groupby("generation", sort=True):
        counts = group["live"].to_numpy(dtype=np.float64)
        one = mean(counts, counts=True, confidence=confidence)
        rows.append(
            (generation, one.value, one.low, one.high, len(counts), int(counts.min()), int(counts.max()))
        )
    return pd.DataFrame.from_records(rows, columns=list(LIVE))


def live_at_end(generations: pd.DataFrame, confidence: float = CONFIDENCE) -> Estimate:
    """Mean live faults in the last generation of each lineage, early ends included."""
    return mean(last(generations)["live"].to_numpy(dtype=np.float64), counts=True, confidence=confidence)


def growth(generations: pd.DataFrame, confidence: float = CONFIDENCE) -> Estimate:
    """R: live faults at a generation's end that were live at its start, or are copies made in it,
    for each one live at its start. New seeding is left out, so above 1 they multiply unaided."""
    return _growth(*_growth_parts(generations), confidence)


def _growth_parts(generations: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
    survivors, copies, entering = (
        _by_lineage(generations, name) for name in ("survivors", "copies", "entering")
    )
    return survivors, copies, entering


def _growth(survivors: Floats, copies: Floats, entering: Floats, confidence: float) -> Estimate:
    total = max(1.0, float(entering.sum()))
    stay, copied = float(survivors.sum()) / total, float(copies.sum()) / total
    least = (stay * (1 - stay) + copied) / total
    return ratio(survivors + copies, entering, least=least, confidence=confidence, unit=ENTERED)


def chance_of_growth(generations: pd.DataFrame) -> float | None:
    """How sure the data are that R > 1, from 0 to 1; None where R has no interval.

    It is the confidence of the one-sided interval that ends at 1, so it agrees with R's interval: above
    0.975 the lower limit at 95% is above 1.
    """
    parts = _growth_parts(generations)
    one = _growth(*parts, CONFIDENCE)
    if one.value is None or one.low is None or one.high is None:
        return None
    # Two-sided confidences of the interval that just reaches 1; below the first one quantiles round to 0.
    least, most = 1e-6, 1 - 1e-9
    for _ in range(40):
        middle = (least + most) / 2
        found = _growth(*parts, middle)
        assert found.low is not None
        assert found.high is not None
        least, most = (least, middle) if found.low <= 1 <= found.high else (middle, most)
    return (1 + least) / 2 if one.value > 1 else (1 - least) / 2


def retention(generations: pd.DataFrame, confidence: float = CONFIDENCE) -> Estimate:
    """The share of the faults live at a generation's start that are live at its end."""
    above, below = _by_lineage(generations, "survivors"), _by_lineage(generations, "entering")
    return _pooled_share(above, below, confidence, f"no {ENTERED}")


def copying(generations: pd.DataFrame, confidence: float = CONFIDENCE) -> Estimate:
    """Copies made in a generation and live at its end, for each fault live at its start."""
    copies, entering = _by_lineage(generations, "copies"), _by_lineage(generations, "entering")
    return ratio(copies, entering, confidence=confidence, unit=ENTERED)


def offspring(faults: pd.DataFrame, confidence: float = CONFIDENCE) -> Estimate:
    """Copies made of a fault while it was followed, for each fault (from `frames.faults`).

    A fault followed for longer had more time to be copied: compare conditions of equal length.
    """
    made = _by_lineage(faults, "offspring")
    groups = faults.groupby(["condition", "lineage"], sort=True)
    counted = np.array([len(group) for _, group in groups], dtype=np.float64)
    return ratio(made, counted, confidence=confidence, unit="faults")


def _pooled_share(above: Floats, below: Floats, confidence: float, reason: str) -> Estimate:
    used = below > 0
    above, below = above[used], below[used]
    total = float(below.sum())
    if total == 0:
        return nothing(reason, confidence=confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        left_out = (above.sum() - above) / (total - below)
    return share(float(above.sum()) / total, left_out, round(total), confidence=confidence)


def blast_radius(generations: pd.DataFrame, what: str = "inputs", confidence: float = CONFIDENCE) -> Estimate:
    """The share of differential inputs, entry points or public functions that deviate from the clean twin.

    Taken over all generations given; `n` counts the inputs (entry points, functions) compared. At 0 and 1
    each lineage counts as one trial, since inputs of one lineage are not independent of each other.
    """
    deviating, of = BLAST[what]
    above, below = _by_lineage(generations, deviating), _by_lineage(generations, of)
    used = below > 0
    above, below = above[used], below[used]
    total = float(below.sum())
    if total == 0:
        return nothing(f"no {what} were compared", confidence=confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        left_out = (above.sum() - above) / (total - below)
    value = float(above.sum()) / total
    return share(value, left_out, round(total), known=len(below), confidence=confidence)


def blast_by_generation(generations: pd.DataFrame, confidence: float = CONFIDENCE) -> pd.DataFrame:
    """The blast radius of each generation, for each of `BLAST` (columns as in `SPREAD`)."""
    rows = []
    for generation, group in generations.groupby("generation", sort=True):
        for what in BLAST:
            one = blast_radius(group, what, confidence)
            rows.append((generation, what, one.value, one.low, one.high, one.n, one.clusters))
    return pd.DataFrame.from_records(rows, columns=list(SPREAD))


def interaction(generations: pd.DataFrame, confidence: float = CONFIDENCE) -> Estimate:
    """Inputs that deviate with all live faults on, for each that deviates with one of them alone.

    Below 1: faults overlap or mask each other; above 1: together they break what none breaks alone.
    """
    together, parts = (
        _by_lineage(generations, "inputs_deviating"),
        _by_lineage(generations, "parts_deviating"),
    )
    return ratio(together, parts, confidence=confidence, unit="input deviated with a fault alone")


def doubling(growth_estimate: Estimate) -> Estimate:
    """Generations in which live faults double without new seeding; only where R is surely above 1."""
    one = growth_estimate
    if one.value is None or one.low is None or one.high is None or one.low <= 1:
        reason = one.reason or "R is not above 1 with confidence, so no doubling is claimed"
        return nothing(reason, one.n, one.clusters, one.confidence)
    value, low, high = (math.log(2) / math.log(r) for r in (one.value, one.high, one.low))
    return Estimate(value, low, high, one.n, one.clusters, one.confidence, "from R's interval")

"""How long faults live: Kaplan-Meier and Aalen-Johansen on cycles, with intervals over lineages.

Time is discrete: cycle 1 is the generation of the birth. All functions take the frame of
`frames.faults` (or a part of it: one condition, one family, the witnessed ones).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from testbed.analysis.estimates import (
    CONFIDENCE,
    ONE_LINEAGE,
    Estimate,
    Floats,
    bare,
    nothing,
    share,
)

CAUSES = ("unit", "property", "differential", "review", "overwritten", "rejected", "rollback")
INCIDENCE = ("cause", "cycle", "share", "low", "high", "n", "clusters", "reason")
CURVE = ("cycle", "at_risk", "ended", "censored", "share", "low", "high", "n", "clusters", "method", "reason")


@dataclass(frozen=True, slots=True, eq=False)
class LifeTable:
    """Counts by lineage and cycle; cycle k is column k - 1."""

    at_risk: npt.NDArray[np.int64]  # (lineages, cycles): faults that were seen through the cycle
    ended: npt.NDArray[np.int64]  # (causes, lineages, cycles)
    known: npt.NDArray[np.int64]  # (cycles,): faults of which it is known whether they outlived the cycle
    faults: int

    @property
    def clusters(self) -> int:
        """Lineages with at least one fault."""
        return int(self.at_risk.shape[0])


def life_table(faults: pd.DataFrame, cycles: int, causes: Sequence[str] = CAUSES) -> LifeTable:
    """Counts the faults' ends, by cause, and risks over the first `cycles` cycles."""
    groups = faults.groupby(["condition", "lineage"], sort=True)
    cluster = groups.ngroup().to_numpy(dtype=np.int64)
    time = faults["cycles"].to_numpy(dtype=np.int64)
    event = faults["event"].to_numpy(dtype=bool)
    cause = np.array([causes.index(name) if name else 0 for name in faults["cause"]], dtype=np.int64)
    at_risk = np.zeros((groups.ngroups, cycles), dtype=np.int64)
    ended = np.zeros((len(causes), groups.ngroups, cycles), dtype=np.int64)
    known = np.zeros(cycles, dtype=np.int64)
    for column in range(cycles):
        there = time >= column + 1
        np.add.at(at_risk[:, column], cluster[there], 1)
        now = event & (time == column + 1)
        np.add.at(ended[:, :, column], (cause[now], cluster[now]), 1)
        known[column] = int((there | event).sum())
    return LifeTable(at_risk, ended, known, len(faults))


def _alive(at_risk: Floats, ended: Floats) -> Floats:
    """Kaplan-Meier along the last axis; nan from the first cycle that nobody was seen through."""
    with np.errstate(divide="ignore", invalid="ignore"):
        stay = 1.0 - ended / at_risk
    extinct = np.cumsum(np.nan_to_num(stay, nan=1.0) == 0.0, axis=-1) > 0
    alive = np.cumprod(stay, axis=-1)
    return np.where(extinct, 0.0, alive)


def _whole(table: LifeTable) -> tuple[Floats, Floats]:
    return table.at_risk.sum(axis=0).astype(float), table.ended.sum(axis=1).astype(float)


def _without_each(table: LifeTable) -> tuple[Floats, Floats]:
    """The same counts with one lineage left out: (lineages, cycles) and (causes, lineages, cycles)."""
    at_risk, ended = _whole(table)
    return at_risk - table.at_risk, ended[:, None, :] - table.ended


def _curves(table: LifeTable) -> tuple[Floats, Floats]:
    at_risk, ended = _whole(table)
    fewer, fewer_ended = _without_each(table)
    return _alive(at_risk, ended.sum(axis=0)), _alive(fewer, fewer_ended.sum(axis=0))


def _incidences(at_risk: Floats, ended: Floats) -> Floats:
    """Aalen-Johansen by cause along the last axis: ended (causes, ..., cycles), at_risk (..., cycles)."""
    alive = _alive(at_risk, ended.sum(axis=0))
    before = np.concatenate([np.ones_like(alive[..., :1]), alive[..., :-1]], axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        hazard = ended / at_risk
    step = np.where(before == 0.0, 0.0, before * hazard)
    return np.cumsum(step, axis=-1)


def _beyond(k: int) -> str:
    return f"no fault was followed through cycle {k}"


def _estimate(values: Floats, left_out: Floats, table: LifeTable, column: int, confidence: float) -> Estimate:
    if np.isnan(values[column]):
        return nothing(_beyond(column + 1), table.faults, table.clusters, confidence)
    return share(
        float(values[column]),
        left_out[:, column],
        table.faults,
        known=int(table.known[column]),
        confidence=confidence,
    )


def share_alive(faults: pd.DataFrame, k: int, confidence: float = CONFIDENCE) -> Estimate:
    """S(k): the probability that a fault is alive after its first `k` cycles."""
    if faults.empty:
        return nothing("no faults", confidence=confidence)
    table = life_table(faults, k)
    return _estimate(*_curves(table), table, k - 1, confidence)


def curve(faults: pd.DataFrame, cycles: int, confidence: float = CONFIDENCE) -> pd.DataFrame:
    """S(0), ..., S(cycles) with pointwise intervals and the numbers at risk; columns as in `CURVE`."""
    if faults.empty:
        return pd.DataFrame(columns=list(CURVE))
    table = life_table(faults, cycles)
    values, left_out = _curves(table)
    at_risk, ended = _whole(table)
    time, event = faults["cycles"].to_numpy(), faults["event"].to_numpy(dtype=bool)
    rows: list[tuple[object, ...]] = [
        (0, table.faults, 0, 0, 1.0, 1.0, 1.0, table.faults, table.clusters, "by definition", "")
    ]
    for column in range(cycles):
        one = _estimate(values, left_out, table, column, confidence)
        gone = int(((time == column + 1) & ~event).sum())
        rows.append(
            (
                *(column + 1, int(at_risk[column]), int(ended[:, column].sum()), gone),
                *(one.value, one.low, one.high, one.n, one.clusters, one.method, one.reason),
            )
        )
    return pd.DataFrame.from_records(rows, columns=list(CURVE))


def incidence(
    faults: pd.DataFrame, k: int, confidence: float = CONFIDENCE, causes: Sequence[str] = CAUSES
) -> dict[str, Estimate]:
    """The share of faults that each cause ended within `k` cycles, the other causes competing."""
    if faults.empty:
        return {cause: nothing("no faults", confidence=confidence) for cause in causes}
    table = life_table(faults, k, causes)
    values = _incidences(*_whole(table))
    left_out = _incidences(*_without_each(table))
    return {
        cause: _estimate(values[index], left_out[index], table, k - 1, confidence)
        for index, cause in enumerate(causes)
    }


def incidence_curves(
    faults: pd.DataFrame,
    cycles: int,
    by: Sequence[str] = (),
    confidence: float = CONFIDENCE,
    causes: Sequence[str] = CAUSES,
) -> pd.DataFrame:
    """Aalen-Johansen: `incidence` after each cycle, for each group `by` (such as "family", "condition").

    Columns: those of `by`, then as in `INCIDENCE`. Causes that ended nothing in a group are left out.
    """
    groups = faults.groupby(list(by), sort=True) if by else [((), faults)]
    rows: list[tuple[object, ...]] = []
    for name, part in groups:
        if part.empty:
            continue
        table = life_table(part, cycles, causes)
        values, left_out = _incidences(*_whole(table)), _incidences(*_without_each(table))
        for index, cause in enumerate(causes):
            if not table.ended[index].any():
                continue
            for column in range(cycles):
                one = _estimate(values[index], left_out[index], table, column, confidence)
                found = (one.value, one.low, one.high, one.n, one.clusters, one.reason)
                rows.append((*name, cause, column + 1, *found))
    return pd.DataFrame.from_records(rows, columns=[*by, *INCIDENCE])


def restricted_mean(faults: pd.DataFrame, k: int, confidence: float = CONFIDENCE) -> Estimate:
    """The mean number of generation ends survived, of the first `k`: S(1) + ... + S(k)."""
    if faults.empty:
        return nothing("no faults", confidence=confidence)
    table = life_table(faults, k)
    curves, fewer = _curves(table)
    value, left_out = float(curves.sum()), fewer.sum(axis=1)
    if np.isnan(value):
        return nothing(_beyond(k), table.faults, table.clusters, confidence)
    if table.clusters < 2 or np.isnan(left_out).any():
        return bare(value, table.faults, table.clusters, confidence)
    weights = 2 * np.arange(1, k + 1) - 1  # the second moment of min(ends survived, k) is sum (2j - 1) S(j)
    least = (float(weights @ curves) - value**2) / table.faults / k**2
    known = int(table.known[k - 1])
    one = share(value / k, left_out / k, table.faults, known=known, least=least, confidence=confidence)
    if one.low is None or one.high is None:
        return bare(value, table.faults, table.clusters, confidence)
    return Estimate(value, k * one.low, k * one.high, one.n, one.clusters, confidence, one.method)


def median(faults: pd.DataFrame, cycles: int, confidence: float = CONFIDENCE) -> Estimate:
    """The first cycle after which at most half of the faults live, looked for in the first `cycles`.

    The interval holds the cycles at which the curve's pointwise interval contains one half
    (Brookmeyer and Crowley 1982); a side that is not reached is None, with the reason.
    """
    if faults.empty:
        return nothing("no faults", confidence=confidence)
    points = curve(faults, cycles, confidence).iloc[1:]
    n, clusters = len(faults), int(points["clusters"].iloc[0])

    def first(name: str) -> float | None:
        below = points[points[name].notna() & (points[name].astype(float) <= 0.5)]
        return None if below.empty else float(below["cycle"].iloc[0])

    value, low, high = first("share"), first("low"), first("high")
    reason = (
        "" if value is not None else f"more than half were alive as long as they were followed (<= {cycles})"
    )
    if value is not None and high is None:
        reason = ONE_LINEAGE if clusters < 2 else "the upper limit lies beyond what was followed"
    return Estimate(value, low, high, n, clusters, confidence, "Brookmeyer-Crowley", reason)

"""How deep and how often must one review? The least depth, and the cheapest policy, that keep a promise.

The promise is about the mean of the live faults after some generations: its upper bound must be under
a limit. Conditions that differ in what oversight and oracles do are policies to choose from; whatever
else varies (target, fault rate, modifier) is a circumstance, and each gets an answer of its own.

Picking the best of many bounds would break the promise more often than the confidence says. So each
policy is tested from its deepest level down, and the test stops at the first depth that fails (a fixed
sequence needs no correction); the policies of a circumstance share the error between them (Bonferroni).
Then no depth is promised wrongly with more than the stated chance, however many were tried.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from testbed.analysis import frames
from testbed.analysis.estimates import CONFIDENCE, Estimate, Floats, mean, rate_limits
from testbed.analysis.evidence import Evidence
from testbed.analysis.labels import flat, said, varying
from testbed.errors import UserError

DEPTH = "oversight.depth"
POLICY = ("oversight.", "oracles.")
RESIDUALS = ("condition", "lineage", "residual", "early", "hours", "executions")
TUNED = (
    "condition", "circumstance", "policy", "depth", "lineages", "early", "residual", "bound",
    "hours", "executions", "keeps", "frontier", "needed",
)  # fmt: skip
MOST_NEEDED = 1_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What to do in one circumstance: rows of the table, None where no policy keeps the limit.

    `hopeful` has a mean under the limit though its bound is not, costs less review than `cheapest`, and
    of all such rows takes the fewest lineages to tell.
    """

    circumstance: str
    least: Mapping[str, Any] | None
    cheapest: Mapping[str, Any] | None
    hopeful: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, eq=False)
class Tuning:
    """The conditions as `TUNED` rows, and an answer for each circumstance."""

    limit: float
    after: int
    confidence: float
    table: pd.DataFrame
    answers: tuple[Answer, ...]


def residuals(evidence: Evidence, after: int) -> pd.DataFrame:
    """Live witnessed faults of each lineage after `after` generations, and what was spent until then.

    A lineage that ended before (`early`) counts with what it had; one still under way is left out.
    """
    made = frames.generations(evidence)
    groups = dict(iter(made.groupby(["condition", "lineage"], sort=True)))
    rows = []
    for one in evidence.lineages:
        if one.outcome is None and one.last < after:
            continue
        part = groups.get((one.condition, one.lineage))
        until = made.iloc[:0] if part is None else part[part["generation"] <= after]
        live = int(until["live"].iloc[-1]) if len(until) else 0
        spent = float(until["hours"].sum()), int(until["executions"].sum())
        rows.append((one.condition, one.lineage, live, one.last < after, *spent))
    return pd.DataFrame.from_records(rows, columns=list(RESIDUALS))


def bound(counts: Floats, confidence: float) -> Estimate:
    """The mean of `counts` over lineages; `high` alone holds with `confidence`."""
    return mean(counts, counts=True, confidence=2 * confidence - 1)


def lineages_needed(counts: Floats, limit: float, confidence: float) -> int | None:
    """Lineages with which the bound would be under `limit` if they went on like these; None if never."""
    value = float(counts.mean()) if len(counts) else math.inf
    if value >= limit:
        return None
    if value == 0:
        return max(2, math.ceil(-math.log(1 - confidence) / limit))
    variance = max(float(counts.var(ddof=1)) if len(counts) > 1 else 0.0, value)

    def enough(n: int) -> bool:
        return rate_limits(value, variance / n, n, n, 2 * confidence - 1)[1] <= limit

    low, high = 1, 2
    while not enough(high):
        low, high = high, 2 * high
        if low > MOST_NEEDED:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _named(condition: dict[str, Any], names: list[str]) -> str:
    levels = flat(condition)
    return ", ".join(said(name, levels[name]) for name in names if name in levels)


def _rows(evidence: Evidence, after: int) -> pd.DataFrame:
    names = varying(evidence.conditions)
    policy = [name for name in names if name.startswith(POLICY) and name != DEPTH]
    around = [name for name in names if not name.startswith(POLICY)]
    found = residuals(evidence, after)
    rows = []
    for one in evidence.conditions:
        part = found[found["condition"] == one["index"]]
        rows.append(
            {
                "condition": one["index"],
                "circumstance": _named(one, around),
                "policy": _named(one, policy),
                "depth": float(one["oversight"]["depth"]),
                "lineages": len(part),
                "early": int(part["early"].astype(bool).sum()),
                "hours": float(part["hours"].mean()) if len(part) else math.nan,
                "executions": float(part["executions"].mean()) if len(part) else math.nan,
                "counts": part["residual"].to_numpy(dtype=np.float64),
            }
        )
    return pd.DataFrame(rows)


def judge(rows: pd.DataFrame, limit: float, confidence: float) -> pd.DataFrame:
    """The rows of one circumstance, their bounds, and which ones the sequence of tests lets pass.

    Each row has `policy`, `depth`, `hours` and `counts`: the residual faults of its lineages.
    """
    rows = rows.copy()
    shared = 1 - (1 - confidence) / rows["policy"].nunique()
    one_each = [bound(counts, shared) for counts in rows["counts"]]
    rows["residual"] = [one.value for one in one_each]
    rows["bound"] = [one.high for one in one_each]
    under = rows["bound"].astype(float) <= limit  # False where there is no bound
    needed = [lineages_needed(counts, limit, shared) for counts in rows["counts"]]
    rows["needed"] = pd.array(needed, dtype="Int64")
    rows["keeps"] = False
    for _, line in rows.groupby("policy", sort=False):
        deepest_first = line.sort_values("depth", ascending=False, kind="stable")
        # Equal depths stand or fall together, so that the order of writing does not decide.
        for _, level in deepest_first.groupby("depth", sort=False):
            if not under.loc[level.index].all():
                break
            rows.loc[level.index, "keeps"] = True
    rows["frontier"] = _frontier(rows)
    return rows


def _frontier(rows: pd.DataFrame) -> list[bool]:
    """Whether no other row has as few residual faults for less, or fewer for as little."""
    points = rows[["hours", "residual"]].to_numpy(dtype=np.float64)
    better = [
        ((points <= point).all(axis=1) & (points < point).any(axis=1)).any() or bool(np.isnan(point).any())
        for point in points
    ]
    return [not one for one in better]


def _first(rows: pd.DataFrame, order: list[str]) -> Mapping[str, Any] | None:
    if rows.empty:
        return None
    found = rows.sort_values(order, kind="stable").iloc[0]
    return {str(name): found[name] for name in TUNED}


def _answer(name: str, rows: pd.DataFrame, limit: float) -> Answer:
    cost = ["hours", "executions", "residual"]
    kept = rows[rows["keeps"]]
    cheapest = _first(kept, cost)
    open_ones = rows[~rows["keeps"] & (rows["residual"].astype(float) < limit) & rows["needed"].notna()]
    if cheapest is not None:
        open_ones = open_ones[open_ones["hours"] < cheapest["hours"]]
    return Answer(name, _first(kept, ["depth", *cost]), cheapest, _first(open_ones, ["needed", *cost]))


def tune(evidence: Evidence, limit: float = 1.0, after: int = 10, confidence: float = CONFIDENCE) -> Tuning:
    """The least depth and the cheapest policy that keep the mean of live faults after `after` generations
    at or under `limit`, with `confidence` for all that is promised in one circumstance together.

    Raises UserError where the campaign is too short for the question.
    """
    longest = max((one["generations"] for one in evidence.conditions), default=0)
    if any(one["generations"] < after for one in evidence.conditions):
        shortest = min(one["generations"] for one in evidence.conditions)
        raise UserError(
            f"the campaign has {shortest} generations" + (f" to {longest}" if longest > shortest else ""),
            where=f"after {after}",
            remedy=f"give --after {shortest} or fewer, or run longer lineages",
        )
    rows = _rows(evidence, after)
    parts, answers = [], []
    for name, part in rows.groupby("circumstance", sort=False):
        judged = judge(part, limit, confidence)
        parts.append(judged)
        answers.append(_answer(str(name), judged, limit))
    table = pd.concat(parts)[list(TUNED)].reset_index(drop=True)
    return Tuning(limit, after, confidence, table, tuple(answers))

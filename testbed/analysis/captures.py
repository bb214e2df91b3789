"""Who found which fault, and how good the estimates of what nobody found are: the truth is known here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from testbed.analysis import unseen
from testbed.analysis.estimates import CONFIDENCE, Estimate, clopper_pearson, nothing, ratio
from testbed.analysis.evidence import Evidence, LineageRecords

ORACLES = ("unit", "property", "differential")
CAPTURES = (
    "condition", "lineage", "fault", "family", "cycles", "followed", "caught",
    *ORACLES, "review", "sources", "hits",
)  # fmt: skip
TRIALS = ("estimator", "population", "truth", "value", "low", "high", "seen", "reason")
SCORES = (
    "estimator", "populations", "without", "truth", "seen", "bias", "covered", "covered_low", "covered_high",
)  # fmt: skip
DISCOVERIES = (
    "condition", "lineage", "generation", "once", "twice", "executions",
    "chance", "next_executions", "expected", "revealed",
)  # fmt: skip
LINEAGE = ("condition", "lineage")
PASSES = 3  # generations of a fault's life that count as passes of a removal estimate


def _rows(one: LineageRecords) -> Iterator[dict[str, Any]]:
    found: dict[int, set[str]] = {}
    hits: dict[int, int] = {}
    for rung in one.rungs:
        found.setdefault(rung.fault, set()).update(rung.revealed)
        hits[rung.fault] = hits.get(rung.fault, 0) + (rung.alone if rung.revealed else 0)
    for review in one.reviews:
        for finding in review.findings:
            if finding.fault in found:
                found[finding.fault].add("review")
    for birth in one.births:
        if birth.fault not in found or not birth.witnesses:
            continue
        end, by = one.ends.get(birth.fault), found[birth.fault]
        yield {
            "condition": one.condition,
            "lineage": one.lineage,
            "fault": birth.fault,
            "family": birth.family,
            "cycles": (end.generation if end else one.last) - birth.generation + 1,
            "followed": one.last - birth.generation + 1,
            "caught": end is not None and end.cause in (*ORACLES, "review"),
            **{oracle: oracle in by for oracle in ORACLES},
            "review": "review" in by,
            "sources": sum(oracle in by for oracle in ORACLES),
            "hits": hits[birth.fault],
        }


def captures(evidence: Evidence) -> pd.DataFrame:
    """One row for each witnessed fault of an accepted candidate, and who found it, in any generation.

    `sources` counts the oracles of the screen that found it. They look at the same candidate, so a
    fault can be found by several; a review sees only what the screen let through, so no fault is
    found by both, and review enters the removal estimate alone.
    """
    rows = [row for one in evidence.lineages for row in _rows(one)]
    return pd.DataFrame.from_records(rows, columns=list(CAPTURES))


def _pair(first: str, second: str) -> Callable[[pd.DataFrame, float], tuple[int, Estimate]]:
    def estimate(part: pd.DataFrame, confidence: float) -> tuple[int, Estimate]:
        one, other = part[first].to_numpy(dtype=bool), part[second].to_numpy(dtype=bool)
        both = int((one & other).sum())
        return len(part), unseen.lincoln_petersen(int(one.sum()), int(other.sum()), both, confidence)

    return estimate


def _by_sources(part: pd.DataFrame) -> tuple[np.ndarray[Any, np.dtype[np.int64]], int]:
    used = sum(bool(part[oracle].any()) for oracle in ORACLES)
    return part["sources"].to_numpy(dtype=np.int64), max(used, 1)


def _chao(part: pd.DataFrame, confidence: float) -> tuple[int, Estimate]:
    return len(part), unseen.chao(*_by_sources(part), confidence)


def _jackknife(order: int) -> Callable[[pd.DataFrame, float], tuple[int, Estimate]]:
    def estimate(part: pd.DataFrame, confidence: float) -> tuple[int, Estimate]:
        return len(part), unseen.jackknife(*_by_sources(part), order, confidence)

    return estimate


def _mills(part: pd.DataFrame, confidence: float) -> tuple[int, Estimate]:
    """Every second fault is taken for a seeded one, the rest for the unknown ones."""
    caught = part["caught"].to_numpy(dtype=bool)
    marked = np.arange(len(part)) % 2 == 0
    known, known_found = int(marked.sum()), int((marked & caught).sum())
    others = int((~marked & caught).sum())
    return len(part) - known, unseen.mills(known, known_found, others, confidence)


def _removal(part: pd.DataFrame, confidence: float) -> tuple[int, Estimate]:
    """Generations as passes: faults that were followed for `PASSES` of them, or caught within them."""
    part = part[part["followed"] >= PASSES]
    part = part[part["caught"].astype(bool) | (part["cycles"] >= PASSES)]
    times = part.loc[part["caught"].astype(bool), "cycles"]
    catches = [int((times == cycle).sum()) for cycle in range(1, PASSES + 1)]
    return len(part), unseen.removal(catches, confidence)


ESTIMATORS: dict[str, Callable[[pd.DataFrame, float], tuple[int, Estimate]]] = {
    **{f"Lincoln-Petersen {one}/{other}": _pair(one, other) for one, other in combinations(ORACLES, 2)},
    "Chao": _chao,
    "jackknife 1": _jackknife(1),
    "jackknife 2": _jackknife(2),
    "error seeding": _mills,
    "removal": _removal,
}
"""Name -> from a population's captures, how many faults there really were, and the estimate of it."""


def trials(table: pd.DataFrame, by: Sequence[str] = LINEAGE, confidence: float = CONFIDENCE) -> pd.DataFrame:
    """Every estimator on every population of `captures` (by default a lineage), beside the truth."""
    rows: list[tuple[Any, ...]] = []
    for name, part in table.groupby(list(by), sort=True):
        for estimator, function in ESTIMATORS.items():
            truth, one = function(part, confidence)
            if truth:
                rows.append((estimator, name, truth, one.value, one.low, one.high, one.n, one.reason))
    return pd.DataFrame.from_records(rows, columns=list(TRIALS))


def across(table: pd.DataFrame, confidence: float = CONFIDENCE) -> pd.DataFrame:
    """Error seeding with the faults of one family, to estimate those of each other one.

    The columns are those of `trials`, with the pair of families as the population: what error seeding
    is worth where the seeded faults are not like the others.
    """
    rows: list[tuple[Any, ...]] = []
    families = {str(name): part["caught"].to_numpy(dtype=bool) for name, part in table.groupby("family")}
    for seeded, known in families.items():
        for other, unknown in families.items():
            if other != seeded:
                one = unseen.mills(len(known), int(known.sum()), int(unknown.sum()), confidence)
                found = (one.value, one.low, one.high, one.n, one.reason)
                rows.append(("error seeding across", (seeded, other), len(unknown), *found))
    return pd.DataFrame.from_records(rows, columns=list(TRIALS))


def score(found: pd.DataFrame, confidence: float = CONFIDENCE) -> pd.DataFrame:
    """How good each estimator of `trials` is: one row each, as in `SCORES`.

    `without` populations gave no value. `bias` is the mean of value / truth - 1, `covered` the share
    of intervals that contain the truth (an open upper limit counts as infinite), with an exact interval.
    """
    rows = []
    for estimator, part in found.groupby("estimator", sort=False):
        given = part[part["value"].notna()]
        truth, value = given["truth"].to_numpy(dtype=float), given["value"].to_numpy(dtype=float)
        high = given["high"].astype(float).fillna(np.inf).to_numpy()
        inside = (given["low"].to_numpy(dtype=float) <= truth + 1e-9) & (truth <= high + 1e-9)
        n = len(given)
        low, top = clopper_pearson(float(inside.sum()), n, confidence) if n else (np.nan, np.nan)
        mean = [float(each.mean()) if n else np.nan for each in (truth, given["seen"].to_numpy(dtype=float))]
        bias = float((value / truth - 1).mean()) if n else np.nan
        covered = float(inside.mean()) if n else np.nan
        rows.append((estimator, n, len(part) - n, *mean, bias, covered, low, top))
    return pd.DataFrame.from_records(rows, columns=list(SCORES))


def _fixed_tests(evidence: Evidence, condition: int) -> int:
    """Unit tests that every screen of the condition executes: they draw no new inputs."""
    planned = {one["index"]: one for one in evidence.conditions}[condition]
    if not planned["oracles"]["unit"]:
        return 0
    name = str(planned["target"]["name"])
    known = [one for one in evidence.baselines if one.target == name] or list(evidence.baselines)
    return sum(info.oracle == "unit" for info in known[0].tests) if known else 0


def discoveries(evidence: Evidence, confidence: float = CONFIDENCE) -> pd.DataFrame:
    """Good-Turing's discovery chance in each generation, and what the next one really revealed.

    Executions are the property tests and differential inputs, whose inputs are drawn anew; a unit test
    is always the same. `expected` is the chance times the next generation's executions, `revealed` how
    often those hit a fault that had lived unrevealed until then.
    """
    rows: list[tuple[Any, ...]] = []
    for one in evidence.lineages:
        fixed = _fixed_tests(evidence, one.condition) if one.generations else 0
        anew: dict[int, dict[int, int]] = {}
        for rung in one.rungs:
            if rung.revealed and "unit" not in rung.revealed:
                anew.setdefault(rung.generation, {})[rung.fault] = rung.alone
        for now, then in zip(one.generations, one.generations[1:], strict=False):
            hits = np.array(list(anew.get(now.generation, {}).values()), dtype=np.int64)
            executions, later = max(now.executions - fixed, 0), max(then.executions - fixed, 0)
            chance = unseen.discovery(hits, executions, confidence).value or 0.0
            old = set(now.live)
            revealed = sum(n for fault, n in anew.get(then.generation, {}).items() if fault in old)
            once, twice = int((hits == 1).sum()), int((hits == 2).sum())
            place = (one.condition, one.lineage, now.generation, once, twice, executions)
            rows.append((*place, chance, later, chance * later, revealed))
    return pd.DataFrame.from_records(rows, columns=list(DISCOVERIES))


def discovery_bias(table: pd.DataFrame, confidence: float = CONFIDENCE) -> Estimate:
    """Expected over real revelations in the next generation, from `discoveries`; 1 is right."""
    sums = table.groupby(list(LINEAGE), sort=True)[["expected", "revealed"]].sum()
    # A lineage in which nothing was revealed counts too, with what was expected of it.
    real = np.maximum(sums["revealed"].to_numpy(dtype=np.float64), np.finfo(np.float64).tiny)
    expected = sums["expected"].to_numpy(dtype=np.float64)
    if not (sums["revealed"] > 0).any():
        return nothing("no old fault was revealed", 0, len(sums), confidence)
    return ratio(expected, real, confidence=confidence)

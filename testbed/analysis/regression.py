"""What makes faults live longer? A discrete-time hazard regression over faults and cycles.

Each fault gives one row for each cycle that it was seen through, and the chance that it is found in a
cycle is 1 - exp(-exp(x b)) (complementary log-log): exp(b) is a hazard ratio, above 1 for what makes a
fault be found sooner. Faults of one lineage share their code and their luck, so the errors come from
leaving out one lineage at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from testbed.analysis import frames
from testbed.analysis.estimates import CONFIDENCE, Floats
from testbed.analysis.evidence import Evidence
from testbed.analysis.labels import flat, varying

Counts = npt.NDArray[np.int64]

FOUND = ("unit", "property", "differential", "review")
TERMS = ("family", "first_cycle", "log_cycle", "reached", "clones", "changed_lines")
HAZARDS = ("term", "level", "ratio", "low", "high", "p", "rows", "events", "clusters", "reason")
TURNS = 60  # of Newton's method
SMALL = 1e-9


def person_period(evidence: Evidence, found: Sequence[str] = FOUND) -> pd.DataFrame:
    """One row for each witnessed fault and cycle that it entered; `ended` where it was `found` in it.

    Ends by other causes censor. `reached`: some test ran its code in that generation; `clones`: sites
    beyond the first, in that generation; `first_cycle` and `log_cycle` say its age; the campaign's
    factors stand beside under their names ("oversight.depth"). Faults of refused candidates are left out.
    """
    faults = frames.faults(evidence)
    faults = faults[faults["witnessed"].astype(bool) & (faults["cause"] != "rejected")]
    lived = faults["cycles"].to_numpy(dtype=np.int64)
    at = np.repeat(np.arange(len(faults)), lived)
    names = ["condition", "lineage", "fault", "family", "origin", "residual", "changed_lines", "birth"]
    rows = faults[names].iloc[at].reset_index(drop=True)
    cycle = np.concatenate([np.arange(1, number + 1) for number in lived]) if len(lived) else lived
    by = faults["cause"].isin(list(found)).to_numpy()
    rows["cycle"] = cycle
    rows["generation"] = rows["birth"].to_numpy(dtype=np.int64) + cycle - 1
    rows["ended"] = by[at] & (cycle == lived[at])
    rows["first_cycle"] = cycle == 1
    rows["log_cycle"] = np.log(cycle)
    ladder = frames.ladder(evidence)[["condition", "lineage", "fault", "generation", "reached", "sites"]]
    rows = rows.merge(ladder, on=["condition", "lineage", "fault", "generation"], how="left")
    rows["reached"] = rows["reached"].fillna(False).astype(bool)
    rows["clones"] = (rows["sites"].fillna(1) - 1).clip(lower=0).astype(np.int64)
    levels = {one["index"]: flat(one) for one in evidence.conditions}
    for name in varying(evidence.conditions):
        rows[name] = rows["condition"].map({index: _level(one.get(name)) for index, one in levels.items()})
    return rows.drop(columns=["birth", "sites"])


def _level(value: object) -> object:
    return "+".join(map(str, value)) if isinstance(value, list | tuple) else value


@dataclass(slots=True, eq=False)
class _Design:
    """The regressors, one column each; `used` are the rows in which all can be estimated."""

    columns: dict[tuple[str, str], Floats]  # by term and level
    left_out: list[tuple[str, str, str]]  # term, level, reason
    used: npt.NDArray[np.bool_]

    @property
    def x(self) -> Floats:
        """(rows, 1 + columns), the first one 1."""
        made = np.column_stack([np.ones(len(self.used)), *self.columns.values()])
        return np.asarray(made[self.used], dtype=np.float64)

    def drop(self, name: tuple[str, str], reason: str) -> None:
        """Leaves a column out."""
        del self.columns[name]
        self.left_out.append((*name, reason))


def _design(rows: pd.DataFrame, terms: Sequence[str]) -> _Design:
    """Numbers as they are, everything else as levels against the most frequent one."""
    made = _Design({}, [], np.ones(len(rows), dtype=bool))
    for term in terms:
        values = rows[term]
        if values.nunique() < 2:
            made.left_out.append((term, "", "it does not vary"))
        elif pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
            made.columns[term, ""] = values.to_numpy(dtype=np.float64)
        else:
            for level in values.value_counts().index[1:]:
                made.columns[term, str(level)] = (values == level).to_numpy(dtype=np.float64)
    _separate(made, rows["ended"].to_numpy(dtype=bool))
    return made


def _separate(made: _Design, ended: npt.NDArray[np.bool_]) -> None:
    """Leaves out levels, with their rows, of which none or each was found; that may leave others so."""
    again = True
    while again:
        again = False
        for name, column in list(made.columns.items()):
            is_it = made.used & (column == 1.0)
            if not name[1] or is_it.all():
                continue
            events = int((is_it & ended).sum())
            if not is_it.any():
                made.drop(name, "its faults are left out with others")
            elif events in (0, int(is_it.sum())):
                made.drop(name, "none of its faults was found" if events == 0 else "each was found at once")
                made.used &= ~is_it
                again = True


def _parts(x: Floats, y: Floats, beta: Floats) -> tuple[float, Floats, Floats]:
    """Log-likelihood, each row's score by its linear predictor, and each row's expected information."""
    rate = np.exp(np.clip(x @ beta, -30, 5))
    hazard = np.clip(-np.expm1(-rate), SMALL, 1 - SMALL)
    likelihood = float(y @ np.log(hazard) - (1 - y) @ rate)
    return likelihood, rate * (y - hazard) / hazard, rate**2 * (1 - hazard) / hazard


def _solve(x: Floats, y: Floats) -> Floats | None:
    """The coefficients of greatest likelihood; None where they run away."""
    beta = np.zeros(x.shape[1])
    beta[0] = np.log(-np.log1p(-np.clip(y.mean(), SMALL, 1 - SMALL)))
    before, score, weight = _parts(x, y, beta)
    for _ in range(TURNS):
        information = x.T @ (x * weight[:, None])
        if np.linalg.matrix_rank(information) < x.shape[1]:
            return None
        step = np.linalg.solve(information, x.T @ score)
        for _half in range(30):
            now, score, weight = _parts(x, y, beta + step)
            if now >= before - SMALL:
                break
            step = step / 2
        beta = beta + step
        if abs(now - before) < 1e-10 * (1 + abs(before)):
            return np.asarray(beta, dtype=np.float64) if np.abs(beta[1:]).max(initial=0) < 25 else None
        before = now
    return None


def _covariance(x: Floats, y: Floats, beta: Floats, cluster: Counts) -> Floats:
    """The jackknife over clusters, each left out by one step of Newton's method from the whole."""
    _, score, weight = _parts(x, y, beta)
    information = x.T @ (x * weight[:, None])
    number = int(cluster.max()) + 1
    shifts = np.zeros((number, x.shape[1]))
    for one in range(number):
        mine = cluster == one
        rest = information - x[mine].T @ (x[mine] * weight[mine, None])
        shifts[one] = np.linalg.pinv(rest) @ (x[mine].T @ score[mine])
    result: Floats = (number - 1) / number * shifts.T @ shifts
    return result


def hazard_ratios(
    rows: pd.DataFrame, terms: Sequence[str] = TERMS, confidence: float = CONFIDENCE
) -> pd.DataFrame:
    """The hazard ratio of each term, from the rows of `person_period`; columns as in `HAZARDS`.

    A number's ratio is for one more of it, a level's against the term's most frequent level. What can
    not be estimated has a `reason`. Intervals are t-intervals on as many degrees of freedom as there
    are lineages less one.
    """
    design = _design(rows, terms)
    part = rows[design.used]
    y = part["ended"].to_numpy(dtype=np.float64)
    cluster = np.asarray(part.groupby(["condition", "lineage"], sort=True).ngroup(), dtype=np.int64)
    clusters = int(cluster.max()) + 1 if len(cluster) else 0
    if clusters < 2 or not 0 < y.sum() < len(y):
        for name in list(design.columns):
            design.drop(name, "too few lineages or ends")
    counts = (len(part), int(y.sum()), clusters)
    made: list[tuple[object, ...]] = []
    if design.columns:
        beta = _solve(design.x, y)
        while beta is None and design.columns:
            design.drop(_culprit(design, y), "it can't be told apart from other terms")
            beta = _solve(design.x, y)
        if beta is not None and design.columns:
            made = _ratios(design, y, beta, cluster, counts, confidence)
    without = [(*one[:2], None, None, None, None, *counts, one[2]) for one in design.left_out]
    return pd.DataFrame.from_records([*made, *without], columns=list(HAZARDS))


def _culprit(design: _Design, y: Floats) -> tuple[str, str]:
    """The last column without which there is a solution, or else just the last one."""
    names = list(design.columns)
    for at in range(len(names), 0, -1):
        if _solve(np.delete(design.x, at, axis=1), y) is not None:
            return names[at - 1]
    return names[-1]


def _ratios(
    design: _Design, y: Floats, beta: Floats, cluster: Counts, counts: tuple[int, ...], confidence: float
) -> list[tuple[object, ...]]:
    clusters = counts[-1]
    error = np.sqrt(np.diag(_covariance(design.x, y, beta, cluster)))
    half = stats.t.ppf((1 + confidence) / 2, clusters - 1) * error
    p = 2 * stats.t.sf(np.abs(beta) / np.maximum(error, SMALL), clusters - 1)
    made: list[tuple[object, ...]] = []
    for at, name in enumerate(design.columns, start=1):
        low, ratio, high = (
            float(np.exp(np.clip(beta[at] + s, -300, 300))) for s in (-half[at], 0.0, half[at])
        )
        made.append((*name, ratio, low, high, float(p[at]), *counts, ""))
    return made

"""An estimate with its interval, and the ways to make one where lineages are the independent units."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

Floats = npt.NDArray[np.float64]

CONFIDENCE = 0.95
ONE_LINEAGE = "one lineage: nothing to tell its luck from the condition by"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its interval, or None with the `reason` why the data do not give one.

    `n` counts what was observed (faults, generations, ...), `clusters` the lineages they came from.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    clusters: int
    confidence: float = CONFIDENCE
    method: str = ""
    reason: str = ""


def nothing(reason: str, n: int = 0, clusters: int = 0, confidence: float = CONFIDENCE) -> Estimate:
    """No value at all."""
    return Estimate(None, None, None, n, clusters, confidence, "none", reason)


def bare(value: float, n: int, clusters: int, confidence: float, reason: str = ONE_LINEAGE) -> Estimate:
    """A value without an interval."""
    return Estimate(value, None, None, n, clusters, confidence, "none", reason)


def quantile(confidence: float, clusters: int) -> float:
    """Student's t for a two-sided interval on `clusters` - 1 degrees of freedom."""
    return float(stats.t.ppf((1 + confidence) / 2, clusters - 1))


def jackknife(value: float, left_out: Floats) -> float:
    """The variance of `value` from its recomputations with one lineage left out each, shape (lineages,)."""
    clusters = len(left_out)
    return float((clusters - 1) / clusters * np.sum((left_out - value) ** 2))


def clopper_pearson(hits: float, n: float, confidence: float) -> tuple[float, float]:
    """The exact binomial interval, continued to fractional `hits` and `n` (Korn and Graubard 1998)."""
    tail = (1 - confidence) / 2
    low = 0.0 if hits <= 0 else float(stats.beta.ppf(tail, hits, n - hits + 1))
    high = 1.0 if hits >= n else float(stats.beta.ppf(1 - tail, hits + 1, n - hits))
    return low, high


def _effective(value: float, variance: float, edge: int) -> float:
    """How many independent trials would have that variance; at 0 and 1, where none is seen, `edge`."""
    return value * (1 - value) / variance if variance > 0 else edge


def _korn_graubard(
    value: float, size: float, n: int, clusters: int, confidence: float
) -> tuple[float, float]:
    """Clopper-Pearson on the effective size, shrunk for the few degrees of freedom of the clusters.

    Few events do not show how unlike the lineages are: a correlation of `ALIKE` within them is assumed
    where less is seen.
    """
    penalty = quantile(confidence, max(n, 2)) / quantile(confidence, clusters)
    assumed = n / (1 + (n / clusters - 1) * ALIKE)
    shrunk = min(size, assumed) * min(1.0, penalty**2)
    return clopper_pearson(value * shrunk, shrunk, confidence)


def _log_log(value: float, variance: float, clusters: int, confidence: float) -> tuple[float, float]:
    """A t-interval for log(-log(value)), taken back."""
    half = quantile(confidence, clusters) * math.sqrt(variance) / (value * -math.log(value))
    power = math.exp(min(half, 700.0))
    return value**power, value ** (1 / power)


ALIKE = 0.05  # correlation of faults within a lineage, assumed at least where few events tell
FEW = 5.0  # fewer effective events or non-events than this: the edge method


def _floor(least: float, usual: float) -> float:
    """`least`, or `usual` where that is no more than the rounding of a zero."""
    return least if least > usual * 1e-9 else usual


def share(
    value: float,
    left_out: Floats,
    n: int,
    *,
    known: int | None = None,
    least: float = 0.0,
    confidence: float = CONFIDENCE,
) -> Estimate:
    """A share in [0, 1] of `n` faults in `len(left_out)` lineages.

    `left_out` are its values with one lineage left out each (nan where that leaves nothing to
    estimate from); `known` is how many faults' answers are known, where censoring hides some;
    `least` is the variance if the faults were independent, a binomial share's where it is 0.
    """
    clusters = len(left_out)
    if clusters < 2 or bool(np.isnan(left_out).any()):
        return bare(value, n, clusters, confidence)
    variance = max(jackknife(value, left_out), _floor(least, value * (1 - value) / n))
    size = _effective(value, variance, n if known is None else known)
    if min(value, 1 - value) * size < FEW:
        low, high = _korn_graubard(value, size, n, clusters, confidence)
        method = "Korn-Graubard"
    else:
        low, high = _log_log(value, variance, clusters, confidence)
        method = "jackknife, complementary log-log"
    return Estimate(value, max(0.0, low), min(1.0, high), n, clusters, confidence, method)


def proportion(
    above: Floats,
    below: Floats,
    *,
    reason: str,
    by_lineage: bool = False,
    confidence: float = CONFIDENCE,
) -> Estimate:
    """sum(above) / sum(below) of counts by lineage, shape (lineages,): a share, which never exceeds 1.

    Lineages without anything below are left out; `reason` says why there is nothing where all are. `n` is
    sum(below). With `by_lineage` each lineage counts as one trial where the share is 0 or 1.
    """
    used = below > 0
    above, below = above[used], below[used]
    if not len(below):
        return nothing(reason, confidence=confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        left_out = (above.sum() - above) / (below.sum() - below)
    value = min(1.0, float(above.sum() / below.sum()))
    known = len(below) if by_lineage else None
    return share(value, left_out, round(below.sum()), known=known, confidence=confidence)


def poisson(hits: float, exposure: float, confidence: float) -> tuple[float, float]:
    """The exact interval (Garwood 1936) of a Poisson rate, continued to fractional counts."""
    tail = (1 - confidence) / 2
    low = 0.0 if hits <= 0 else float(stats.gamma.ppf(tail, hits))
    return low / exposure, float(stats.gamma.ppf(1 - tail, hits + 1)) / exposure


def ratio(
    above: Floats,
    below: Floats,
    *,
    least: float = 0.0,
    confidence: float = CONFIDENCE,
    unit: str = "exposure",
) -> Estimate:
    """sum(above) / sum(below) of counts by lineage, shape (lineages,): a rate without an upper bound.

    `n` is sum(below); `least` is the variance if what is counted were independent, where it is 0
    Poisson's. The interval is a jackknife t-interval on the log scale, or Garwood's with the
    effective count where events are few.
    """
    used = below > 0
    above, below = above[used], below[used]
    clusters, total = len(below), float(below.sum())
    n = round(total)
    if clusters == 0:
        return nothing(f"no {unit}", confidence=confidence)
    value = float(above.sum()) / total
    if clusters < 2:
        return bare(value, n, clusters, confidence)
    left_out = (above.sum() - above) / (total - below)
    variance = max(jackknife(value, left_out), _floor(least, value / total))
    low, high, method = rate_limits(value, variance, total, clusters, confidence)
    return Estimate(value, low, high, n, clusters, confidence, method)


def rate_limits(
    value: float, variance: float, exposure: float, clusters: int, confidence: float
) -> tuple[float, float, str]:
    """The limits of a rate with that variance, and how they were made.

    On the log scale, since rates are skewed; where events are few, Garwood's for the effective count.
    """
    hits = value**2 / variance if value else 0.0
    if hits < FEW:
        penalty = (quantile(confidence, max(round(exposure), 2)) / quantile(confidence, clusters)) ** 2
        penalty = min(1.0, penalty)
        hits *= penalty
        seen = hits / value if value else exposure * penalty
        return *poisson(hits, seen, confidence), "Garwood, effective count"
    half = quantile(confidence, clusters) * math.sqrt(variance) / value
    return value * math.exp(-half), value * math.exp(half), "jackknife, log"


def mean(values: Floats, *, counts: bool = False, confidence: float = CONFIDENCE) -> Estimate:
    """The mean over lineages of values >= 0, shape (lineages,), with a t-interval cut off at 0.

    For `counts` it is a rate for one lineage, with its interval and at least Poisson's variance: counts
    are skewed, and a few equal ones must not look certain.
    """
    clusters = len(values)
    if clusters == 0:
        return nothing("no lineage", confidence=confidence)
    value = float(values.mean())
    if clusters < 2:
        return bare(value, clusters, clusters, confidence)
    if counts:
        return ratio(values, np.ones(clusters), confidence=confidence, unit="lineage")
    half = quantile(confidence, clusters) * math.sqrt(float(values.var(ddof=1)) / clusters)
    low, high = max(0.0, value - half), value + half
    return Estimate(value, low, high, clusters, clusters, confidence, "t over lineages")


def difference(first: Estimate, second: Estimate) -> Estimate:
    """second - first for independent estimates, its interval made from theirs (MOVER, Newcombe 1998)."""
    n, clusters = first.n + second.n, first.clusters + second.clusters
    if first.value is None or second.value is None:
        return nothing(first.reason or second.reason, n, clusters, first.confidence)
    value = second.value - first.value
    if first.low is None or first.high is None or second.low is None or second.high is None:
        return bare(value, n, clusters, first.confidence, first.reason or second.reason)
    low = value - math.hypot(second.value - second.low, first.high - first.value)
    high = value + math.hypot(second.high - second.value, first.value - first.low)
    return Estimate(value, low, high, n, clusters, first.confidence, "from both intervals (MOVER)")

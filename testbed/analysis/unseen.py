"""How many faults did nobody see? Estimates that need no ground truth, from who found which.

All take plain counts, so they serve any record of findings. An `Estimate`'s `n` is what was seen and
its `clusters` the sources or occasions. Every one assumes that the faults are alike enough: where some
can hardly be found at all, they say too few (Briand et al. 2000), so read them as lower bounds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from scipy import optimize, special, stats

from testbed.analysis.estimates import CONFIDENCE, Estimate, Floats, nothing, poisson

Counts = npt.NDArray[np.int64]

MOST_UNSEEN = 1e4  # unseen faults for each one seen, beyond which no limit is looked for


def _normal(confidence: float) -> float:
    return float(stats.norm.ppf((1 + confidence) / 2))


def _logit_limits(only_first: float, only_second: float, both: float, z: float) -> tuple[float, float]:
    """Limits of the number that neither source found (Sadinle 2009), half a fault added to each cell."""
    a, b, c = only_first + 0.5, only_second + 0.5, both + 0.5
    middle = a * b / c
    spread = math.exp(z * math.sqrt(1 / a + 1 / b + 1 / c + c / (a * b)))
    return middle / spread - 0.5, middle * spread - 0.5


def lincoln_petersen(first: int, second: int, both: int, confidence: float = CONFIDENCE) -> Estimate:
    """All faults, from those that two independent sources found, with Chapman's correction (1951).

    The interval is Sadinle's transformed logit one (2009), which holds for small numbers.
    """
    seen = first + second - both
    if first == 0 or second == 0:
        return nothing("a source found no fault", seen, 2, confidence)
    value = (first + 1) * (second + 1) / (both + 1) - 1
    low, high = _logit_limits(first - both, second - both, both, _normal(confidence))
    return Estimate(value, seen + max(0.0, low), seen + high, seen, 2, confidence, "Chapman; Sadinle's logit")


def mills(seeded: int, seeded_found: int, found: int, confidence: float = CONFIDENCE) -> Estimate:
    """All other faults, from `found` of them and from how many of the `seeded` ones were found.

    It needs seeded faults that are as easy to find as the others; the detection of the seeded ones is
    the mark, so Chapman's correction and Sadinle's interval apply.
    """
    if seeded == 0:
        return nothing("no seeded fault", found, 1, confidence)
    value = (seeded + 1) * (found + seeded_found + 1) / (seeded_found + 1) - 1 - seeded
    low, high = _logit_limits(seeded - seeded_found, found, seeded_found, _normal(confidence))
    method = "error seeding; Sadinle's logit"
    return Estimate(value, found + max(0.0, low), found + high, found, 1, confidence, method)


def frequencies(hits: Counts, most: int = 3) -> tuple[int, ...]:
    """(f0, f1, ..., f`most`): how many faults were found by that many sources."""
    return tuple(int((hits == times).sum()) for times in range(most + 1))


def _log_limits(seen: float, missing: float, variance: float, z: float) -> tuple[float, float]:
    """Limits of the total whose unseen part is log-normal (Chao 1987)."""
    factor = math.exp(z * math.sqrt(math.log1p(variance / missing**2)))
    return seen + missing / factor, seen + missing * factor


def _none_once(hits: Counts, z: float) -> tuple[float, float]:
    """Limits where no fault was found just once: perhaps none is left, or what chance leaves unseen."""
    seen = len(hits)
    unseen = math.exp(-float(hits.sum()) / seen)
    chance = np.exp(-hits.astype(np.float64))
    variance = float((chance * (1 - chance)).sum() - (hits * chance).sum() ** 2 / hits.sum())
    half = z * math.sqrt(max(variance, 0.0)) / (1 - unseen)
    return float(seen), seen / (1 - unseen) + half


def chao(hits: Counts, sources: int, confidence: float = CONFIDENCE) -> Estimate:
    """Chao's lower bound (Chao2, bias-corrected), from how many of the `sources` found each fault.

    `hits` has one number for each fault that any source found, shape (faults,).
    """
    hits = hits[hits > 0]
    if sources < 2 or not len(hits):
        reason = "needs 2 sources" if sources < 2 else "no fault was found"
        return nothing(reason, len(hits), sources, confidence)
    _, once, twice, _ = frequencies(hits)
    share = (sources - 1) / sources
    missing = share * once * (once - 1) / (2 * (twice + 1))
    z, seen = _normal(confidence), len(hits)
    if missing == 0:
        low, high = _none_once(hits, z)
    else:
        variance = missing
        variance += share**2 * once * (2 * once - 1) ** 2 / (4 * (twice + 1) ** 2)
        variance += share**2 * once**2 * twice * (once - 1) ** 2 / (4 * (twice + 1) ** 4)
        low, high = _log_limits(seen, missing, variance, z)
    return Estimate(seen + missing, low, high, seen, sources, confidence, "Chao2; log-normal unseen part")


def jackknife(hits: Counts, sources: int, order: int = 1, confidence: float = CONFIDENCE) -> Estimate:
    """Burnham and Overton's jackknife (1978) of order 1 or 2, made for faults of unlike detectability."""
    hits = hits[hits > 0]
    if sources < order + 1:
        return nothing(f"needs {order + 1} sources", len(hits), sources, confidence)
    if not len(hits):
        return nothing("no fault was found", 0, sources, confidence)
    _, once, twice, _ = frequencies(hits)
    k, seen = sources, len(hits)
    if order == 1:
        weights = (1 + (k - 1) / k, 1.0)
    else:
        weights = (1 + (2 * k - 3) / k, 1 - (k - 2) ** 2 / (k * (k - 1)))
    counts = (once, twice)
    value = seen - once - twice + weights[0] * once + weights[1] * twice
    squares = seen - once - twice + sum(w * w * f for w, f in zip(weights, counts, strict=True))
    variance, missing = squares - value, value - seen
    z = _normal(confidence)
    if missing > 0 and variance > 0:
        low, high = _log_limits(seen, missing, variance, z)
    else:
        low, high = _none_once(hits, z)
        value, high = max(value, float(seen)), max(high, value)
    method = f"jackknife of order {order}; log-normal unseen part"
    return Estimate(value, low, high, seen, sources, confidence, method)


def _removal_profile(caught: Floats) -> Callable[[float], float]:
    """log(1 + unseen faults) -> the log-likelihood, each total with its own best chance of being caught."""
    passes, seen = len(caught), float(caught.sum())
    missed = float(caught @ np.arange(passes))

    def profile(size: float) -> float:
        unseen = math.expm1(size)
        tries = seen + missed + passes * unseen
        ways = math.lgamma(seen + unseen + 1) - math.lgamma(unseen + 1)
        return ways + float(special.xlogy(seen, seen / tries) + special.xlog1py(tries - seen, -seen / tries))

    return profile


def removal(catches: Sequence[int], confidence: float = CONFIDENCE) -> Estimate:
    """All faults, from how many each pass over the same code took out (Zippin 1956).

    This is what a screen followed by reviews, or generation after generation, gives: what is found is
    mended and can't be found again. Passes are taken to be equally hard. The limits are those of the
    profile likelihood.
    """
    caught = np.asarray(catches, dtype=np.float64)
    seen, passes = int(caught.sum()), len(caught)
    if passes < 2 or seen == 0:
        return nothing("needs two passes" if passes < 2 else "no fault was found", seen, passes, confidence)
    profile = _removal_profile(caught)
    most = math.log1p(MOST_UNSEEN * seen)
    best = float(optimize.minimize_scalar(lambda size: -profile(size), bounds=(0, most), method="bounded").x)
    if profile(0.0) >= profile(best):
        best = 0.0
    floor = profile(best) - _normal(confidence) ** 2 / 2

    def crossing(start: float, end: float) -> float:
        return float(optimize.brentq(lambda size: profile(size) - floor, start, end))

    low = seen + math.expm1(crossing(0.0, best)) if profile(0.0) < floor else float(seen)
    if profile(most) >= floor:
        reason = "catches fall too little from pass to pass to say how much is left"
        value = (
            None if float(caught @ np.arange(passes)) / seen >= (passes - 1) / 2 else seen + math.expm1(best)
        )
        return Estimate(value, low, None, seen, passes, confidence, "removal; profile likelihood", reason)
    high = seen + math.expm1(crossing(best, most))
    value = seen + math.expm1(best)
    return Estimate(value, low, high, seen, passes, confidence, "removal; profile likelihood")


def discovery(hits: Counts, executions: int, confidence: float = CONFIDENCE) -> Estimate:
    """The chance that one more execution reveals a fault that none has revealed yet (Good-Turing).

    `hits` has, for each fault revealed, how many of the `executions` revealed it. Faults found once
    stand for those not found yet. The interval has Esty's variance (1983), as an effective Poisson
    count.
    """
    hits = hits[hits > 0]
    if executions <= 0:
        return nothing("nothing was executed", confidence=confidence)
    _, once, twice, _ = frequencies(hits)
    value = once / executions
    variance = (once * (1 - value) + 2 * twice) / executions**2
    count = value**2 / variance if once else 0.0
    exposure = count / value if once else float(executions)
    low, high = poisson(count, exposure, confidence)
    return Estimate(
        value, low, min(1.0, high), len(hits), executions, confidence, "Good-Turing; effective count"
    )

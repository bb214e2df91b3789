"""What a campaign says of arrivals, detection and copying, as parameters that a simulation can use.

Detection is fitted for each class of faults (its family) with heterogeneity inside the class: a fault's
chance of ending in a cycle after its first is drawn once, from a Beta distribution, so that lifetimes
are beta-geometric. An average chance would forget the faults that are hard to find, which are the ones
that stay.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import optimize, special

from testbed.analysis import frames
from testbed.analysis.estimates import Floats
from testbed.analysis.evidence import Evidence, LineageRecords

LEAST = 1e-4  # all chances below this are one bin
# Between these lie the chances of detection that a fitted distribution is reduced to.
EDGES = np.concatenate([[0.0], np.geomspace(LEAST, 0.1, 9), np.linspace(0.1, 1.0, 11)[1:]])
# Weak beliefs that decide only where the data say little: about the chance of a cycle of the campaign's
# faults taken together, and about how far a family may be from that.
CHANCE = (math.log(0.1 / 0.9), 2.0)  # mean and deviation of the logit of the mean chance
WEIGHT = (math.log(12.0), 2.0)  # of the log of a + b: small is unlike, large is alike
APART = 1.0  # deviation of a family's logit from that of all


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """Counts by lineage of one condition: what a fit needs, so that lineages can be resampled."""

    families: tuple[str, ...]
    generations: Floats  # (lineages,)
    arrived: Floats  # (lineages, families): seeded faults that passed the checks of their birth
    at_risk: Floats  # (lineages, families, cycles): faults followed through cycle 2, 3, ...
    ended: Floats  # the same shape: ended in it
    entering: Floats  # (lineages,): live faults at the starts of generations
    copies: Floats  # (lineages,): copies made and live at the end of their generation

    def of(self, lineages: npt.NDArray[np.int64]) -> Observed:
        """These lineages only, one as often as it is named."""
        parts = {name: getattr(self, name)[lineages] for name in self.__slots__[1:]}
        return replace(self, **parts)


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """One set of parameters. Rates are for a lineage and generation."""

    families: tuple[str, ...]
    arrivals: Floats  # (families,)
    shapes: Floats  # (families, 2): a and b of the Beta distribution of the chances
    copying: float  # copies, live at the end of their generation, of one live fault
    spread: float  # squared coefficient of variation of the arrivals between lineages


@dataclass(frozen=True, slots=True, eq=False)
class Chances:
    """The Beta distributions of a fit, reduced to the same few chances for all families."""

    p: Floats  # (bins,)
    weights: Floats  # (families, bins): how much of a family has that chance


def observe(evidence: Evidence, condition: int) -> Observed:
    """The counts of one condition, witnessed faults only."""
    table = frames.faults(evidence)
    table = table[(table["condition"] == condition) & table["witnessed"].astype(bool)]
    made = frames.generations(evidence)
    made = made[made["condition"] == condition]
    families = tuple(sorted(str(name) for name in table["family"].unique()))
    lineages = [one for one in evidence.of(condition) if one.generations]
    place = {one.lineage: row for row, one in enumerate(lineages)}
    rows = np.array([place.get(number, -1) for number in table["lineage"]], dtype=np.int64)
    table, rows = table[rows >= 0], rows[rows >= 0]
    column = np.array([families.index(str(name)) for name in table["family"]], dtype=np.int64)
    sums = made.groupby("lineage")[["entering", "copies"]].sum().reindex(list(place), fill_value=0)
    arrived = np.zeros((len(lineages), len(families)))
    passed = (table["escaped"].astype(bool) & (table["origin"] == "seeded")).to_numpy()
    np.add.at(arrived, (rows[passed], column[passed]), 1)
    cycles = table["cycles"].to_numpy(dtype=np.int64)
    event = table["event"].to_numpy(dtype=bool)
    longest = max([2, *cycles.tolist()])
    at_risk = np.zeros((len(lineages), len(families), longest - 1))
    ended = np.zeros_like(at_risk)
    for cycle in range(2, longest + 1):
        there, now = cycles >= cycle, event & (cycles == cycle)
        np.add.at(at_risk[:, :, cycle - 2], (rows[there], column[there]), 1)
        np.add.at(ended[:, :, cycle - 2], (rows[now], column[now]), 1)
    return Observed(
        families=families,
        generations=np.array([one.last for one in lineages], dtype=np.float64),
        arrived=arrived,
        at_risk=at_risk,
        ended=ended,
        entering=sums["entering"].to_numpy(dtype=np.float64),
        copies=sums["copies"].to_numpy(dtype=np.float64),
    )


def until(evidence: Evidence, generation: int) -> Evidence:
    """The evidence as it was when every lineage had at most that many generations."""

    def cut(one: LineageRecords) -> LineageRecords:
        if one.last <= generation:
            return one
        return replace(
            one,
            births=tuple(birth for birth in one.births if birth.generation <= generation),
            ends={fault: end for fault, end in one.ends.items() if end.generation <= generation},
            rungs=tuple(rung for rung in one.rungs if rung.generation <= generation),
            generations=tuple(made for made in one.generations if made.generation <= generation),
            reviews=tuple(review for review in one.reviews if review.generation <= generation),
            refused=tuple(fact for fact in one.refused if fact.generation <= generation),
            outcome=None,
        )

    return replace(evidence, lineages=tuple(cut(one) for one in evidence.lineages))


def _beta_geometric(at_risk: Floats, ended: Floats, center: Floats, deviation: Floats) -> Floats:
    """(logit of the mean chance, log(a + b)) with the greatest likelihood times belief."""
    trial = np.arange(len(at_risk))
    stayed = at_risk - ended

    def cost(point: Floats) -> float:
        mean, weight = special.expit(point[0]), math.exp(min(point[1], 30.0))
        a, b = mean * weight, (1 - mean) * weight
        total = weight + trial
        seen = ended @ np.log(a / total) + stayed @ np.log((b + trial) / total)
        return float(((point - center) ** 2 / deviation**2).sum() / 2 - seen)

    return np.asarray(optimize.minimize(cost, center, method="Nelder-Mead").x, dtype=np.float64)


def fit(seen: Observed, rng: np.random.Generator | None = None) -> Fit:
    """The parameters of one condition; a family with few faults is held near all families together.

    With `rng` the centers of the beliefs are drawn from the beliefs themselves: a fit to resampled
    lineages is then one draw of what the parameters may be, even where the data hardly tell.
    """

    def drawn(center: Floats, deviation: Floats) -> Floats:
        return center if rng is None else rng.normal(center, deviation)

    exposure = max(float(seen.generations.sum()), 1.0)
    at_risk, ended = seen.at_risk.sum(axis=0), seen.ended.sum(axis=0)
    center, deviation = np.array([CHANCE, WEIGHT]).T
    every = _beta_geometric(at_risk.sum(axis=0), ended.sum(axis=0), drawn(center, deviation), deviation)
    shapes = []
    for risk, end in zip(at_risk, ended, strict=True):
        # Only the mean of a family is held near that of all: how unlike faults are would count the
        # differences between families too.
        near, apart = np.array([every[0], center[1]]), np.array([APART, deviation[1]])
        point = _beta_geometric(risk, end, drawn(near, apart), apart)
        mean, weight = special.expit(point[0]), math.exp(min(point[1], 30.0))
        shapes.append((mean * weight, (1 - mean) * weight))
    return Fit(
        families=seen.families,
        arrivals=seen.arrived.sum(axis=0) / exposure,
        shapes=np.array(shapes, dtype=np.float64).reshape(-1, 2),
        copying=float(seen.copies.sum()) / max(float(seen.entering.sum()), 1.0),
        spread=_spread(seen),
    )


def _spread(seen: Observed) -> float:
    """How much more the arrivals of lineages vary than Poisson numbers would; 0 where they do not."""
    counts, exposure = seen.arrived.sum(axis=1), seen.generations
    if len(counts) < 2 or counts.sum() == 0:
        return 0.0
    expected = counts.sum() / exposure.sum() * exposure
    excess = float(((counts - expected) ** 2 - expected).sum()) * len(counts) / (len(counts) - 1)
    return max(0.0, excess / float((expected**2).sum()))


def chances(one: Fit) -> Chances:
    """Each bin has its share of every family, and the mean chance of all that is in it."""
    edges = EDGES
    a, b = one.shapes[:, :1], one.shapes[:, 1:]
    weights: Floats = np.diff(special.betainc(a, b, edges), axis=1)
    moments = a / (a + b) * np.diff(special.betainc(a + 1, b, edges), axis=1)
    share = one.arrivals if one.arrivals.sum() > 0 else np.ones(len(one.arrivals))
    total, moment = share @ weights, share @ moments
    middle = np.sqrt(edges[1:] * np.maximum(edges[:-1], LEAST / 10))
    p: Floats = np.where(total > 1e-12, moment / np.maximum(total, 1e-12), middle)
    return Chances(np.clip(p, edges[:-1], edges[1:]).astype(np.float64), weights.astype(np.float64))


def alive(one: Fit, cycles: npt.NDArray[np.int64]) -> pd.DataFrame:
    """Of the faults that passed their first cycle, the share alive after further `cycles`, by family."""
    a, b = one.shapes[:, :1], one.shapes[:, 1:]
    share = np.exp(special.betaln(a, b + cycles) - special.betaln(a, b))
    return pd.DataFrame(share.T, index=cycles, columns=list(one.families))

"""How often do the intervals contain the truth? Many simulated campaigns, every estimator, one table.

    python benchmarks/coverage.py --campaigns 400 > coverage.md

The truth of each quantity is what the same process gives in a campaign of thousands of lineages, or a
known number. A row is right where it is near 95%; "none" counts campaigns that gave no interval.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from testbed.analysis import (
    amplification,
    forecast,
    frames,
    oversight,
    persistence,
    read,
    regression,
    tuning,
    unseen,
)
from testbed.analysis.estimates import Estimate, clopper_pearson, difference, nothing
from testbed.analysis.evidence import Evidence
from testbed.analysis.simulated import Truth, simulate
from testbed.conditions import Condition, OversightFactor

GENERATIONS = 8
REVIEW = OversightFactor(every=1, depth=0.5, sensitivity=0.6)


@dataclass(frozen=True)
class Scenario:
    name: str
    lineages: int
    truth: Truth
    plan: OversightFactor = field(default_factory=lambda: REVIEW)

    def campaign(self, seed: int, lineages: int = 0) -> Evidence:
        condition = Condition(
            generations=GENERATIONS, lineages=lineages or self.lineages, oversight=self.plan
        )
        return read(simulate([condition], self.truth, seed=seed))


def process(p: float, spread: float, rate: float = 1.0, copies: float = 0.1) -> Truth:
    detection = {"logic": p, "omission": p / 2}
    return Truth(rate=rate, detection=detection, spread=spread, copies=copies, unwitnessed=0.1)


SCENARIOS = (
    Scenario("20 alike", 20, process(0.4, 0.0)),
    Scenario("20 unlike", 20, process(0.4, 0.15)),
    Scenario("20, rare detection", 20, process(0.06, 0.05, rate=2.0)),
    Scenario("8 unlike", 8, process(0.4, 0.15)),
    Scenario("60 unlike", 60, process(0.4, 0.15)),
)


@dataclass(frozen=True)
class Tables:
    """What a campaign is for the estimators."""

    faults: pd.DataFrame
    generations: pd.DataFrame
    reviews: pd.DataFrame
    periods: pd.DataFrame
    residuals: pd.DataFrame


def tables(evidence: Evidence) -> Tables:
    every = frames.faults(evidence)
    return Tables(
        every[every["witnessed"].astype(bool)],
        frames.generations(evidence),
        frames.reviews(evidence),
        regression.person_period(evidence),
        tuning.residuals(evidence, GENERATIONS),
    )


def _family(name: str) -> Callable[[Tables], pd.DataFrame]:
    return lambda t: t.faults[t.faults["family"] == name]


def _ratio(t: Tables) -> Estimate:
    """The hazard ratio of omission against logic, whichever of the two is the base."""
    found = regression.hazard_ratios(t.periods, ["family", "first_cycle"]).set_index("term")
    one = found.loc["family"]
    if one["reason"]:
        return nothing(str(one["reason"]))
    ends = [float(one[name]) for name in ("ratio", "low", "high")]
    if one["level"] == "logic":
        ends = [1 / ends[0], 1 / ends[2], 1 / ends[1]]
    return Estimate(*ends, int(one["rows"]), int(one["clusters"]))


def _bound(t: Tables) -> Estimate:
    """The one-sided bound that tuning promises with, so only its upper end can miss."""
    one = tuning.bound(t.residuals["residual"].to_numpy(dtype=float), 0.95)
    return replace(one, low=0.0)


ESTIMATORS: dict[str, Callable[[Tables], Estimate]] = {
    "share alive after 1": lambda t: persistence.share_alive(t.faults, 1),
    "share alive after 3": lambda t: persistence.share_alive(t.faults, 3),
    "share alive after 5": lambda t: persistence.share_alive(t.faults, 5),
    "restricted mean of 5": lambda t: persistence.restricted_mean(t.faults, 5),
    "ended by property within 5": lambda t: persistence.incidence(t.faults, 5)["property"],
    "ended by review within 5": lambda t: persistence.incidence(t.faults, 5)["review"],
    "logic − omission, alive after 3": lambda t: difference(
        persistence.share_alive(_family("omission")(t), 3), persistence.share_alive(_family("logic")(t), 3)
    ),
    "hazard ratio omission/logic": _ratio,
    "escape rate": lambda t: oversight.escape_rate(t.faults),
    "seen when read": lambda t: oversight.seen_when_read(t.reviews),
    "R": lambda t: amplification.growth(t.generations),
    "retention": lambda t: amplification.retention(t.generations),
    "copying": lambda t: amplification.copying(t.generations),
    "offspring per fault": lambda t: amplification.offspring(t.faults),
    "live at end": lambda t: amplification.live_at_end(t.generations),
    "blast radius, inputs": lambda t: amplification.blast_radius(t.generations),
    "residual flaws, upper bound of tune": _bound,
}


def joined(parts: Sequence[Tables]) -> Tables:
    """One campaign out of several, with their lineages told apart."""

    def all_of(name: str) -> pd.DataFrame:
        made = []
        for number, part in enumerate(parts):
            table = getattr(part, name).copy()
            table["lineage"] += 100_000 * number
            made.append(table)
        return pd.concat(made, ignore_index=True)

    return Tables(*(all_of(name) for name in Tables.__dataclass_fields__))


def truths(scenario: Scenario, lineages: int) -> dict[str, float]:
    parts = [tables(scenario.campaign(10_000_000 + number, 500)) for number in range(max(1, lineages // 500))]
    found = {name: estimate(joined(parts)).value for name, estimate in ESTIMATORS.items()}
    return {name: float(value) for name, value in found.items() if value is not None}


@dataclass
class Tally:
    covered: int = 0
    tried: int = 0
    none: int = 0

    def add(self, one: Estimate, truth: float) -> None:
        if one.value is None or one.low is None:
            self.none += 1
            return
        high = np.inf if one.high is None else one.high
        self.tried += 1
        self.covered += bool(one.low <= truth + 1e-12 and truth - 1e-12 <= high)

    @property
    def sure(self) -> tuple[float, float]:
        return clopper_pearson(self.covered, self.tried, 0.95)

    def __str__(self) -> str:
        if not self.tried:
            return "–"
        none = f" ({self.none} none)" if self.none else ""
        return f"{self.covered / self.tried:.1%}{none}"


def campaigns(scenario: Scenario, number: int, lineages: int) -> dict[str, Tally]:
    known = truths(scenario, lineages)
    tallies = {name: Tally() for name in ESTIMATORS}
    for seed in range(number):
        made = tables(scenario.campaign(seed))
        for name, estimate in ESTIMATORS.items():
            tallies[name].add(estimate(made), known[name])
    return tallies


def captured(rng: np.random.Generator) -> Iterator[tuple[str, Estimate, float]]:
    """One draw of each estimate of what nobody sees, where its own assumptions hold."""
    faults, sources, chance = 120, 8, 0.2
    hits = rng.binomial(sources, chance, faults)
    first, second = rng.random(faults) < 0.5, rng.random(faults) < 0.4
    both = int((first & second).sum())
    yield "Lincoln–Petersen", unseen.lincoln_petersen(int(first.sum()), int(second.sum()), both), faults
    yield "Chao", unseen.chao(hits, sources), faults
    # The jackknife's own model: chances between 0 and 1 that leave a bias it can take away.
    mixed = rng.binomial(sources, rng.beta(1, 2, faults))
    yield "jackknife of order 1, unlike chances", unseen.jackknife(mixed, sources), faults
    yield "jackknife of order 2, unlike chances", unseen.jackknife(mixed, sources, 2), faults
    yield "Chao, unlike chances (a lower bound)", unseen.chao(mixed, sources), faults
    found = rng.binomial(60, 0.4), rng.binomial(faults, 0.4)
    yield "error seeding", unseen.mills(60, int(found[0]), int(found[1])), faults
    left, catches = faults, []
    for _ in range(5):
        catches.append(int(rng.binomial(left, 0.3)))
        left -= catches[-1]
    yield "removal", unseen.removal(catches), faults
    shares = 1 / np.arange(1, 201)
    seen = rng.multinomial(300, shares / shares.sum())
    yield "discovery probability", unseen.discovery(seen, 300), float(shares[seen == 0].sum() / shares.sum())


def unseen_tallies(number: int) -> dict[str, Tally]:
    rng = np.random.default_rng(1)
    tallies: dict[str, Tally] = {}
    for _ in range(number):
        for name, one, truth in captured(rng):
            tallies.setdefault(name, Tally()).add(one, truth)
    return tallies


def forecasts(number: int, lineages: int) -> Tally:
    """The band of the mean at twice the campaign's length, where lineages and faults are unlike."""
    truth = Truth(rate=1.0, detection={"logic": 0.5, "omission": 0.15})
    none = OversightFactor(every=0)

    def campaign(seed: int, size: int, generations: int) -> Evidence:
        plan = Condition(generations=generations, lineages=size, oversight=none)
        return read(simulate([plan], truth, seed=seed))

    long = [frames.generations(campaign(20_000_000 + n, 500, 24)) for n in range(max(1, lineages // 500))]
    real = float(np.mean([made.loc[made["generation"] == 24, "live"].mean() for made in long]))
    tally = Tally()
    for seed in range(number):
        table = forecast.forecast(campaign(seed, 20, 12), 0, 24, 4000, seed=seed).table
        row = table[table["generation"] == 24].iloc[0]
        tally.add(Estimate(row["mean"], row["mean_low"], row["mean_high"], 0, 20), real)
    return tally


def show(rows: dict[str, list[str]], heads: Sequence[str]) -> None:
    print("| " + " | ".join(heads) + " |")
    print("|" + "---|" * len(heads))
    for name, cells in rows.items():
        print("| " + " | ".join([name, *cells]) + " |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--campaigns", type=int, default=400)
    parser.add_argument("--lineages", type=int, default=6000, help="of the campaign that gives the truth")
    given = parser.parse_args()
    found = {}
    for scenario in SCENARIOS:
        print(f"{scenario.name}", file=sys.stderr)
        found[scenario.name] = campaigns(scenario, given.campaigns, given.lineages)
    rows = {name: [str(found[one.name][name]) for one in SCENARIOS] for name in ESTIMATORS}
    show(rows, ["interval", *(one.name for one in SCENARIOS)])
    print()
    few = max(1, given.campaigns // 4)
    beyond = {"forecast: mean live after 24, from 12": forecasts(few, given.lineages)}
    others = {**unseen_tallies(given.campaigns * 5), **beyond}
    show({name: [str(one)] for name, one in others.items()}, ["interval", "covers"])


if __name__ == "__main__":
    main()

"""Two published curves of how long faults live, beside what the loop gives with their own parameters.

    python benchmarks/published.py [--lineages 20] [--faults 40] [--smoke]

Every fault has one chance of being found in a cycle, drawn from Beta(a, b), as the sources' lifetimes
ask for. The stub target is run through the real loop with those chances; the analysis measures its
records as it would any campaign's. "theory" is the closed form with the same a and b.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import optimize

from testbed import seeds, stub
from testbed.analysis import closed_forms, frames, persistence, read
from testbed.analysis.simulated import SimulatedFacts, manifest
from testbed.conditions import Condition, OraclesFactor, OversightFactor
from testbed.facts import BirthFact, Record, Witness
from testbed.lineage import Lineage, State
from testbed.oversight.reviewers.models import ConstantReviewer
from testbed.protocols import ChangeView, Injection, Source

ACTS = (Witness("unit", "declared", "pass", "fail"),)


@dataclass(frozen=True)
class Curve:
    """What a source says: the share alive after so many cycles, and where it says so."""

    name: str
    source: str
    cycle: str
    shape: tuple[float, float]
    how: str  # where the shape is from
    shares: dict[int, float]


@dataclass(slots=True)
class UnlikeEvaluator(stub.StubEvaluator):
    """The stub's, but each fault has a chance of its own."""

    shape: tuple[float, float] = (1.0, 1.0)

    def _detected(self, fault: int, age: int) -> bool:
        chance = seeds.stream(self.seed, "chance", fault).beta(*self.shape)
        return bool(seeds.stream(self.seed, "stub", fault, age).random() < chance)


class Cohort(stub.StubInjector):
    """All faults in the first generation, so that all are followed as long."""

    def place(
        self,
        source: Source,
        change: ChangeView,
        rng: np.random.Generator,
        number: Callable[[], int],
        count: int,
    ) -> Injection:
        first = source[stub.PATH].count("step") == 1
        return super().place(source, change, rng, number, int(self.rate) if first else 0)


def bugs_in_py() -> Curve:
    return Curve(
        "Bugs of Python projects, in versions",
        "BugsInPyMulti; figures and fit were computed from its released data beforehand, not by this script",
        "version",
        (1.24, 2.05),
        "the beta-geometric fit to the source's data",
        {1: 0.56, 2: 0.45, 5: 0.28, 10: 0.16, 20: 0.04},
    )


def kernel() -> Curve:
    """Two of the source's figures give a and b; the others are not used for that."""
    given = {12: 1 - 0.569, 60: 0.135}

    def apart(logs: np.ndarray) -> list[float]:
        a, b = np.exp(logs)
        return [closed_forms.alive_after_mixed(k, a, b) - share for k, share in given.items()]

    a, b = np.exp(optimize.root(apart, [0.0, 2.0]).x)
    return Curve(
        "Bugs of the Linux kernel, in months",
        "J. G. Qu, Kernel bugs hide for 2 years on average (pebblebed.com, 2026): 125,183 fixes; 56.9% found "
        "within a year, 13.5% after more than five, median 0.7 and mean 2.1 years",
        "month",
        (float(a), float(b)),
        "from the shares at 12 and 60 months; the median (8 months) and the mean are not used",
        {8: 0.5, **given},
    )


def records(curve: Curve, condition: Condition, lineage: int, faults: int) -> list[Record]:
    subject = stub.subject()
    parts = stub.parts(
        seed=0, rate=0.0, detection=0.0, copies=0.0, reviewer=ConstantReviewer(condition.oversight)
    )
    parts = replace(
        parts,
        injector=Cohort(float(faults)),
        evaluator=UnlikeEvaluator(lineage + 900, 0.0, shape=curve.shape),
    )
    state = State(dict(subject.source), reviewed=dict(subject.source))
    made = Lineage(condition, lineage, 5, subject, parts, state).run()
    found = [record for batch in made for record in batch.records]
    return [replace(one, witnesses=ACTS) if isinstance(one, BirthFact) else one for one in found]


def measured(curve: Curve, lineages: int, faults: int) -> pd.DataFrame:
    """The faults of a campaign through the real loop with the curve's chances."""
    condition = Condition(
        generations=max(curve.shares),
        lineages=lineages,
        oracles=OraclesFactor(differential=False),
        oversight=OversightFactor(every=0),
    )
    written = tuple(
        (0, lineage, record)
        for lineage in range(lineages)
        for record in records(curve, condition, lineage, faults)
    )
    return frames.faults(read(SimulatedFacts(manifest([condition], 5), written)))


def rows(curve: Curve, lineages: int, faults: int) -> Iterator[str]:
    table = measured(curve, lineages, faults)
    for k, said in sorted(curve.shares.items()):
        one = persistence.share_alive(table, k)
        theory = closed_forms.alive_after_mixed(k, *curve.shape)
        assert one.value is not None
        band = "" if one.low is None or one.high is None else f" ({one.low:.2f} to {one.high:.2f})"
        yield f"| {k} | {said:.2f} | {one.value:.2f}{band} | {theory:.2f} |"


def mean_years(curve: Curve, months: int) -> float:
    """The mean lifetime by theory, lives cut off at so many months as a record of that length does."""
    return sum(closed_forms.alive_after_mixed(k, *curve.shape) for k in range(months)) / 12


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lineages", type=int, default=20)
    parser.add_argument("--faults", type=int, default=40, help="in the first generation of each")
    parser.add_argument("--smoke", action="store_true", help="four lineages of five faults")
    given = parser.parse_args()
    lineages, faults = (4, 5) if given.smoke else (given.lineages, given.faults)
    for curve in (bugs_in_py(), kernel()):
        a, b = curve.shape
        print(f"**{curve.name}.** {curve.source}.\n")
        print(f"Beta({a:.2f}, {b:.2f}), {curve.how}; {lineages} lineages with {faults} faults each.\n")
        print(f"| alive after, in {curve.cycle}s | source | the loop (95%) | theory |\n|---|---|---|---|")
        for row in rows(curve, lineages, faults):
            print(row)
        print()
    print(
        f"Mean lifetime in the kernel by theory, lives cut off at the 20.7 years of the longest one: "
        f"{mean_years(kernel(), 248):.1f} years; the source has 2.1."
    )


if __name__ == "__main__":
    main()

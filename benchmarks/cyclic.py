"""Does verification change its character at a threshold of 1 where it is cyclic, and stay stable where not?

    python benchmarks/cyclic.py [--lineages 40] [--generations 20] [--faults 5] [--smoke]

The stub target goes through the real loop. All faults come in the first generation; each live fault leaves
Poisson(m) copies a generation, and the screen reveals it with probability p. But a verifier that has a live
fault itself sees less: p(1 - b). Who verifies generation n?

    the reference    it never has a fault (acyclic)
    its parent       generation n-1 (acyclic in time, but what it inherits it cannot see)
    itself           generation n (cyclic)
    itself, third    generation n, and the reference at every third generation

R is the mean number of live faults that one fault has a generation later: (1 + m)(1 - p) where the
verifier has none, (1 + m)(1 - p(1 - b)) where it has, and the geometric mean of them for the last.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from testbed import seeds, stub
from testbed.analysis import amplification, frames, read
from testbed.analysis.estimates import Estimate, share
from testbed.analysis.simulated import SimulatedFacts, manifest
from testbed.conditions import Condition, LimitsFactor, OraclesFactor, OversightFactor
from testbed.facts import BirthFact, OutcomeFact, Record, Witness
from testbed.lineage import Lineage, State
from testbed.oversight.reviewers.models import ConstantReviewer
from testbed.protocols import ChangeView, Grown, Injection, Loaded, Situation, Source
from testbed.schema import guard_numbers

CHANCE, BLIND = 0.6, 0.5
COPIES = (0.1, 0.3, 0.43, 0.6, 0.9)
WHO = ("the reference", "its parent", "itself", "itself, third")
RUNAWAY = 60
ACTS = (Witness("unit", "declared", "pass", "fail"),)


class Cohort(stub.StubInjector):
    """All faults in the first generation."""

    def inject(self, source: Source, change: ChangeView, rng, number) -> Injection:  # type: ignore[no-untyped-def]
        first = source[stub.PATH].count("step") == 1
        return self.place(source, change, rng, number, int(self.rate) if first else 0)


@dataclass(slots=True)
class Verified(stub.StubEvaluator):
    """The stub's, with a chance that depends on who verifies: whether that one has a live fault."""

    who: str = WHO[0]
    parents: list[bool] = field(default_factory=list)  # was the accepted generation flawed, by generation

    def load(
        self,
        name: str,
        source: Source,
        grown: tuple[Grown, ...] = (),
        situation: Situation = stub.NOWHERE,
    ) -> Loaded:
        return stub.StubEvaluator.load(self, name, source, grown, situation)

    def _detected(self, fault: int, age: int) -> bool:
        flawed = {
            "the reference": False,
            "its parent": self.parents[age - 1] if age <= len(self.parents) else False,
            "itself": True,  # the fault that is asked about is in it
            "itself, third": age % 3 != 0,
        }[self.who]
        chance = CHANCE * (1 - BLIND) if flawed else CHANCE
        return bool(seeds.stream(self.seed, "stub", fault, age).random() < chance)


@dataclass(frozen=True, slots=True)
class Told(stub.StubModifier):
    """The stub's; it tells the evaluator whether the generation that it starts from has a live fault."""

    parents: list[bool] = field(default_factory=list)

    def propose(self, source: Source, rng, offspring):  # type: ignore[no-untyped-def]
        self.parents.append(bool(guard_numbers(source[stub.PATH])))
        return stub.StubModifier.propose(self, source, rng, offspring)


def records(condition: Condition, lineage: int, who: str, copies: float, faults: int) -> list[Record]:
    """One lineage's facts; every fault counts as witnessed."""
    subject = stub.subject()
    plain = stub.parts(
        seed=0, rate=0.0, detection=0.0, copies=0.0, reviewer=ConstantReviewer(condition.oversight)
    )
    evaluator = Verified(lineage + 1000, 0.0, who=who)
    modifier = Told(copies, parents=evaluator.parents)
    parts = replace(plain, modifier=modifier, injector=Cohort(float(faults)), evaluator=evaluator)
    state = State(dict(subject.source), reviewed=dict(subject.source))
    made = Lineage(condition, lineage, 11, subject, parts, state).run()
    found = [record for batch in made for record in batch.records]
    return [replace(one, witnesses=ACTS) if isinstance(one, BirthFact) else one for one in found]


def theory(who: str, copies: float) -> float:
    """R: a lone fault's own verifier has that fault, unless it is the reference."""
    seen = (1 + copies) * (1 - CHANCE)
    blind = (1 + copies) * (1 - CHANCE * (1 - BLIND))
    return {"the reference": seen, "itself, third": (blind * blind * seen) ** (1 / 3)}.get(who, blind)


@dataclass(frozen=True)
class Row:
    """What the lineages of one verifier and one m came to."""

    measured: Estimate
    gone: Estimate
    runaway: Estimate


def row(who: str, copies: float, lineages: int, generations: int, faults: int) -> Row:
    """Runs them."""
    condition = Condition(
        generations=generations,
        lineages=lineages,
        oracles=OraclesFactor(differential=False),
        oversight=OversightFactor(every=0),
        limits=LimitsFactor(runaway=RUNAWAY),
    )
    written = [
        (0, number, record)
        for number in range(lineages)
        for record in records(condition, number, who, copies, faults)
    ]
    evidence = read(SimulatedFacts(manifest([condition], 11), tuple(written)))
    ends = [record for _, _, record in written if isinstance(record, OutcomeFact)]
    return Row(
        amplification.growth(frames.generations(evidence)),
        _share([not end.live for end in ends]),
        _share([end.outcome == "runaway" for end in ends]),
    )


def _share(answers: list[bool]) -> Estimate:
    values = np.array(answers, dtype=np.float64)
    left_out = (values.sum() - values) / (len(values) - 1)
    return share(float(values.mean()), left_out, len(values))


def rows(lineages: int, generations: int, faults: int) -> Iterator[str]:
    """The table, a line at a time."""
    yield "| verified by | m | R in theory | R measured | lineages without a fault at the end | runaway |"
    yield "|---|---|---|---|---|---|"
    for who in WHO:
        for copies in COPIES:
            made = row(who, copies, lineages, generations, faults)
            cells = [_shown(each) for each in (made.measured, made.gone, made.runaway)]
            yield f"| {who} | {copies} | {theory(who, copies):.2f} | {' | '.join(cells)} |"


def _shown(made: Estimate) -> str:
    if made.value is None:
        return "–"
    band = "" if made.low is None or made.high is None else f" ({made.low:.2f} to {made.high:.2f})"
    return f"{made.value:.2f}{band}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lineages", type=int, default=40)
    parser.add_argument("--generations", type=int, default=20)
    parser.add_argument("--faults", type=int, default=5, help="in the first generation of each")
    parser.add_argument("--smoke", action="store_true", help="four lineages of four generations")
    given = parser.parse_args()
    lineages, generations = (4, 4) if given.smoke else (given.lineages, given.generations)
    print(
        f"p = {CHANCE}, b = {BLIND}; {lineages} lineages of {generations} generations, "
        f"{given.faults} faults in the first; {RUNAWAY} live ones are a runaway.\n"
    )
    for line in rows(lineages, generations, given.faults):
        print(line, flush=True)


if __name__ == "__main__":
    main()

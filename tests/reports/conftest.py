"""Campaigns for the reports: simulated ones, with everything that a report must be able to show."""

from dataclasses import replace

import pytest

from testbed.analysis.simulated import SimulatedFacts, Truth, interrupt, simulate
from testbed.conditions import Condition, InjectionFactor, OversightFactor
from testbed.facts import BeliefFact, BirthFact, CandidateFact, GenerationFact, ReviewFact


@pytest.fixture(scope="session")
def facts():
    conditions = [
        Condition(
            generations=6,
            lineages=5,
            injection=InjectionFactor(rate=rate),
            oversight=OversightFactor(depth=depth),
        )
        for rate in (0.5, 2.0)
        for depth in (0.0, 0.5, 1.0)
    ]
    truths = [
        Truth(
            rate=one.injection.rate, copies=0.15, unwitnessed=0.15, refused=0.1, overwritten=0.05, stall=0.02
        )
        for one in conditions
    ]
    made = simulate(conditions, truths, seed=6, name="depth <&> rate")
    return interrupt(replace(made, written=tuple(deceived(made.written))), 1, 2, 4)


def deceived(written):
    """The facts of a screen that takes one wrong check in three for right, and of a lax reviewer."""
    for condition, lineage, record in written:
        if isinstance(record, GenerationFact):
            wrong = record.inputs_deviating
            held = wrong - wrong // 3
            belief = BeliefFact(record.generation, record.attempts, "self", record.inputs, held, wrong, held)
            yield condition, lineage, belief
        if isinstance(record, ReviewFact) and record.findings:
            found = tuple(finding.fault for finding in record.findings if finding.fault is not None)
            record = replace(record, let_in=found[:1], escalated=len(record.findings) > 1)
        yield condition, lineage, record


@pytest.fixture(scope="session")
def empty():
    return simulate([Condition(generations=2, lineages=2)], Truth(rate=0.0), name="empty")


class WithSources(SimulatedFacts):
    """Simulated facts whose only file has a guard for each fault; a digest says how many."""

    def blob(self, digest: str) -> str:
        return "\n".join(
            f"def f{n}(x):\n    return (x + {n} if __fault__({n}) else x)\n"
            for n in range(1, int(digest) + 1)
        )


@pytest.fixture(scope="session")
def sourced_facts():
    facts = simulate([Condition(generations=3, lineages=2)], Truth(rate=3.0, copies=0.5), seed=5)
    written = []
    for condition, lineage, record in facts.written:
        if isinstance(record, GenerationFact):
            born = sum(
                isinstance(one, BirthFact) and one.generation <= record.generation
                for c, each, one in facts.written
                if (c, each) == (condition, lineage)
            )
            sources = {"kvstore/store.py": str(born)}
            written.append((condition, lineage, CandidateFact(record.generation, record.attempts, sources)))
            record = replace(record, sources=sources)
        written.append((condition, lineage, record))
    return WithSources(facts.manifest, tuple(written))

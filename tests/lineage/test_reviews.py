"""The checkpoint in the real loop: who reads, what is found, what it leads to."""

from __future__ import annotations

import math

import pytest

from testbed import stub
from testbed.conditions import Condition, OraclesFactor, OversightFactor
from testbed.facts import BirthFact, EndFact, Record, ReviewFact
from testbed.lineage import Lineage, State
from testbed.oversight import reviewers


def records(oversight: OversightFactor, lineage: int = 0, rate: float = 2.0) -> list[Record]:
    """A lineage whose screen finds nothing."""
    plan = Condition(generations=5, oracles=OraclesFactor(differential=False), oversight=oversight)
    subject = stub.subject()
    parts = stub.parts(seed=lineage, rate=rate, detection=0.0, copies=0.0, reviewer=reviewers.make(oversight))
    state = State(dict(subject.source), reviewed=dict(subject.source))
    return [
        record for batch in Lineage(plan, lineage, 3, subject, parts, state).run() for record in batch.records
    ]


def test_an_ideal_reviewer_at_full_depth_leaves_nothing_alive() -> None:
    found = records(OversightFactor(reviewer="ideal", depth=1.0))
    ends = [record for record in found if isinstance(record, EndFact)]
    assert ends
    assert {record.fault for record in ends} == {r.fault for r in found if isinstance(r, BirthFact)}
    assert {record.cause for record in ends} == {"review"}


def test_finding_is_not_acting() -> None:
    let_in = reported = 0
    for lineage in range(12):
        found = records(OversightFactor(reviewer="ideal", depth=1.0, let_in=0.4), lineage, rate=4.0)
        ended = {record.fault for record in found if isinstance(record, EndFact)}
        for fact in (record for record in found if isinstance(record, ReviewFact)):
            faults = {item.fault for item in fact.findings}
            assert set(fact.let_in) == faults - ended
            let_in, reported = let_in + len(fact.let_in), reported + len(faults)
    assert abs(let_in / reported - 0.4) < 4 * math.sqrt(0.24 / reported)


@pytest.mark.parametrize("name", ["paced", "fatigued", "salience"])
def test_every_model_reads_in_the_real_loop_and_its_hours_are_counted(name: str) -> None:
    found = records(OversightFactor(reviewer=name, depth=1.0, pace=50.0), rate=6.0)
    reviews = [record for record in found if isinstance(record, ReviewFact)]
    assert all(fact.hours == round(fact.lines_read / 50, 6) for fact in reviews)
    assert sum(len(fact.findings) for fact in reviews) > 0

"""What a finding leads to, in the real loop."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from testbed import stub
from testbed.analysis import closed_forms
from testbed.conditions import Condition, OraclesFactor, OversightFactor
from testbed.facts import BirthFact, EndFact, GenerationFact, OutcomeFact, Record, RefusedFact, ReviewFact
from testbed.ledger import Ledger
from testbed.lineage import Batch, Lineage, State, restore
from testbed.oversight import reviewers


def plan(generations: int = 6, **oversight: object) -> Condition:
    return Condition(
        generations=generations,
        oracles=OraclesFactor(differential=False),
        oversight=OversightFactor(**oversight),  # type: ignore[arg-type]
    )


def made(
    condition: Condition, lineage: int, *, detection: float = 0.0, state: State | None = None
) -> Lineage:
    subject = stub.subject()
    parts = stub.parts(
        seed=lineage + 50,
        rate=1.5,
        detection=detection,
        copies=0.0,
        reviewer=reviewers.make(condition.oversight),
    )
    state = state or State(dict(subject.source), reviewed=dict(subject.source))
    return Lineage(condition, lineage, 7, subject, parts, state)


def records(batches: list[Batch]) -> list[Record]:
    return [record for batch in batches for record in batch.records]


def of(kind: type, found: list[Record]) -> list:
    return [record for record in found if isinstance(record, kind)]


def assert_books_balance(found: list[Record]) -> None:
    born, ended = ([r.fault for r in of(kind, found)] for kind in (BirthFact, EndFact))
    live = of(OutcomeFact, found)[0].live
    assert sorted(born) == sorted([*ended, *live])
    assert len(set(born)) == len(born)


ROLLBACK = plan(reviewer="ideal", depth=0.5, every=3, response="rollback")


@pytest.mark.parametrize("lineage", range(6))
def test_a_rollback_takes_back_what_came_since_the_last_review(lineage: int) -> None:
    found = records(list(made(ROLLBACK, lineage).run()))
    assert_books_balance(found)
    births = {fact.fault: fact for fact in of(BirthFact, found)}
    generations = {fact.generation: fact for fact in of(GenerationFact, found)}
    assert sorted(generations) == list(range(1, 7))
    for review in of(ReviewFact, found):
        after = generations[review.generation]
        if review.rejected:
            assert [edit.refactoring for edit in after.edits] == ["rollback"]
            assert after.attempts == review.attempt + 1
            assert all(births[fault].generation <= review.since for fault in after.live)
            assert after.lines_changed > 0, "the next generation is not what the last one was"
        else:
            assert review.findings == ()
    for end in of(EndFact, found):
        assert end.cause in {"rollback", "review", "rejected"}


def test_some_lineages_were_rolled_back_and_to_an_earlier_review() -> None:
    reviews = [r for i in range(20) for r in of(ReviewFact, records(list(made(ROLLBACK, i).run())))]
    assert any(review.rejected and review.since == 0 for review in reviews)
    assert any(review.rejected and review.since > 0 for review in reviews)


@pytest.mark.parametrize("response", ["rollback", "reject", "escalate", "fix"])
@pytest.mark.parametrize("policy", ["adaptive", "audit", "risk", "every"])
def test_a_restored_lineage_goes_on_as_if_nothing_had_been(
    tmp_path: Path, response: str, policy: str
) -> None:
    condition = plan(
        response=response,
        policy=policy,
        every=2,
        clean=1,
        relaxed=3,
        audits=0.5,
        threshold=0.02,
        depth=0.5,
        faulty_fix=0.5,
        let_in=0.2,
    )
    whole = list(made(condition, 4, detection=0.2).run())
    for kept in (2, len(whole) - 1):
        ledger = Ledger.create(tmp_path / f"run{kept}", {"name": "stub"})
        for batch in whole[:kept]:
            ledger.append(0, 4, batch.generation, batch.records, batch.blobs, batch.timings)
        state = restore(ledger, stub.subject(), 0, 4)
        ledger.close()
        rest = list(made(condition, 4, detection=0.2, state=state).run())
        assert [batch.records for batch in rest] == [batch.records for batch in whole[kept:]]


def test_a_finding_has_the_rest_read_when_it_escalates() -> None:
    condition = plan(reviewer="ideal", depth=0.4, response="escalate")
    seen = set()
    for lineage in range(8):
        found = records(list(made(condition, lineage).run()))
        assert_books_balance(found)
        for review in of(ReviewFact, found):
            seen.add(review.escalated)
            if review.escalated:
                assert review.lines_read == review.lines_changed
            elif review.lines_read < review.lines_changed:
                assert review.findings == ()
    assert seen == {True, False}


def test_a_faulty_fix_puts_in_a_fault_with_the_fixed_one_as_its_parent() -> None:
    found = records(list(made(plan(depth=0.0, faulty_fix=1.0), 2, detection=0.5).run()))
    assert_books_balance(found)
    fixes = [birth for birth in of(BirthFact, found) if birth.origin == "fix"]
    ended = {end.fault: end.generation for end in of(EndFact, found) if end.cause == "unit"}
    assert {birth.parent for birth in fixes} == set(ended)
    for birth in fixes:
        assert birth.generation == ended[birth.parent]
        assert birth.fault in next(
            fact.live for fact in of(GenerationFact, found) if fact.generation == birth.generation
        ), "it comes after the checks of its generation"
    assert not of(RefusedFact, found)


@pytest.mark.slow
def test_faulty_fixes_slow_detection_down_as_the_closed_form_says() -> None:
    p, q, n = 0.4, 0.5, 6
    condition = plan(n, depth=0.0, faulty_fix=q)
    live = np.array([list(made(condition, i, detection=p).run())[-1].live for i in range(120)], dtype=float)
    expected = closed_forms.poisson_mean(n, 1.5, p * (1 - q))
    assert abs(live.mean() - expected) < 4 * live.std(ddof=1) / math.sqrt(len(live))

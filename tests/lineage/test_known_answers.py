"""The real loop, on parts with declared probabilities, against closed forms."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from testbed import stub
from testbed.conditions import Condition, OraclesFactor, OversightFactor
from testbed.facts import EndFact, GenerationFact
from testbed.ledger import Ledger
from testbed.lineage import Batch, Lineage, State, restore
from testbed.oversight.reviewers import ConstantReviewer


def batches(
    condition: Condition, lineage: int, *, rate: float, detection: float, copies: float = 0.0
) -> list[Batch]:
    return list(made(condition, lineage, rate=rate, detection=detection, copies=copies).run())


def made(
    condition: Condition,
    lineage: int,
    *,
    rate: float,
    detection: float,
    copies: float = 0.0,
    state: State | None = None,
) -> Lineage:
    subject = stub.subject()
    parts = stub.parts(
        seed=lineage + 1000,
        rate=rate,
        detection=detection,
        copies=copies,
        reviewer=ConstantReviewer(condition.oversight),
    )
    state = state or State(dict(subject.source), reviewed=dict(subject.source))
    return Lineage(condition, lineage, 7, subject, parts, state)


def condition(generations: int, *, depth: float = 0.0, sensitivity: float = 1.0) -> Condition:
    return Condition(
        generations=generations,
        oracles=OraclesFactor(differential=False),
        oversight=OversightFactor(depth=depth, sensitivity=sensitivity),
    )


def live_at_end(runs: list[list[Batch]]) -> np.ndarray:
    return np.array([run[-1].live for run in runs], dtype=float)


def assert_mean(values: np.ndarray, expected: float) -> None:
    error = values.std(ddof=1) / math.sqrt(len(values))
    assert abs(values.mean() - expected) < 4 * error


@pytest.mark.slow
def test_live_faults_are_poisson_with_the_closed_forms_mean() -> None:
    rate, p, n = 2.0, 0.4, 6
    runs = [batches(condition(n), i, rate=rate, detection=p) for i in range(100)]
    live = live_at_end(runs)
    expected = rate * (1 - p) * (1 - (1 - p) ** n) / p
    assert_mean(live, expected)
    assert 0.5 * expected < live.var(ddof=1) < 2 * expected


def test_lifetimes_are_geometric() -> None:
    p = 0.5
    cycles = [
        record.cycles
        for i in range(40)
        for batch in batches(condition(8), i, rate=1.0, detection=p)
        for record in batch.records
        if isinstance(record, EndFact) and record.generation - record.cycles <= 2
    ]
    # Of faults born in the first two generations all but 1 in 64 end within the run.
    assert_mean(np.array(cycles, dtype=float), (1 - p) / p)


@pytest.mark.slow
def test_copies_make_live_faults_grow_by_one_plus_m_times_one_minus_p() -> None:
    rate, p, m, n = 1.0, 0.3, 0.3, 6
    runs = [batches(condition(n), i, rate=rate, detection=p, copies=m) for i in range(100)]
    growth = (1 + m) * (1 - p)
    assert_mean(live_at_end(runs), rate * (1 - p) * (1 - growth**n) / (1 - growth))


@pytest.mark.slow
def test_review_detects_with_depth_times_sensitivity() -> None:
    rate, depth, sensitivity, n = 2.0, 0.5, 0.8, 5
    runs = [
        batches(condition(n, depth=depth, sensitivity=sensitivity), i, rate=rate, detection=0.0)
        for i in range(100)
    ]
    # A fault's line is in the diff of its birth generation alone, so it has one chance.
    assert_mean(live_at_end(runs), n * rate * (1 - depth * sensitivity))


def test_a_lineage_restored_from_the_ledger_goes_on_as_if_nothing_had_been(tmp_path: Path) -> None:
    plan = condition(6, depth=0.3, sensitivity=0.5)
    whole = batches(plan, 3, rate=1.5, detection=0.3, copies=0.2)
    ledger = Ledger.create(tmp_path / "run", {"name": "stub"})
    for batch in whole[:3]:
        ledger.append(0, 3, batch.generation, batch.records, batch.blobs, batch.timings)
    state = restore(ledger, stub.subject(), 0, 3)
    ledger.close()
    rest = list(made(plan, 3, rate=1.5, detection=0.3, copies=0.2, state=state).run())
    assert [batch.records for batch in rest] == [batch.records for batch in whole[3:]]
    assert [batch.files for batch in rest] == [batch.files for batch in whole[3:]]


def test_the_same_seed_gives_the_same_facts_and_another_lineage_others() -> None:
    once, again, other = (
        [batch.records for batch in batches(condition(4), i, rate=2.0, detection=0.3)] for i in (1, 1, 2)
    )
    assert once == again
    assert once != other


def test_every_generation_says_what_is_live_and_every_live_fault_was_born() -> None:
    run = batches(condition(5), 0, rate=2.0, detection=0.3)
    born = {record.body()["fault"] for batch in run for record in batch.records if record.kind == "birth"}
    for batch in run:
        facts = [record for record in batch.records if isinstance(record, GenerationFact)]
        assert len(facts) == 1
        assert set(facts[0].live) <= born

"""What a generation may spend, and how lineages end that meet a bound."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from injectors.placement import FieldInjector
from testbed import stub
from testbed.baseline import examine
from testbed.conditions import (
    BudgetFactor,
    Condition,
    InjectionFactor,
    LimitsFactor,
    OraclesFactor,
    OversightFactor,
    TargetFactor,
)
from testbed.evaluator import ProcessEvaluator
from testbed.examination import Tests
from testbed.facts import (
    EffortFact,
    GenerationFact,
    OutcomeFact,
    Record,
    RefusedFact,
    ReviewFact,
    TestInfo,
    VerdictsFact,
)
from testbed.lineage import Lineage, Parts, Subject, origin
from testbed.lineage.budget import Purse
from testbed.oversight import reviewers
from testbed.protocols import Proposal
from testbed.targets import resolve

TESTS = Tests(
    infos=(
        *(TestInfo(f"u{n}", "unit") for n in range(6)),
        TestInfo("p0", "property"),
        TestInfo("p1", "property"),
    ),
    inputs=tuple(f"diff:f#{n}" for n in range(4)),
    seed=1,
    examples=20,
    truth=("diff:f#99",),
)


def rng() -> np.random.Generator:
    return np.random.default_rng(8)


def test_without_a_budget_nothing_is_left_out() -> None:
    assert Purse(BudgetFactor()).within(TESTS, rng()) == TESTS


def test_a_screen_over_the_budget_is_a_random_part_and_the_rest_measures_the_truth() -> None:
    purse = Purse(BudgetFactor(executions=5))
    cut = purse.within(TESTS, rng())
    assert len(cut.ids) == 5
    assert set(cut.every) == set(TESTS.every)
    assert set(cut.ids).isdisjoint(cut.beside)
    assert [test for test in TESTS.ids if test in cut.ids] == list(cut.ids), "in the order in which they run"
    others = {purse.within(TESTS, np.random.default_rng(n)).ids for n in range(10)}
    assert len(others) > 5
    paid = purse.pay(cut, 1, 1)
    assert paid.tests + paid.inputs == 5
    assert purse.spent() == "the 5 executions of a generation are spent"


def test_examples_are_shared_out_and_what_cannot_have_one_is_left_out() -> None:
    purse = Purse(BudgetFactor(examples=25))
    first = purse.within(TESTS, rng())
    assert first.examples == 12
    assert purse.pay(first, 1, 1) == EffortFact(1, 1, 8, 4, 24)
    assert "p0" not in purse.within(TESTS, rng()).ids


def run(condition: Condition, lineage: int = 0, rate: float = 3.0) -> list[Record]:
    subject = stub.subject()
    parts = stub.parts(
        seed=5, rate=rate, detection=0.5, copies=0.0, reviewer=reviewers.make(condition.oversight)
    )
    made = Lineage(condition, lineage, 2, subject, parts, origin(subject))
    return [record for batch in made.run() for record in batch.records]


def of(kind: type, found: list[Record]) -> list:
    return [record for record in found if isinstance(record, kind)]


def test_a_lineage_stalls_when_its_candidates_have_spent_the_budget() -> None:
    condition = Condition(
        oracles=OraclesFactor(differential=False, response="reject"),
        limits=LimitsFactor(retries=9),
        budget=BudgetFactor(executions=2),
    )
    found = run(condition, rate=6.0)
    (outcome,) = of(OutcomeFact, found)
    assert outcome.outcome == "stalled"
    assert outcome.reason == "the 2 executions of a generation are spent"
    assert len([one for one in of(RefusedFact, found) if one.generation == outcome.generation + 1]) == 2


def test_hours_bound_the_lines_that_are_read() -> None:
    condition = Condition(
        generations=4,
        oracles=OraclesFactor(unit=False, differential=False),
        oversight=OversightFactor(depth=1.0, pace=20.0),
        budget=BudgetFactor(hours=0.1),
    )
    reviews = of(ReviewFact, run(condition, rate=8.0))
    assert {min(one.lines_changed, 2) for one in reviews} == {one.lines_read for one in reviews}
    assert max(one.hours for one in reviews) == 0.1


def test_a_lineage_runs_away_at_its_bound_of_live_faults_and_says_so() -> None:
    condition = Condition(
        generations=30,
        oracles=OraclesFactor(unit=False, differential=False),
        oversight=OversightFactor(every=0),
        limits=LimitsFactor(runaway=7),
    )
    found = run(condition)
    (outcome,) = of(OutcomeFact, found)
    assert outcome.outcome == "runaway"
    assert outcome.reason == f"{len(outcome.live)} live faults"
    assert len(outcome.live) >= 7
    assert all(len(fact.live) < 7 for fact in of(GenerationFact, found)[:-1])


class Still:
    """Leaves the code alone."""

    name, version = "still", "1"

    def propose(self, source, rng, offspring) -> Proposal:
        return Proposal(source, ())


@pytest.fixture
def real(small_target: Path) -> Iterator[tuple[ProcessEvaluator, Subject]]:
    target = resolve(TargetFactor(str(small_target)))
    with ProcessEvaluator(target.spec(LimitsFactor())) as evaluator:
        yield evaluator, examine("sums", "1", target.package_files, evaluator, seed=1, examples=5).subject


def test_real_code_within_a_budget_that_leaves_most_of_the_screen_out(
    real: tuple[ProcessEvaluator, Subject],
) -> None:
    evaluator, subject = real
    condition = Condition(
        generations=6,
        injection=InjectionFactor(rate=4.0, placement="anywhere"),
        oracles=OraclesFactor(inputs=4),
        oversight=OversightFactor(every=0),
        limits=LimitsFactor(runaway_blast=0.5),
        budget=BudgetFactor(executions=1),
    )
    parts = Parts(Still(), FieldInjector(condition.injection), evaluator, reviewers.make(condition.oversight))
    batches = list(Lineage(condition, 0, 4, subject, parts, origin(subject)).run())
    found = [record for batch in batches for record in batch.records]
    assert {one.tests + one.inputs for one in of(EffortFact, found)} == {1}
    clean = [one for one in of(VerdictsFact, found) if one.purpose == "clean"]
    assert all({info.id for info in subject.tests} <= set(one.tests) for one in clean), "soundness is whole"
    (outcome,) = of(OutcomeFact, found)
    assert outcome.outcome == "runaway"
    assert outcome.reason.endswith("inputs deviate")
    last = of(GenerationFact, found)[-1]
    assert last.inputs_deviating >= 0.5 * last.inputs
    assert all(one.inputs_deviating < 0.5 * one.inputs for one in of(GenerationFact, found)[:-1])
    assert all(batch.timings["truth"] > 0 for batch in batches)

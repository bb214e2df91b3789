"""The differential oracle against the reference, the generation before, and a generation itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from testbed.baseline import examine
from testbed.conditions import Baseline, Condition, LimitsFactor, OraclesFactor, OversightFactor, TargetFactor
from testbed.evaluator import ProcessEvaluator
from testbed.facts import BeliefFact, EndFact, FixFact, GenerationFact, Record
from testbed.lineage import Lineage, Parts, origin
from testbed.oversight import reviewers
from testbed.protocols import Injection, Proposal, Seeded
from testbed.schema import TextEdit, insert
from testbed.targets import resolve

MOST_TRIES = 12


class Still:
    """Leaves the code alone."""

    name, version = "still", "1"

    def propose(self, source, rng, offspring) -> Proposal:
        return Proposal(source, ())


class Once:
    """Seeds one fault, which shows on the few inputs with a number above 2, and no other."""

    def __init__(self) -> None:
        self.done = False

    def inject(self, source, change, rng, number) -> Injection:
        if self.done:
            return Injection(source)
        self.done = True
        start = source["sums.py"].index("high\n    return value")
        fault = number()
        text = insert(source["sums.py"], fault, [TextEdit(start, start + 4, "high + 1")])
        return Injection({"sums.py": text}, (Seeded(fault, "known", "logic", "sums.py", "clamp"),))


@pytest.fixture
def evaluator_and_subject(small_target: Path) -> Iterator[tuple]:
    target = resolve(TargetFactor(str(small_target)))
    with ProcessEvaluator(target.spec(LimitsFactor())) as evaluator:
        made = examine("sums", "1", target.package_files, evaluator, seed=1, examples=5)
        yield evaluator, made.subject


def records(evaluator, subject, baseline: Baseline, number: int) -> list[Record]:
    """One differential input a generation: the fault is shown in some of them."""
    condition = Condition(
        generations=6,
        oracles=OraclesFactor(unit=False, property=False, inputs=1, baseline=baseline),
        oversight=OversightFactor(every=0),
    )
    parts = Parts(Still(), Once(), evaluator, reviewers.make(condition.oversight))
    lineage = Lineage(condition, number, 4, subject, parts, origin(subject))
    return [record for batch in lineage.run() for record in batch.records]


def of(kind: type, found: list[Record]) -> list:
    return [record for record in found if isinstance(record, kind)]


def that_escaped(evaluator, subject, baseline: Baseline) -> list[Record]:
    """The first lineage in which no input of generation 1 shows the fault, and a later one does."""
    for number in range(MOST_TRIES):
        found = records(evaluator, subject, baseline, number)
        first, *later = [fact.wrong for fact in of(BeliefFact, found)]
        if not first and any(later):
            return found
    raise AssertionError("each generation's input shows it with about one chance in three")


def test_against_the_reference_what_got_through_is_found_when_an_input_shows_it(
    evaluator_and_subject: tuple,
) -> None:
    found = that_escaped(*evaluator_and_subject, "frozen")
    (end,) = of(EndFact, found)
    assert (end.cause, end.cycles > 0) == ("differential", True)
    beliefs = of(BeliefFact, found)
    assert all(fact.believed == fact.wrong == fact.both for fact in beliefs)
    assert {(fact.by, fact.checks) for fact in beliefs} == {("frozen", 1)}
    assert of(FixFact, found) == [], "no test is made of what a generation does"


def test_against_the_parent_what_got_through_is_expected_from_then_on(evaluator_and_subject: tuple) -> None:
    found = that_escaped(*evaluator_and_subject, "previous")
    assert of(EndFact, found) == []
    beliefs = of(BeliefFact, found)
    assert sum(fact.wrong for fact in beliefs) > 0
    assert {fact.believed for fact in beliefs} == {0}, "all of it is taken for right"
    assert of(GenerationFact, found)[-1].live == (1,)
    assert max(fact.inputs_deviating for fact in of(GenerationFact, found)) > 0, "the truth knows"


def test_what_reports_on_itself_finds_nothing_wrong_even_at_once(evaluator_and_subject: tuple) -> None:
    for number in range(MOST_TRIES):
        found = records(*evaluator_and_subject, "self", number)
        first = of(BeliefFact, found)[0]
        assert of(EndFact, found) == []
        assert (first.by, first.believed, first.both) == ("self", 0, 0)
        if first.wrong:
            return
    raise AssertionError("the first generation's input shows it with about one chance in three")


def test_tests_made_of_a_generation_reject_the_fix_of_what_they_show(evaluator_and_subject: tuple) -> None:
    """The only input of a generation shows the fault, or does not: its own tests take the fix then."""
    told = set()
    for number in range(MOST_TRIES):
        found = records(*evaluator_and_subject, "self", number)
        wrong = {fact.generation: fact.wrong for fact in of(BeliefFact, found)}
        for fact in of(FixFact, found):
            assert (fact.fault, fact.tests, fact.failing) == (1, 1, wrong[fact.generation])
            told.add(fact.failing)
        if told == {0, 1}:
            return
    raise AssertionError("the input of some generation shows it, that of another does not")

"""Tests that are recorded from what the code does: flaws become what is expected, changes of it show."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from testbed.conditions import (
    Condition,
    ModifierFactor,
    OraclesFactor,
    OversightFactor,
    TargetFactor,
    TruthFactor,
    to_json,
)
from testbed.engine.prepare import Prepared, prepare
from testbed.evaluator import ProcessEvaluator
from testbed.facts import EndFact, RecordedFact, VerdictsFact
from testbed.ledger import Ledger
from testbed.lineage import Batch, Lineage, Parts, State, origin, restore
from testbed.oversight.reviewers import ConstantReviewer
from testbed.protocols import ChangeView, Injection, Proposal, Seeded, Source

CODE = "def shout(text):\n    return text.upper()\n\n\ndef size(text):\n    return len(text)\n"
TESTS = """from words import shout, size


def test_all():
    assert shout("") == shout("1")[:0]
    assert [shout(text) for text in ("ab", "cd", "xyz")]
    assert size("ab")
"""
CONDITION = Condition(
    generations=4,
    lineages=1,
    modifier=ModifierFactor(recording=12),
    oracles=OraclesFactor(differential=False),
    oversight=OversightFactor(every=0),
    truth=TruthFactor(inputs=4, witness_inputs=4),
)
FIRST = ("text.upper()", "(text.lower() if __fault__({}) else text.upper())")
SECOND = ("return (text", "return '' + (text[:1] if __fault__({}) else '') + (text")
THIRD = ("len(text)", "(len(text) + 1 if __fault__({}) else len(text))")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    folder = tmp_path_factory.mktemp("words")
    (folder / "words.py").write_text(CODE)
    (folder / "tests").mkdir()
    (folder / "tests" / "test_words.py").write_text(TESTS)
    factor = TargetFactor(str(folder))
    return prepare([replace(CONDITION, target=factor)], 0)[factor]


@pytest.fixture(scope="module")
def evaluator(prepared: Prepared) -> Iterator[ProcessEvaluator]:
    with ProcessEvaluator(prepared.spec) as made:
        yield made


@dataclass(frozen=True)
class Still:
    name: str = "still"
    version: str = "1"

    def propose(self, source: Source, rng: np.random.Generator, offspring: Callable[[int], int]) -> Proposal:
        return Proposal(source, ())


@dataclass
class Seeding:
    """Seeds one declared fault in each generation that has one."""

    faults: dict[int, tuple[str, str]]
    generation: int = 0

    def inject(
        self, source: Source, change: ChangeView, rng: np.random.Generator, number: Callable[[], int]
    ) -> Injection:
        self.generation += 1
        if self.generation not in self.faults:
            return Injection(source)
        old, new = self.faults[self.generation]
        fault = number()
        text = source["words.py"].replace(old, new.format(fault), 1)
        return Injection({"words.py": text}, (Seeded(fault, "declared", "logic", "words.py", ""),))


def _run(
    prepared: Prepared,
    evaluator: ProcessEvaluator,
    injector: Seeding,
    state: State | None = None,
    condition: Condition = CONDITION,
    number: int = 0,
) -> list[Batch]:
    parts = Parts(Still(), injector, evaluator, ConstantReviewer(condition.oversight))
    subject = prepared.subject
    return list(Lineage(condition, number, 7, subject, parts, state or origin(subject)).run())


def _facts(batches: list[Batch], kind: type[RecordedFact]) -> list[RecordedFact]:
    return [record for batch in batches for record in batch.records if isinstance(record, kind)]


def test_a_flaw_that_was_recorded_is_expected_and_no_longer_found(
    prepared: Prepared, evaluator: ProcessEvaluator
) -> None:
    batches = _run(prepared, evaluator, Seeding({1: FIRST}))
    found = _facts(batches, RecordedFact)
    assert [fact.generation for fact in found] == [1, 2, 3, 4]
    assert all(fact.added and not fact.rewritten for fact in found)
    drifted = [len(fact.drifted) for fact in found]
    assert drifted == sorted(drifted)
    assert drifted[0]
    assert not any(isinstance(record, EndFact) for batch in batches for record in batch.records)
    asked = [r for b in batches for r in b.records if isinstance(r, VerdictsFact) and r.purpose == "in place"]
    assert any(set(found[0].added) & set(fact.tests) for fact in asked)


def test_a_later_fault_is_found_by_what_was_recorded_before_it(
    prepared: Prepared, evaluator: ProcessEvaluator
) -> None:
    batches = _run(prepared, evaluator, Seeding({1: FIRST, 3: THIRD}))
    (end,) = [record for batch in batches for record in batch.records if isinstance(record, EndFact)]
    assert (end.fault, end.generation, end.cause) == (2, 3, "differential")
    assert end.by in {test for fact in _facts(batches, RecordedFact)[:2] for test in fact.added}


def test_what_is_recorded_comes_back_from_the_ledger(
    prepared: Prepared, evaluator: ProcessEvaluator, tmp_path: Path
) -> None:
    whole = _run(prepared, evaluator, Seeding({1: FIRST}))
    manifest = {"conditions": [to_json(CONDITION)], "name": "words", "seed": 7, "campaign": ""}
    ledger = Ledger.create(tmp_path / "run", {**manifest, "versions": {}, "started": "", "command": ""})
    try:
        ledger.append(-1, -1, 0, [prepared.fact], dict(prepared.blobs), {})
        for batch in whole[:2]:
            ledger.append(0, 0, batch.generation, batch.records, batch.blobs, {})
        state = restore(ledger, prepared.subject, 0, 0)
    finally:
        ledger.close()
    again = _run(prepared, evaluator, Seeding({}), state)
    assert [batch.records for batch in again] == [batch.records for batch in whole[2:]]


def test_a_repair_rewrites_what_was_recorded_of_the_flaw(
    prepared: Prepared, evaluator: ProcessEvaluator
) -> None:
    state = origin(prepared.subject)
    batches = _run(prepared, evaluator, Seeding({1: FIRST, 2: SECOND}), state)
    # The second fault changes what the first one's tests expect: it is found and repaired at once.
    (end,) = [record for batch in batches for record in batch.records if isinstance(record, EndFact)]
    assert (end.fault, end.generation) == (2, 2)
    assert all(not fact.rewritten for fact in _facts(batches, RecordedFact))
    assert all(expected.faults == {1} for expected in state.recorded.values())
    state.live.clear()
    state.source = dict(prepared.subject.source)
    state.generation = 3
    (last,) = _facts(_run(prepared, evaluator, Seeding({}), state), RecordedFact)
    assert set(last.rewritten) == set(_facts(batches, RecordedFact)[-1].drifted)
    assert last.drifted == ()


UNIT = "tests/test_words.py::test_all"
LOUD = ("text.upper()", "('!' if __fault__({}) else text.upper())")
LONG = ("len(text)", "(0 if __fault__({}) else len(text))")
REWRITING = replace(CONDITION, modifier=ModifierFactor(rewriting=1.0))


def _ends(batches: list[Batch]) -> list[EndFact]:
    return [record for batch in batches for record in batch.records if isinstance(record, EndFact)]


def test_a_failing_unit_test_that_is_rewritten_reveals_nothing_any_more(
    prepared: Prepared, evaluator: ProcessEvaluator
) -> None:
    plain = replace(REWRITING, modifier=ModifierFactor())
    (end,) = _ends(_run(prepared, evaluator, Seeding({1: LOUD}), condition=plain))
    assert (end.fault, end.cause, end.by) == (1, "unit", UNIT)
    state = origin(prepared.subject)
    batches = _run(prepared, evaluator, Seeding({1: LOUD}), state, REWRITING)
    assert _ends(batches) == []
    assert _facts(batches, RecordedFact) == [RecordedFact(1, {}, {UNIT: "fail AssertionError"}, (UNIT,))]
    assert list(state.live) == [1]


def test_what_a_rewritten_test_fails_at_next_is_rewritten_too_and_back_after_a_repair(
    prepared: Prepared, evaluator: ProcessEvaluator
) -> None:
    crash = ("text.upper()", "(text.nothing if __fault__({}) else text.upper())")
    state = origin(prepared.subject)
    batches = _run(prepared, evaluator, Seeding({1: LONG, 3: crash}), state, REWRITING)
    assert _ends(batches) == []
    found = [(fact.generation, fact.rewritten) for fact in _facts(batches, RecordedFact)]
    assert found == [(1, {UNIT: "fail AssertionError"}), (3, {UNIT: "fail AttributeError"})]
    state.live.clear()
    state.source = dict(prepared.subject.source)
    state.generation = 3
    (last,) = _facts(_run(prepared, evaluator, Seeding({}), state, REWRITING), RecordedFact)
    assert (last.rewritten, last.drifted) == ({UNIT: "pass"}, ())
    assert state.recorded == {}


def test_rewriting_half_of_the_time_leaves_some_faults_to_be_found(
    prepared: Prepared, evaluator: ProcessEvaluator
) -> None:
    half = replace(REWRITING, modifier=ModifierFactor(rewriting=0.5), generations=1)
    runs = [_run(prepared, evaluator, Seeding({1: LOUD}), condition=half, number=n) for n in range(12)]
    caught = sum(len(_ends(batches)) for batches in runs)
    assert 0 < caught < 12

"""The loop on real code: a small package, the real worker, real operators, a real ledger and its report."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from injectors.placement import FieldInjector
from reports import html
from testbed.baseline import examine
from testbed.conditions import (
    Condition,
    InjectionFactor,
    OraclesFactor,
    OversightFactor,
    TruthFactor,
    to_json,
)
from testbed.evaluator import Entry, ProcessEvaluator, WorkerSpec
from testbed.facts import BirthFact, EndFact, Record, RungFact
from testbed.ledger import History, Ledger
from testbed.lineage import Lineage, Parts, State
from testbed.oversight.reviewers import ConstantReviewer
from testbed.protocols import Proposal, Source
from testbed.schema import materialise

PACKAGE = '''"""Running totals."""


def clamp(value, low, high):
    """The nearest value in [low, high]."""
    if value < low:
        return low
    if value > high:
        return high
    return value


def totals(values, start=0):
    """The sums so far."""
    out = []
    total = start
    for value in values:
        total += value
        out.append(total)
    return out


def longest(words):
    """The longest word, the first of equals."""
    best = ""
    for word in words:
        if len(word) > len(best):
            best = word
    return best
'''
TESTS = """from hypothesis import given, strategies as st
from sums import clamp, longest, totals

def test_clamp_keeps_the_middle():
    assert clamp(5, 0, 9) == 5

def test_totals():
    assert totals([1, 2, 3]) == [1, 3, 6]

@given(st.lists(st.text(max_size=4), max_size=4))
def test_longest_is_one_of_them(words):
    assert longest(words) in [*words, ""]
"""
DIFFERENTIAL = """import sums

def numbers(rng):
    return [rng.randint(-3, 3) for _ in range(rng.randint(0, 5))]

def all_of_it(values):
    words = ["x" * abs(v) for v in values]
    return [sums.totals(values), sums.longest(words), [sums.clamp(v, -1, 2) for v in values]]
"""
CONDITION = Condition(
    generations=4,
    injection=InjectionFactor(rate=2.0, placement="anywhere"),
    oracles=OraclesFactor(examples=10, inputs=2),
    oversight=OversightFactor(every=2, depth=0.5),
    truth=TruthFactor(witness_inputs=30),
)


class Still:
    """Leaves the code alone."""

    name, version = "still", "1"

    def propose(self, source: Source, rng: np.random.Generator, offspring: Callable[[int], int]) -> Proposal:
        return Proposal(source, ())


def spec() -> WorkerSpec:
    entry = Entry("all", "differential:numbers", "differential:all_of_it", ("sums:clamp", "sums:totals"))
    return WorkerSpec(
        python=sys.executable,
        root="sums",
        tests=("test_sums.py",),
        package=("sums.py",),
        static={"test_sums.py": TESTS, "differential.py": DIFFERENTIAL},
        entries=(entry,),
    )


def run(folder: Path) -> Ledger:
    source = {"sums.py": PACKAGE}
    evaluator = ProcessEvaluator(spec())
    made = examine("sums", "1", source, evaluator, seed=1, examples=10)
    subject = made.subject
    ledger = Ledger.create(
        folder,
        {
            "name": "sums",
            "seed": 1,
            "campaign": "",
            "conditions": [to_json(CONDITION)],
            "versions": {},
            "started": "",
            "command": "",
        },
    )
    ledger.append(-1, -1, 0, [made.fact], {}, {})
    history = History(folder)
    parts = Parts(
        Still(), FieldInjector(CONDITION.injection), evaluator, ConstantReviewer(CONDITION.oversight)
    )
    try:
        for number in range(2):
            state = State(dict(source), reviewed=dict(source))
            for batch in Lineage(CONDITION, number, 1, subject, parts, state).run():
                ledger.append(0, number, batch.generation, batch.records, batch.blobs, batch.timings)
                commit = history.write(
                    f"c0/l{number}", batch.files, batch.parent, batch.generation, batch.message
                )
                assert commit == state.commit
    finally:
        evaluator.close()
        history.close()
    return ledger


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    made = run(tmp_path_factory.mktemp("first") / "run")
    yield made
    made.close()


def records(ledger: Ledger) -> list[Record]:
    return [record for condition, _lineage, record in ledger.records() if condition == 0]


def test_faults_are_born_with_witnesses_and_caught_by_the_oracles(ledger: Ledger) -> None:
    births = [record for record in records(ledger) if isinstance(record, BirthFact)]
    ends = [record for record in records(ledger) if isinstance(record, EndFact)]
    assert len(births) > 4
    assert any(birth.witnesses for birth in births)
    assert {end.cause for end in ends} & {"unit", "property", "differential"}
    assert all(birth.diff.startswith("---") for birth in births)


def test_the_ladder_never_skips_a_rung(ledger: Ledger) -> None:
    rungs = [record for record in records(ledger) if isinstance(record, RungFact)]
    assert rungs
    for rung in rungs:
        assert rung.reached or not rung.propagated
        assert rung.infected is not False or not rung.propagated
        assert not rung.sufficient or rung.propagated


def test_every_stored_generation_materialises_to_the_reference_when_all_faults_are_off(
    ledger: Ledger,
) -> None:
    for record in records(ledger):
        for digest in getattr(record, "sources", {}).values():
            text = ledger.blob(digest)
            ast.parse(text)
            assert materialise(text, frozenset()) == PACKAGE


@pytest.mark.slow
def test_a_second_run_writes_the_same_facts(ledger: Ledger, tmp_path: Path) -> None:
    again = run(tmp_path / "again")
    assert list(again.lines()) == list(ledger.lines())
    again.close()


def test_the_history_is_an_ordinary_git_repository(ledger: Ledger) -> None:
    log = subprocess.run(
        ["git", "log", "-p", "--format=%s", "c0/l0"],
        cwd=ledger.folder / "history.git",
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "Generation 4" in log
    assert "__fault__" not in log


def test_the_report_is_made_from_the_ledger(ledger: Ledger) -> None:
    page = html.write(ledger, ledger.folder / "report.html").read_text()
    assert "shifted" in page or "missing" in page or "wrong" in page

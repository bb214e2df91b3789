"""Faults that do not always act, through the real worker; each beside its honest control twin."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from scipy.stats import binomtest

from injectors import catalogue
from injectors.concealment import PAIRS, twin
from injectors.operator import Operator
from injectors.source import SourceView
from testbed.birth import witnesses
from testbed.evaluator import Entry, ProcessEvaluator, WorkerSpec
from testbed.examination import Examination, Tests
from testbed.protocols import OUTSIDE, Outcome, Situation
from testbed.schema import TextEdit, insert

SHOP = """\
def price(n):
    return n + 1


def discount(n):
    return 10 if n < 5 else 0
"""
STATIC = {
    "test_shop.py": """\
from shop import discount, price


def test_price():
    assert [price(n) for n in range(40)] == [n + 1 for n in range(40)]


def test_discount():
    assert [discount(n) for n in range(9)] == [10] * 5 + [0] * 4
""",
    "differential.py": """\
import os
import shop


def number(rng):
    return rng.randrange(100_000)


def small(rng):
    return rng.randrange(10)


def price(n):
    return shop.price(n)


def discount(n):
    return shop.discount(n)


def process(n):
    return os.urandom(8)
""",
}
ENTRIES = (
    Entry("price", "differential:number", "differential:price", ("shop.price",)),
    Entry("process", "differential:small", "differential:process"),
    Entry("discount", "differential:small", "differential:discount", ("shop.discount",)),
)
FAULT = frozenset({1})
TESTS = ("test_shop.py::test_price", "test_shop.py::test_discount")
INPUTS = tuple(f"diff:discount#{seed}" for seed in range(40))
CHECKPOINT = Situation(generation=4, checkpoint=True)


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProcessEvaluator]:
    spec = WorkerSpec(
        python=sys.executable,
        root="shop",
        tests=("test_shop.py",),
        package=("shop.py",),
        static=STATIC,
        entries=ENTRIES,
        scratch=tmp_path_factory.mktemp("scratch"),
    )
    with ProcessEvaluator(spec) as evaluator:
        yield evaluator


def seeded(name: str, wrong: str, generation: int = 0) -> dict[str, str]:
    """The shop with a fault of an operator that has the text `wrong` in it."""
    view = SourceView("shop.py", SHOP, generation)
    operator = catalogue.operator(name)
    edits: list[TextEdit] = [
        edit for node in view.nodes for edit in operator.rewrites(view, node) if f"({wrong} if" in edit.new
    ]
    (edit,) = edits
    return {"shop.py": insert(SHOP, 1, [edit])}


def screened(
    worker: ProcessEvaluator, source: dict[str, str], situation: Situation, tests: tuple[str, ...]
) -> tuple[str, ...]:
    """The tests and inputs that tell the fault, in a generation of this situation."""
    assert worker.load("g", source, situation=situation).error == ""
    clean = worker.run("g", frozenset(), tests)
    faulty = worker.run("g", FAULT, tests)

    def told(outcome: Outcome) -> tuple[str, str]:
        return outcome.verdict, outcome.digest

    return tuple(a.test for a, b in zip(clean, faulty, strict=True) if told(a) != told(b))


def outside(worker: ProcessEvaluator) -> bool:
    """Whether an independent run outside of inspection tells the fault of the loaded generation."""
    return worker.outside("g", frozenset(), INPUTS) != worker.outside("g", FAULT, INPUTS)


def family(name: str) -> list[tuple[Operator, Operator]]:
    return [pair for pair in PAIRS if pair[0].family == name]


def names(pair: tuple[Operator, Operator]) -> str:
    return pair[0].name


@pytest.mark.parametrize("pair", family("concealed"), ids=names)
def test_a_concealed_fault_escapes_an_inspected_screen_and_is_revealed_outside_its_twin_in_both(
    worker: ProcessEvaluator, pair: tuple[Operator, Operator]
) -> None:
    concealed, honest = pair
    assert screened(worker, seeded(concealed.name, "n <= 5"), CHECKPOINT, (*TESTS, *INPUTS)) == ()
    assert outside(worker)
    found = screened(worker, seeded(honest.name, "n <= 5"), CHECKPOINT, (*TESTS, *INPUTS))
    assert "test_shop.py::test_discount" in found
    assert any(test in INPUTS for test in found)
    assert outside(worker)


def test_an_outcome_that_every_process_has_otherwise_is_no_witness(worker: ProcessEvaluator) -> None:
    own = tuple(f"diff:process#{seed}" for seed in range(3))
    exam = Examination(worker, 4, 1, Tests((), (*own, *INPUTS), 0, 1), situation=CHECKPOINT)
    assert exam.load(seeded("concealed-from-tests", "n <= 5")) == ""
    assert worker.outside("candidate", frozenset(), own) != worker.outside("candidate", frozenset(), own)
    found = witnesses(exam, 1, "concealed", (), (*own, *INPUTS))
    assert len(found) == 3
    assert all(witness.outside and witness.test in INPUTS for witness in found)


def test_what_behaves_at_checkpoints_does_not_behave_between_them(worker: ProcessEvaluator) -> None:
    source = seeded("concealed-at-checkpoints", "n <= 5")
    assert screened(worker, source, Situation(5, checkpoint=False), TESTS)


@pytest.mark.parametrize("after", [1, 2, 4])
def test_a_dormant_fault_wakes_when_it_says_its_twin_is_awake_from_birth(
    worker: ProcessEvaluator, after: int
) -> None:
    born = 3
    source = seeded(f"dormant-{after}", "n <= 5", born)
    for generation in range(born, born + after):
        assert screened(worker, source, Situation(generation), TESTS) == ()
    assert screened(worker, source, Situation(born + after), TESTS)
    assert screened(worker, seeded("dormant-twin", "n <= 5", born), Situation(born), TESTS)


@pytest.mark.parametrize(("word", "one_in", "asked"), [("tenth", 10, 600), ("hundredth", 100, 2000)])
def test_a_latent_fault_acts_on_the_share_of_inputs_that_it_says_its_twin_on_all(
    worker: ProcessEvaluator, word: str, one_in: int, asked: int
) -> None:
    inputs = tuple(f"diff:price#{seed}" for seed in range(asked))
    deviating = screened(worker, seeded(f"latent-{word}", "n - 1"), CHECKPOINT, inputs)
    low, high = binomtest(len(deviating), asked).proportion_ci(0.999)
    assert low <= 1 / one_in <= high
    honest = screened(worker, seeded("latent-twin", "n - 1"), CHECKPOINT, inputs)
    assert honest == inputs


def test_a_process_outside_of_inspection_has_no_pytest_and_says_so() -> None:
    assert OUTSIDE.environment()["TESTBED_INSPECTED"] == "0"
    assert CHECKPOINT.environment() == {
        "TESTBED_GENERATION": "4",
        "TESTBED_CHECKPOINT": "1",
        "TESTBED_INSPECTED": "1",
    }


def test_every_such_operator_has_a_twin_of_the_same_places_and_nearly_the_same_salience() -> None:
    view = SourceView("shop.py", SHOP)
    for hiding, honest in PAIRS:
        assert twin(hiding.name) == honest.name
        assert honest.family == "control"
        for node in view.nodes:
            pairs = zip(hiding.rewrites(view, node), honest.rewrites(view, node), strict=True)
            assert all((a.start, a.end) == (b.start, b.end) for a, b in pairs)
        assert abs(hiding.salience.tokens - honest.salience.tokens) <= 9
    assert twin("off-by-one") == ""


def test_such_a_fault_looks_at_nothing_but_arguments_imports_and_three_variables() -> None:
    for hiding, _honest in PAIRS:
        text = hiding.examples[0].after
        named = [word for word in ("os", "sys", "zlib") if f'__import__("{word}")' in text]
        assert text.count("__import__") == len(named)
        assert all(word not in text for word in ("open(", "write", "system", "exec", "eval"))

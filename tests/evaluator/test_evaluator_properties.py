"""Property tests: their examples depend on the seed and the test alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from evaluator_targets import materialised, source_of, spec_of

from testbed.evaluator import ProcessEvaluator, cold_verdicts

SOURCE = source_of(
    core="""
        LIMIT = (987654321 if __fault__(1) else 123456789)

        def double(x):
            return (x if __fault__(2) else 2 * x)

        def unused():
            return (77777 if __fault__(3) else 88888)

        def rare(x):
            return (0 if __fault__(4) else 1) if x == 123456789 else 1

        class Stack:
            def __init__(self):
                self.items = []
            def push(self, x):
                if __fault__(5):
                    pass
                else:
                    self.items.append(x)
            def size(self):
                return len(self.items)
    """
)

STATIC = {
    "tests/test_properties.py": """
        import hashlib, os, time
        from hypothesis import HealthCheck, example, given, seed, settings, strategies as st
        from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
        from mini import core

        DRAWN = []

        @given(st.integers(), st.text(), st.floats())
        def test_draws(x, s, f):
            DRAWN.append(repr((x, s, f)))

        def test_with_a_property_inside():
            @given(st.integers())
            def inner(x): DRAWN.append(repr(x))
            inner()

        def test_told():
            told = hashlib.sha256("".join(DRAWN).encode("utf-8", "surrogatepass")).hexdigest()
            raise AssertionError(f"{len(DRAWN)} {told}")

        @given(st.integers())
        def test_double(x): assert core.double(x) == x + x

        @given(st.integers())
        def test_rare(x): assert core.rare(x) == 1

        @example(123456789)
        @given(st.integers())
        def test_explicit(x): assert core.rare(x) == 1

        COUNT = []

        @settings(max_examples=7)
        @given(st.integers())
        def test_few(x): COUNT.append(x)

        @seed(5)
        @settings(max_examples=1000, derandomize=False)
        @given(st.integers())
        def test_many(x): COUNT.append(x)

        def test_counted(): raise AssertionError(len(COUNT))

        @given(st.integers())
        def test_slow(x): time.sleep(0.25)

        class Machine(RuleBasedStateMachine):
            def __init__(self):
                super().__init__()
                self.stack, self.pushed = core.Stack(), 0
            @rule(x=st.integers())
            def push(self, x):
                self.stack.push(x)
                self.pushed += 1
            @invariant()
            def sizes_agree(self): assert self.stack.size() == self.pushed

        TestMachine = Machine.TestCase
    """,
}
FILE = "tests/test_properties.py::"


@pytest.fixture(scope="module")
def evaluator(scratch: Path) -> Iterator[ProcessEvaluator]:
    made = ProcessEvaluator(spec_of(STATIC, scratch))
    made.load("g", SOURCE)
    yield made
    made.close()


def told(evaluator: ProcessEvaluator, name: str, faults: set[int], *, seed: int, inside: bool = False) -> str:
    drawing = FILE + ("test_with_a_property_inside" if inside else "test_draws")
    asked = [drawing, FILE + "test_told"]
    return evaluator.run(name, frozenset(faults), asked, seed=seed, examples=20)[1].shown


def test_property_tests_and_state_machines_are_told_from_unit_tests(evaluator: ProcessEvaluator) -> None:
    loaded = evaluator.load("other", SOURCE)
    evaluator.drop("other")
    unit = {test.id.removeprefix(FILE) for test in loaded.tests if test.oracle == "unit"}
    assert unit == {"test_told", "test_counted", "test_with_a_property_inside"}
    assert FILE + "TestMachine::runTest" in {test.id for test in loaded.tests if test.oracle == "property"}


@pytest.mark.parametrize("inside", [False, True])
def test_examples_are_equal_for_equal_seeds_and_differ_for_others(
    evaluator: ProcessEvaluator, inside: bool
) -> None:
    first = told(evaluator, "g", set(), seed=3, inside=inside)
    assert told(evaluator, "g", set(), seed=3, inside=inside) == first
    assert told(evaluator, "g", set(), seed=4, inside=inside) != first


def test_faults_that_do_not_matter_leave_the_examples_alone(evaluator: ProcessEvaluator) -> None:
    assert told(evaluator, "g", set(), seed=3) == told(evaluator, "g", {2, 3}, seed=3)


def test_a_fault_that_needs_a_cold_run_leaves_the_examples_alone(evaluator: ProcessEvaluator) -> None:
    assert told(evaluator, "g", set(), seed=3) == told(evaluator, "g", {1}, seed=3)


def test_constants_of_the_source_leave_the_examples_alone(evaluator: ProcessEvaluator) -> None:
    other = SOURCE["mini/core.py"].replace("88888", "4242424242").replace("123456789", "31337")
    evaluator.load("changed", {**SOURCE, "mini/core.py": other})
    same = told(evaluator, "changed", set(), seed=3) == told(evaluator, "g", set(), seed=3)
    evaluator.drop("changed")
    assert same


@pytest.mark.parametrize(
    ("fault", "test", "expected"),
    [
        (2, "test_double", "fail"),
        (3, "test_double", "pass"),
        (4, "test_rare", "pass"),
        (4, "test_explicit", "fail"),
        (5, "TestMachine::runTest", "fail"),
        (4, "TestMachine::runTest", "pass"),
    ],
)
def test_a_fault_gives_the_verdict_that_plain_pytest_would(
    evaluator: ProcessEvaluator, scratch: Path, fault: int, test: str, expected: str
) -> None:
    (outcome,) = evaluator.run("g", frozenset({fault}), [FILE + test], seed=1, examples=20)
    assert outcome.verdict == expected


@pytest.mark.parametrize(
    ("test", "examples", "expected"),
    [("test_few", 20, 7), ("test_few", 3, 3), ("test_many", 20, 20), ("test_few", 0, 7)],
)
def test_examples_are_as_many_as_asked_for_unless_the_test_asks_for_fewer(
    evaluator: ProcessEvaluator, test: str, examples: int, expected: int
) -> None:
    outcomes = evaluator.run("g", frozenset(), [FILE + test, FILE + "test_counted"], examples=examples)
    assert outcomes[1].shown == f"AssertionError: {expected}"


def test_no_deadline_makes_a_slow_property_fail(evaluator: ProcessEvaluator) -> None:
    (outcome,) = evaluator.run("g", frozenset(), [FILE + "test_slow"], examples=1)
    assert outcome.verdict == "pass"


def test_plain_pytest_draws_the_same_examples(evaluator: ProcessEvaluator, scratch: Path) -> None:
    expected = told(evaluator, "g", {2}, seed=3)
    telling = 'raise AssertionError(f"{len(DRAWN)} {told}")'
    comparing = f'assert f"AssertionError: {{len(DRAWN)}} {{told}}" == {expected!r}'
    static = {path: text.replace(telling, comparing) for path, text in STATIC.items()}
    asked = [FILE + "test_draws", FILE + "test_told"]
    plain = materialised(SOURCE, frozenset({2}))
    verdicts = cold_verdicts(spec_of(static, scratch), plain, asked, seed=3, examples=20)
    assert verdicts == dict.fromkeys(asked, "pass")

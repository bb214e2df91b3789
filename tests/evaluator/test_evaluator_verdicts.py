"""Verdicts, limits and isolation on one miniature target, loaded once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from evaluator_targets import processes_with, spec_of
from evaluator_zoo import SOURCE, STATIC, TOKEN

from testbed.errors import TestbedError
from testbed.evaluator import ProcessEvaluator
from testbed.protocols import Evaluator, Loaded, Outcome


@pytest.fixture(scope="module")
def evaluator(scratch: Path) -> Iterator[ProcessEvaluator]:
    made = ProcessEvaluator(spec_of(STATIC, scratch))
    yield made
    made.close()


@pytest.fixture(scope="module")
def loaded(evaluator: ProcessEvaluator) -> Loaded:
    return evaluator.load("zoo", SOURCE)


@pytest.fixture(scope="module")
def clean(evaluator: ProcessEvaluator, loaded: Loaded) -> dict[str, Outcome]:
    outcomes = evaluator.run("zoo", frozenset(), [test.id for test in loaded.tests])
    return {outcome.test: outcome for outcome in outcomes}


@pytest.fixture
def verdict(evaluator: ProcessEvaluator, clean: dict[str, Outcome]) -> object:
    def ask(fault: int, *tests: str) -> list[str]:
        return [outcome.verdict for outcome in evaluator.run("zoo", frozenset({fault}), tests)]

    return ask


CORE = "tests/test_core.py::"


def test_the_process_evaluator_is_an_evaluator(evaluator: ProcessEvaluator) -> None:
    checked: Evaluator = evaluator
    assert checked is evaluator


def test_everything_is_collected_and_passes_unfaulted(loaded: Loaded, clean: dict[str, Outcome]) -> None:
    assert loaded.error == ""
    assert len(loaded.tests) == 26
    assert [outcome for outcome in clean.values() if outcome.verdict != "pass"] == []


def test_guards_evaluated_while_importing_are_import_time(loaded: Loaded) -> None:
    assert loaded.import_time == {20, 21, 30, 31, 32, 33}


def test_each_test_says_which_guards_it_reached(clean: dict[str, Outcome]) -> None:
    assert clean[CORE + "test_add"].reached == (1,)
    assert clean[CORE + "test_prepared"].reached == (10, 11)
    assert clean[CORE + "test_shared_one"].reached == (1,)
    assert clean[CORE + "test_shared_two"].reached == (1,)
    assert clean["tests/test_box.py::test_box"].reached == ()


def test_outcomes_come_in_the_order_asked_for_and_duplicates_are_answered(
    evaluator: ProcessEvaluator, loaded: Loaded
) -> None:
    asked = [CORE + "test_total", CORE + "test_add", CORE + "test_total"]
    assert [outcome.test for outcome in evaluator.run("zoo", frozenset({1}), asked)] == asked


def test_a_failure_tells_its_exception_and_place(evaluator: ProcessEvaluator, loaded: Loaded) -> None:
    (outcome,) = evaluator.run("zoo", frozenset({10}), [CORE + "test_prepared"])
    assert outcome.verdict == "error"
    assert outcome.exception == "ZeroDivisionError"
    line = 1 + SOURCE["mini/core.py"].splitlines().index("    return (1 // 0 if __fault__(10) else 1)")
    assert outcome.place == f"mini/core.py:{line}"
    assert outcome.shown.startswith("ZeroDivisionError: ")


@pytest.mark.parametrize(
    ("fault", "test", "expected"),
    [
        (1, "test_add", "fail"),
        (1, "test_total", "pass"),
        (1, "test_zero[one]", "pass"),
        (1, "TestCase::test_method", "fail"),
        (1, "test_shared_one", "fail"),
        (1, "test_shared_two", "fail"),
        (1, "test_skipped", "pass"),
        (1, "test_expected_to_fail", "fail"),
        (6, "test_leave", "crash"),
        (7, "test_die", "crash"),
        (8, "test_grab", "crash"),
        (9, "test_interrupt", "crash"),
        (10, "test_prepared", "error"),
        (11, "test_prepared", "error"),
        (20, "../test_box.py::test_box", "fail"),
        (20, "../test_box.py::test_peek", "fail"),
        (21, "../test_box.py::test_peek", "fail"),
        (30, "../test_late.py::test_late", "error"),
        (30, "test_add", "pass"),
        (31, "../test_late.py::test_late", "crash"),
        (31, "test_add", "crash"),
        (32, "../test_late.py::test_late", "timeout"),
    ],
)
def test_a_fault_gives_the_verdict_that_plain_pytest_would(
    evaluator: ProcessEvaluator, clean: dict[str, Outcome], fault: int, test: str, expected: str
) -> None:
    name = test.replace("../", "tests/") if test.startswith("../") else CORE + test
    (outcome,) = evaluator.run("zoo", frozenset({fault}), [name])
    assert outcome.verdict == expected
    assert not outcome.clocked


def test_an_endless_loop_with_a_guard_inside_ends_by_counting(scratch: Path) -> None:
    short = spec_of(STATIC, scratch)
    ample = replace(short, limits=replace(short.limits, test_seconds=60.0))
    with ProcessEvaluator(ample) as evaluator:  # counting a million may take a slow machine long
        evaluator.load("zoo", SOURCE)
        for fault, name in ((2, "test_total"), (3, "test_stubborn")):
            assert evaluator.run("zoo", frozenset(), [CORE + name])[0].verdict == "pass"
            (outcome,) = evaluator.run("zoo", frozenset({fault}), [CORE + name])
            assert (outcome.verdict, outcome.clocked) == ("timeout", False)


@pytest.mark.parametrize(
    ("fault", "test"), [(4, "test_spin"), pytest.param(5, "test_sleep", marks=pytest.mark.slow)]
)
def test_any_other_endless_loop_ends_by_the_clock(
    evaluator: ProcessEvaluator, clean: dict[str, Outcome], fault: int, test: str
) -> None:
    (outcome,) = evaluator.run("zoo", frozenset({fault}), [CORE + test])
    assert (outcome.verdict, outcome.clocked) == ("timeout", True)


@pytest.mark.slow
def test_an_endless_loop_while_importing_ends_by_the_clock(
    evaluator: ProcessEvaluator, clean: dict[str, Outcome]
) -> None:
    (outcome,) = evaluator.run("zoo", frozenset({33}), ["tests/test_late.py::test_late"])
    assert (outcome.verdict, outcome.clocked) == ("timeout", True)


@pytest.mark.parametrize("fault", [2, 6, 7, 9])
def test_tests_beside_one_that_ends_its_process_keep_their_verdicts(
    evaluator: ProcessEvaluator, clean: dict[str, Outcome], fault: int
) -> None:
    names = [name for name in clean if name.startswith(CORE)]
    outcomes = evaluator.run("zoo", frozenset({fault}), names)
    assert sum(outcome.verdict != "pass" for outcome in outcomes) == 1


def test_faults_of_a_set_act_together(evaluator: ProcessEvaluator, clean: dict[str, Outcome]) -> None:
    names = [CORE + "test_add", CORE + "test_prepared", "tests/test_box.py::test_box"]
    outcomes = evaluator.run("zoo", frozenset({1, 10, 20}), names)
    assert [outcome.verdict for outcome in outcomes] == ["fail", "error", "fail"]


def test_what_a_test_changes_is_gone_before_the_next_run(
    evaluator: ProcessEvaluator, clean: dict[str, Outcome]
) -> None:
    evaluator.run("zoo", frozenset(), ["tests/test_leak.py::test_change"])
    (outcome,) = evaluator.run("zoo", frozenset(), ["tests/test_leak.py::test_is_clean"])
    assert outcome.verdict == "pass", outcome.shown


def test_what_a_test_changes_is_gone_before_the_next_cold_run(
    evaluator: ProcessEvaluator, clean: dict[str, Outcome]
) -> None:
    evaluator.run("zoo", frozenset({20}), ["tests/test_leak.py::test_change"])
    (outcome,) = evaluator.run("zoo", frozenset({20}), ["tests/test_leak.py::test_is_clean"])
    assert outcome.verdict == "pass", outcome.shown


def test_temporary_folders_are_new_in_every_run(
    evaluator: ProcessEvaluator, clean: dict[str, Outcome]
) -> None:
    asked = ["tests/test_leak.py::test_temporary"]
    verdicts = [evaluator.run("zoo", frozenset(faults), asked)[0].verdict for faults in ((), (1,), (20,))]
    assert verdicts == ["pass", "pass", "pass"]


def test_a_process_that_a_test_leaves_behind_is_ended(
    evaluator: ProcessEvaluator, clean: dict[str, Outcome]
) -> None:
    evaluator.run("zoo", frozenset(), ["tests/test_leak.py::test_process"])
    assert not processes_with(TOKEN)


def test_a_test_that_is_not_there_is_unknown(evaluator: ProcessEvaluator, loaded: Loaded) -> None:
    asked = [CORE + "test_nothing", "diff:nothing#1", "diff:nothing", "nonsense"]
    outcomes = evaluator.run("zoo", frozenset({20}), asked) + evaluator.run("zoo", frozenset(), asked)
    assert {outcome.verdict for outcome in outcomes} == {"unknown"}


def test_only_the_empty_set_may_be_probed(evaluator: ProcessEvaluator, loaded: Loaded) -> None:
    with pytest.raises(TestbedError, match="only the empty fault set"):
        evaluator.run("zoo", frozenset({1}), [CORE + "test_add"], probe=True)


def test_a_generation_that_is_not_loaded_is_an_error(evaluator: ProcessEvaluator) -> None:
    with pytest.raises(TestbedError, match="'other'"):
        evaluator.run("other", frozenset(), ["x"])


def test_several_generations_are_held_at_once_and_dropped(
    evaluator: ProcessEvaluator, loaded: Loaded
) -> None:
    other = {**SOURCE, "mini/core.py": SOURCE["mini/core.py"].replace("a + b", "a + b + 1")}
    evaluator.load("other", other)
    verdicts = [
        evaluator.run(name, frozenset(), [CORE + "test_add"])[0].verdict for name in ("zoo", "other", "zoo")
    ]
    evaluator.drop("other")
    assert verdicts == ["pass", "fail", "pass"]
    with pytest.raises(TestbedError, match="'other'"):
        evaluator.run("other", frozenset(), [CORE + "test_add"])

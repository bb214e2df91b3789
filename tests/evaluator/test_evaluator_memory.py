"""Faults that take memory without end crash for want of it, soon; what takes much all the same goes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from evaluator_targets import materialised, source_of, spec_of

from testbed.conditions import LimitsFactor
from testbed.evaluator import Job, ProcessEvaluator, WorkerSpec
from testbed.evaluator.cold import cold_verdicts
from testbed.protocols import Outcome

SOURCE = source_of(
    core="""
        def fill(count):
            held, end = [], (-1 if __fault__(1) else count)
            while len(held) != end:
                held.append(object())
            return len(held)

        def room(mib):
            more = (100 if __fault__(3) else 0) + (300 if __fault__(2) else 0)
            return len(bytes((mib + more) << 20)) > 0

        def plain(x):
            return (x + 0 if __fault__(5) else x)
    """
)
STATIC = {
    "tests/test_core.py": """
        from mini import core

        def test_fill(): assert core.fill(3) == 3
        def test_fill_with_a_fixture(tmp_path): assert core.fill(3) == 3
        def test_room(): assert core.room(1)
        def test_room_with_a_fixture(tmp_path): assert core.room(1)
        def test_plain(): assert core.plain(1) == 1
    """
}
THREADS = """
        import threading
        import time

        def together(count):
            count = (count + 5 if __fault__(4) else count)
            started = [threading.Thread(target=time.sleep, args=(0.05,)) for _ in range(count)]
            for each in started:
                each.start()
            for each in started:
                each.join()
            return True
    """
HEAVY = {"tests/test_heavy.py": "def test_much():\n    from mini import core\n    assert core.room(300)\n"}


def spec(scratch: Path, **more: str) -> WorkerSpec:
    made = spec_of({**STATIC, **more}, scratch)
    return replace(made, limits=LimitsFactor(test_seconds=30.0, memory_mib=1024))


@pytest.fixture(scope="module")
def evaluator(scratch: Path) -> Iterator[ProcessEvaluator]:
    with ProcessEvaluator(spec(scratch)) as made:
        tests = [info.id for info in made.load("g", SOURCE).tests]
        assert {each.verdict for each in made.run("g", frozenset(), tests)} == {"pass"}
        yield made


def both_ways(evaluator: ProcessEvaluator, fault: int, name: str) -> list[Outcome]:
    """The test in a process of its own, and in one that it shares where that can be."""
    test = f"tests/test_core.py::{name}"
    (alone,) = evaluator.run("g", frozenset({fault}), [test])
    (done,) = evaluator.run_jobs("g", [Job(frozenset({fault}), [test])])
    assert bool(done.outcomes) == ("fixture" not in name)
    return [alone, *done.outcomes]


@pytest.mark.parametrize("name", ["test_fill", "test_fill_with_a_fixture"])
def test_what_takes_memory_without_end_crashes_as_it_does_under_plain_pytest(
    evaluator: ProcessEvaluator, name: str
) -> None:
    for outcome in both_ways(evaluator, 1, name):
        assert (outcome.verdict, outcome.exception) == ("crash", "MemoryError")
    plain = materialised(SOURCE, frozenset({1}))
    test = f"tests/test_core.py::{name}"
    assert cold_verdicts(evaluator.spec, plain, [test]) == {test: "crash"}


@pytest.mark.parametrize("name", ["test_room", "test_room_with_a_fixture"])
def test_what_takes_more_than_it_did_passes(evaluator: ProcessEvaluator, name: str) -> None:
    for _ in range(3):
        assert {outcome.verdict for outcome in both_ways(evaluator, 3, name)} == {"pass"}


@pytest.mark.parametrize("name", ["test_room", "test_room_with_a_fixture"])
def test_what_takes_far_more_than_all_clean_runs_crashes(evaluator: ProcessEvaluator, name: str) -> None:
    for outcome in both_ways(evaluator, 2, name):
        assert (outcome.verdict, outcome.exception) == ("crash", "MemoryError")


def test_threads_where_there_was_one_have_their_stacks(scratch: Path) -> None:
    source = {**SOURCE, **source_of(threads=THREADS)}
    test = "tests/test_threads.py::test_together"
    body = "def test_together():\n    from mini import threads\n    assert threads.together(1)\n"
    with ProcessEvaluator(spec(scratch, **{"tests/test_threads.py": body})) as made:
        made.load("g", source)
        for faults in (frozenset[int](), frozenset({4})):
            assert [outcome.verdict for outcome in made.run("g", faults, [test])] == ["pass"]


def test_many_one_after_the_other_have_their_room_each(evaluator: ProcessEvaluator) -> None:
    test = "tests/test_core.py::test_room"
    jobs = [Job(frozenset({3}), [test]), Job(frozenset({1}), ["tests/test_core.py::test_fill"])] * 6
    done = evaluator.run_jobs("g", jobs)
    assert [each.outcomes[0].verdict for each in done] == ["pass", "crash"] * 6


def test_where_clean_runs_take_much_faults_may_too(scratch: Path) -> None:
    with ProcessEvaluator(spec(scratch, **HEAVY)) as made:
        tests = [info.id for info in made.load("g", SOURCE).tests]
        assert {each.verdict for each in made.run("g", frozenset(), tests)} == {"pass"}
        for fault in (2, 3):
            (outcome,) = made.run("g", frozenset({fault}), ["tests/test_heavy.py::test_much"])
            assert outcome.verdict == "pass"


@pytest.mark.parametrize(("first", "then"), [("Exception", "MemoryError"), ("MemoryError", "Exception")])
def test_the_first_exception_of_a_test_decides(scratch: Path, first: str, then: str) -> None:
    body = f"""
        import pytest

        @pytest.fixture
        def around():
            yield
            raise {then}

        def test_it(around): raise {first}
    """
    test = "tests/test_order.py::test_it"
    made = spec(scratch, **{"tests/test_order.py": body})
    with ProcessEvaluator(made) as evaluator:
        evaluator.load("g", SOURCE)
        (forked,) = evaluator.run("g", frozenset(), [test])
    assert forked.verdict == ("crash" if first == "MemoryError" else "fail")
    assert cold_verdicts(made, materialised(SOURCE, frozenset()), [test]) == {test: forked.verdict}

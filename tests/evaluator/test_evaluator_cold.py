"""Verdicts of forked runs equal those of cold plain pytest on materialised source."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from evaluator_targets import materialised, source_of, spec_of

from testbed.evaluator import Job, ProcessEvaluator, WorkerSpec, cold_verdicts

SOURCE = source_of(
    stack="""
        import functools

        LIMIT = (3 if __fault__(1) else 4)

        class Full(Exception):
            if __fault__(2):
                code = 2
            else:
                code = 1

        class Stack:
            kinds = {"int": (float if __fault__(3) else int)}

            def __init__(self, items=()):
                self.items = (items if __fault__(4) else list(items))

            def push(self, item):
                if __fault__(5):
                    pass
                else:
                    if len(self.items) >= LIMIT:
                        raise Full(item)
                self.items.append((None if __fault__(6) else item))
                return (self if __fault__(7) else len(self.items))

            def pop(self):
                if __fault__(8):
                    return self.items.pop(0)
                else:
                    return self.items.pop()

            def __len__(self):
                return (len(self.items) + 1 if __fault__(9) else len(self.items))

            def __iter__(self):
                for item in (self.items if __fault__(10) else reversed(self.items)):
                    yield item

        @functools.lru_cache(maxsize=None)
        def factorial(n):
            return (1 if n <= 1 else n * factorial((n if __fault__(11) else n - 1)))

        def parse(text):
            try:
                return int(text)
            except (TypeError if __fault__(12) else ValueError):
                return (0 if __fault__(13) else None)

        def merge(a, b, into={}):
            if __fault__(14):
                pass
            else:
                into = {}
            into.update(a)
            into.update(b)
            return into

        def compare(a, b):
            return (a <= b if __fault__(15) else a < b)

        def drain(stack):
            total = 0
            while stack.items:
                total += 1
                if __fault__(16):
                    pass
                else:
                    stack.pop()
            return total

        def quit_early(n):
            if __fault__(17):
                raise SystemExit(0)
            else:
                return n

        def dead(n):
            return (n * 1 if __fault__(18) else n)
    """,
    words="""
        from mini.stack import Stack

        if __fault__(19):
            del Stack
        else:
            pass

        def fresh():
            return Stack()

        def words(text):
            return (text.split(" ") if __fault__(20) else text.split())
    """,
)

STATIC = {
    "tests/conftest.py": """
        import pytest
        from mini.stack import Stack

        @pytest.fixture
        def stack():
            made = Stack([1, 2])
            yield made
            assert len(made) < 10

        @pytest.fixture(scope="module")
        def shared():
            return Stack()
    """,
    "tests/test_stack.py": """
        import unittest
        import pytest
        from hypothesis import given, strategies as st
        from mini import stack as module
        from mini.stack import Full, Stack

        def test_push(stack): assert stack.push(3) == 3
        def test_full(stack):
            stack.push(3)
            stack.push(4)
            with pytest.raises(Full) as caught:
                stack.push(5)
            assert caught.value.code == 1
        def test_pop(stack): assert stack.pop() == 2
        def test_iterates_backwards(stack): assert list(stack) == [2, 1]
        def test_keeps_its_own_items():
            items = [1]
            Stack(items).push(2)
            assert items == [1]
        def test_kind(): assert Stack.kinds["int"]("1") == 1 and type(Stack.kinds["int"]("1")) is int
        def test_shared_is_empty(shared): assert len(shared) == 0
        def test_shared_fills(shared): assert shared.push(1) == 1
        def test_factorial(): assert module.factorial(5) == 120
        @pytest.mark.parametrize("text, number", [("1", 1), ("x", None)])
        def test_parse(text, number): assert module.parse(text) == number
        def test_merge(): assert module.merge({1: 1}, {}) == {1: 1}
        def test_merge_again(): assert module.merge({2: 2}, {}) == {2: 2}
        def test_drain(stack): assert module.drain(stack) == 2
        def test_identity(): assert id(Stack()) != id(Stack())
        def test_quit(): assert module.quit_early(1) == 1
        @pytest.mark.xfail
        def test_wrong(): assert module.compare(1, 1)
        @pytest.mark.xfail(strict=True)
        def test_strictly_wrong(): assert module.compare(1, 1)
        class TestCase(unittest.TestCase):
            def test_subtests(self):
                for n in range(2):
                    with self.subTest(n=n):
                        self.assertFalse(module.compare(n, 0))
        @given(st.lists(st.integers(0, 9), max_size=4))
        def test_round_trip(items):
            made = Stack(items)
            assert list(made) == items[::-1]
            assert len(made) == len(items)
        @given(st.integers(), st.integers())
        def test_compare(a, b): assert module.compare(a, b) == (not b <= a)
    """,
    "tests/test_words.py": """
        from mini import words as module
        def test_words(): assert module.words("a  b") == ["a", "b"]
        def test_fresh(): assert len(module.fresh()) == 0
    """,
}

SETS = [frozenset({number}) for number in range(1, 21)] + [
    frozenset(),
    frozenset({1, 9}),
    frozenset({5, 6, 8}),
    frozenset({4, 14, 20}),
    frozenset({15, 17}),
]


@pytest.fixture(scope="module")
def spec(scratch: Path) -> WorkerSpec:
    return spec_of(STATIC, scratch)


@pytest.fixture(scope="module")
def evaluator(spec: WorkerSpec) -> Iterator[tuple[ProcessEvaluator, list[str]]]:
    made = ProcessEvaluator(spec)
    tests = [test.id for test in made.load("g", SOURCE).tests]
    made.run("g", frozenset(), tests, seed=7, examples=15)
    yield made, tests
    made.close()


def both(
    evaluator: tuple[ProcessEvaluator, list[str]], spec: WorkerSpec, on: frozenset[int]
) -> tuple[dict[str, str], dict[str, str]]:
    made, tests = evaluator
    forked = {outcome.test: outcome.verdict for outcome in made.run("g", on, tests, seed=7, examples=15)}
    cold = cold_verdicts(spec, materialised(SOURCE, on), tests, seed=7, examples=15, seconds=3)
    return forked, dict(cold)


@pytest.mark.parametrize("on", [frozenset(), frozenset({2, 5, 9, 14})], ids=str)
def test_forked_verdicts_equal_those_of_plain_pytest(
    evaluator: tuple[ProcessEvaluator, list[str]], spec: WorkerSpec, on: frozenset[int]
) -> None:
    forked, cold = both(evaluator, spec, on)
    assert forked == cold
    assert ("fail" in forked.values()) is bool(on)


@pytest.mark.slow
@pytest.mark.parametrize("on", SETS, ids=str)
def test_forked_verdicts_equal_those_of_plain_pytest_for_every_fault(
    evaluator: tuple[ProcessEvaluator, list[str]], spec: WorkerSpec, on: frozenset[int]
) -> None:
    forked, cold = both(evaluator, spec, on)
    assert forked == cold


@pytest.mark.slow
def test_cold_runs_tell_crashes_errors_and_timeouts_apart(scratch: Path) -> None:
    static = {
        "tests/test_all.py": """
            import os, pytest
            @pytest.fixture
            def broken(): raise OSError
            def test_passes(): pass
            def test_fails(): assert 0
            def test_errs(broken): pass
            def test_crashes(): os._exit(0)
            def test_interrupts(): raise KeyboardInterrupt
            def test_endless():
                while True: pass
            def test_greedy(): bytearray(4 << 30)
            def test_passes_too(): pass
        """,
        "tests/test_broken.py": "import nothing_of_this_name\n",
    }
    expected = {
        "test_all.py::test_passes": "pass",
        "test_all.py::test_fails": "fail",
        "test_all.py::test_errs": "error",
        "test_all.py::test_crashes": "crash",
        "test_all.py::test_interrupts": "crash",
        "test_all.py::test_endless": "timeout",
        "test_all.py::test_greedy": "crash",
        "test_all.py::test_passes_too": "pass",
        "test_broken.py::test_anything": "error",
    }
    tests = [f"tests/{name}" for name in expected]
    verdicts = cold_verdicts(spec_of(static, scratch), source_of(), tests, seconds=3)
    assert verdicts == {f"tests/{name}": verdict for name, verdict in expected.items()}


@pytest.mark.slow
def test_recursion_has_the_room_that_plain_pytest_gives(scratch: Path) -> None:
    static = {
        "tests/test_deep.py": """
            import pytest
            def deep(n): return deep(n - 1) if n else 0
            @pytest.mark.parametrize("n", range(900, 1000))
            def test_deep(n): deep(n)
        """
    }
    spec = spec_of(static, scratch)
    with ProcessEvaluator(spec) as evaluator:
        tests = [test.id for test in evaluator.load("g", source_of()).tests]
        forked = [outcome.verdict for outcome in evaluator.run("g", frozenset(), tests)]
        deepest = [test for test, verdict in zip(tests, forked, strict=True) if verdict == "pass"][-3]
        (done,) = evaluator.run_jobs("g", [Job(frozenset({1}), [deepest])])
    cold = list(cold_verdicts(spec, source_of(), tests).values())
    assert 20 < cold.count("pass") < 80
    assert abs(forked.count("pass") - cold.count("pass")) <= 2
    assert [outcome.verdict for outcome in done.outcomes] == ["pass"]


def test_a_cold_run_leaves_nothing_behind(tmp_path: Path) -> None:
    static = {"tests/test_one.py": "def test_one(): pass\n"}
    spec = spec_of(static, tmp_path)
    asked = ["tests/test_one.py::test_one", "tests/test_one.py::test_two"]
    assert list(cold_verdicts(spec, source_of(), asked).values()) == ["pass", "error"]
    assert list(tmp_path.iterdir()) == []


def test_what_pytest_says_at_its_end_costs_nothing_and_decides_nothing(scratch: Path) -> None:
    tests = """
        import hypothesis
        from hypothesis import given, strategies as st

        @given(st.integers())
        def test_it_is_as_anybody_imports_it(x):
            assert type(hypothesis.__loader__).__name__ == "SourceFileLoader"

        def test_fails():
            assert 0
    """
    ends = """
        import os

        def pytest_sessionfinish(session):
            session.testsfailed = 0

        def pytest_terminal_summary():
            os._exit(3)
    """
    spec = spec_of({"tests/test_core.py": tests, "conftest.py": ends}, scratch)
    names = ["tests/test_core.py::test_it_is_as_anybody_imports_it", "tests/test_core.py::test_fails"]
    found = cold_verdicts(spec, {}, [*names, "tests/test_core.py::test_missing"])
    assert list(found.values()) == ["pass", "fail", "error"]

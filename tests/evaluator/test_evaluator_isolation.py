"""What a test reaches does not depend on the tests before it; one that needs them is found and named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from evaluator_targets import materialised, source_of, spec_of

from testbed.baseline import examine
from testbed.conditions import LimitsFactor
from testbed.errors import UserError
from testbed.evaluate.program import Settings
from testbed.evaluate.run import Workers, control
from testbed.evaluator import Entry, ProcessEvaluator, WorkerSpec
from testbed.evaluator.cold import cold_verdicts

STORE = """
    import functools, threading

    KNOWN, SEEN, TABLE = {}, set(), []

    @functools.lru_cache
    def cached(x):
        return x + (1 if __fault__(1) else 0)

    def remembered(x):
        if x not in KNOWN:
            KNOWN[x] = x + (1 if __fault__(2) else 0)
        return KNOWN[x]

    def noticed(x):
        if x in SEEN:
            return True
        SEEN.add(x)
        return (False if __fault__(3) else True)

    def table():
        if not TABLE:
            TABLE.extend(range(3 if not __fault__(4) else 2))
        return TABLE

    class Lazy:
        value = None

        @classmethod
        def get(cls):
            if cls.value is None:
                cls.value = (8 if __fault__(5) else 7)
            return cls.value

    def later():
        from mini import slowly
        return slowly.VALUE

    LOCAL = threading.local()

    def local():
        if not hasattr(LOCAL, "value"):
            LOCAL.value = (10 if __fault__(7) else 9)
        return LOCAL.value
"""
SLOWLY = "VALUE = (2 if __fault__(6) else 1)\n"
TESTS = """
    import pytest
    from hypothesis import given, strategies
    from mini import store

    def warm():
        store.cached(1), store.remembered(1), store.noticed(1), store.table(), store.Lazy.get(), store.later()
        store.local()

    def test_first(): warm()
    def test_cached(): assert store.cached(1) == 1
    def test_remembered(): assert store.remembered(1) == 1
    def test_noticed(): assert store.noticed(1)
    def test_table(): assert len(store.table()) == 3
    def test_lazy(): assert store.Lazy.get() == 7
    def test_later(): assert store.later() == 1
    def test_local(): assert store.local() == 9

    @pytest.fixture
    def warmed(): warm()

    def test_with_a_fixture(warmed): pass
    def test_cached_with_a_fixture(tmp_path): assert store.cached(1) == 1

    @given(strategies.just(1))
    def test_property(x): assert store.cached(x) == x and store.remembered(x) == x and store.later() == 1
"""
SOURCE = source_of(store=STORE, slowly=SLOWLY)
REACHING = {
    "test_cached": {1}, "test_remembered": {2}, "test_noticed": {3}, "test_table": {4}, "test_lazy": {5},
    "test_later": {6}, "test_local": {7}, "test_first": {1, 2, 3, 4, 5, 6, 7},
    "test_with_a_fixture": {1, 2, 3, 4, 5, 6, 7},
    "test_cached_with_a_fixture": {1}, "test_property": {1, 2, 6},
}  # fmt: skip
DEPENDENT = """
    from mini import store

    def test_before(): store.KNOWN["before"] = 1
    def test_after(): assert store.KNOWN == {"before": 1}
    def test_alone(): assert store.cached(1) == 1
"""


def spec(scratch: Path, tests: str, more: str = "") -> WorkerSpec:
    made = spec_of({"tests/test_store.py": tests, "tests/shown.py": more}, scratch)
    return replace(made, limits=LimitsFactor(test_seconds=5.0, memory_mib=512))


@pytest.fixture(scope="module", params=["compared", "not compared"])
def evaluator(scratch: Path, request: pytest.FixtureRequest) -> Iterator[ProcessEvaluator]:
    """The second one has something in it at whose state nobody can look."""
    source = dict(SOURCE)
    if request.param == "not compared":
        source["mini/store.py"] += "\nHIDDEN = memoryview(b'x')\n"
    with ProcessEvaluator(spec(scratch, TESTS)) as made:
        assert not made.load("g", source).error
        yield made


def test_what_a_test_reaches_is_its_own_doing(evaluator: ProcessEvaluator) -> None:
    tests = {f"tests/test_store.py::{name}": reached for name, reached in REACHING.items()}
    outcomes = evaluator.run("g", frozenset(), list(tests), examples=5, probe=True)
    assert {outcome.verdict for outcome in outcomes} == {"pass"}
    assert {outcome.test: set(outcome.reached) for outcome in outcomes} == tests


def test_it_is_so_as_plain_pytest_says(scratch: Path) -> None:
    for fault in range(1, 8):
        name = next(name for name, reached in REACHING.items() if reached == {fault})
        test = f"tests/test_store.py::{name}"
        cold = cold_verdicts(spec(scratch, TESTS), materialised(SOURCE, frozenset({fault})), [test])
        assert cold == {test: "fail"}


def test_an_input_reaches_what_it_would_alone(scratch: Path) -> None:
    shown = "def generate(random): return random.choice([1, 2])\n"
    entry = Entry("cached", "shown:generate", "mini.store:cached")
    made = replace(spec(scratch, TESTS, shown), entries=(entry,), paths=("", "tests"))
    with ProcessEvaluator(made) as evaluator:
        assert evaluator.load("g", SOURCE).entries == ("cached",)
        inputs = [f"diff:cached#{number}" for number in range(6)]
        outcomes = evaluator.run("g", frozenset(), inputs, probe=True)
        assert [outcome.reached for outcome in outcomes] == [(1,)] * 6


def test_a_test_that_needs_others_is_named(scratch: Path) -> None:
    with (
        Workers(spec(scratch, DEPENDENT), 1) as workers,
        pytest.raises(UserError, match=r"test_after passes only after other tests"),
    ):
        control(workers, SOURCE, Settings())


def test_a_test_that_needs_others_is_quarantined(scratch: Path) -> None:
    with ProcessEvaluator(spec(scratch, DEPENDENT)) as evaluator:
        baseline = examine("mini", "0", SOURCE, evaluator, seed=0, examples=5)
    assert baseline.fact.quarantined == ("tests/test_store.py::test_after",)
    assert len(baseline.fact.tests) == 2

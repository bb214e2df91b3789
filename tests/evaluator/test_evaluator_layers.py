"""Faults that do not fit beside others come into further layers, for the tests that enter their functions."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluator_targets import source_of, spec_of

from testbed.evaluate import run
from testbed.evaluate.faults import Fault
from testbed.evaluate.late import bodies
from testbed.evaluate.layers import DEEPEST, place
from testbed.evaluate.program import Settings
from testbed.evaluate.run import Workers, control, evaluate, faulty
from testbed.evaluator import ProcessEvaluator
from testbed.schema import TextEdit

CALLS = """
    def plain(x):
        return [x, 77]

    def generated(x):
        yield x
        yield 77

    def closed(x):
        def inner(y):
            return [x, y, 77]
        return inner

    async def awaited(x):
        return [x, 77]

    def one_line(x): return [x, 77]

    class Maker:
        def make(self, x):
            return [x, 77]

        @property
        def made(self):
            return 77

        @made.setter
        def made(self, value):
            self.kept = [value, 77]

    def default(x=77):
        return x

    def unused(x):
        return [x, 77]

    def at_import(x):
        return [x, 77]

    AT_IMPORT = closed(3)
    LEFT = at_import(4)
"""
TESTS = """
    import asyncio
    import pytest
    from mini import calls

    @pytest.fixture(scope="module")
    def shared(): return calls.closed(1)

    def test_plain(): assert calls.plain(1) == [1, 77]
    def test_one(): assert next(calls.generated(1)) == 1
    def test_both(): assert list(calls.generated(1)) == [1, 77]
    def test_closed(): assert calls.closed(1)(2) == [1, 2, 77]
    def test_shared(shared): assert shared(4) == [1, 4, 77]
    def test_shared_again(shared): assert shared(5) == [1, 5, 77]
    def test_at_import(): assert calls.AT_IMPORT(2) == [3, 2, 77]
    def test_awaited(): assert asyncio.run(calls.awaited(1)) == [1, 77]
    def test_one_line(): assert calls.one_line(1) == [1, 77]
    def test_make(): assert calls.Maker().make(1) == [1, 77]
    def test_made(): assert calls.Maker().made == 77
    def test_default(): assert calls.default() == 77
    def test_setting():
        maker = calls.Maker()
        maker.made = 2
        assert maker.kept == [2, 77]
    def test_nothing(): pass
    def test_entered(): assert calls.at_import(1) == [1, 77]
    def test_left(): assert calls.LEFT == [4, 77]
"""
SOURCE = source_of(calls=CALLS)


PATH = "mini/calls.py"
EACH = DEEPEST + 3


@pytest.fixture(scope="module")
def faults() -> list[Fault]:
    """So many of the same number that they do not fit into one layer."""
    text, made = SOURCE[PATH], list[Fault]()
    places = [at for at in range(len(text)) if text.startswith("77", at)]
    for at, where in zip(places, WHERE, strict=True):
        line = text.count("\n", 0, at) + 1
        for value in range(100, 100 + EACH):
            edit = TextEdit(at, at + 2, str(value))
            made.append(Fault(len(made) + 1, "number", "number", PATH, where, line, edit))
    return made


WHERE = (
    "plain", "generated", "closed", "awaited", "one_line", "Maker.make", "Maker.made", "Maker.made",
    "default", "unused", "at_import",
)  # fmt: skip


@pytest.fixture
def run_tests(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many tests each clean run had, from now on."""
    numbers: list[int] = []
    plain = run.load

    def load(*arguments: object, **more: object) -> object:
        program = plain(*arguments, **more)  # type: ignore[arg-type]
        numbers.append(len(program.order))
        return program

    monkeypatch.setattr(run, "load", load)
    return numbers


def test_further_layers_say_what_all_tests_say(
    scratch: Path, faults: list[Fault], run_tests: list[int]
) -> None:
    layers = place(SOURCE, faults).layers
    assert len(layers) == 2
    spec = spec_of({"tests/test_calls.py": TESTS}, scratch)
    with Workers(spec, 1) as workers:
        settings = Settings(matrix=True, tests=control(workers, SOURCE, Settings()))
        results = evaluate(workers, SOURCE, faults, settings)
    assert len(settings.tests) == 16
    assert run_tests[:2] == [16, 16]
    further = {fault.number for fault in layers[1].faults}
    assert {result.fault.where for result in results if result.fault.number in further} == set(WHERE)
    with ProcessEvaluator(spec) as evaluator:
        for result in results:
            if result.fault.number in further:
                evaluator.load("one", faulty(SOURCE, result.fault))
                outcomes = evaluator.run("one", frozenset(), settings.tests)
                failing = {outcome.test for outcome in outcomes if outcome.verdict != "pass"}
                assert set(result.tests) == failing, (result.fault.where, result.fault.edit)


def test_a_layer_runs_only_the_tests_that_enter(
    scratch: Path, faults: list[Fault], run_tests: list[int]
) -> None:
    chosen = [fault for fault in faults if fault.where in ("plain", "unused")]
    with Workers(spec_of({"tests/test_calls.py": TESTS}, scratch), 1) as workers:
        evaluate(workers, SOURCE, chosen, Settings())
    assert run_tests[0] == 16
    assert set(run_tests[1:]) == {1}


def test_faults_outside_of_bodies_belong_to_no_function() -> None:
    text = SOURCE[PATH].encode()
    found = {body.place[1]: text[body.start : body.end].decode() for body in bodies(SOURCE, PATH)}
    assert set(found) == {"plain", "generated", "closed", "Maker.make", "unused", "default", "at_import"}
    assert found["plain"].strip() == "return [x, 77]"
    assert "77" not in found["default"]


def test_what_may_run_later_is_told() -> None:
    later = {body.place[1] for body in bodies(SOURCE, PATH) if not body.ends}
    assert later == {"generated", "closed"}


def test_functions_that_importing_enters_need_few_tests_where_nothing_of_them_runs_later(
    scratch: Path, faults: list[Fault], run_tests: list[int]
) -> None:
    chosen = [fault for fault in faults if fault.where == "at_import"]
    with Workers(spec_of({"tests/test_calls.py": TESTS}, scratch), 1) as workers:
        results = evaluate(workers, SOURCE, chosen, Settings(matrix=True))
    assert run_tests == [16, 1]
    for result in results:
        assert set(result.tests) == {f"tests/test_calls.py::{name}" for name in ("test_entered", "test_left")}

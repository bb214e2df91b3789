"""Faults that act while importing are shown to every test that can tell, and to few others."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
from evaluator_targets import source_of, spec_of

from injectors.catalogue import selected
from testbed.conditions import InjectionFactor
from testbed.evaluate import faults as found
from testbed.evaluate import program
from testbed.evaluate.faults import Fault
from testbed.evaluate.program import Result, Settings
from testbed.evaluate.run import Workers, control, evaluate, faulty
from testbed.evaluator import ProcessEvaluator, WorkerSpec
from testbed.evaluator.cold import cold_verdicts
from testbed.worker.manners import keeps_nothing
from testbed.worker.touch import Readers

SHAPES = """
    import time

    STARTED = time.time()

    class Shape:
        def __init__(self, size=3, name="square"):
            self.size = size + 1
            self.name = name or "none"
            self.tags = [name, len(name) + 1]
            self.factor = 2
            self.unread = 40 + 2
            self.born = time.time() + 1

        def area(self):
            return self.size * self.factor

        @property
        def label(self):
            return self.name.upper()

    class Slotted:
        __slots__ = ("a", "b")

        def __init__(self):
            self.a = 1 + 1
            self.b = self.a + 3

    class Own:
        def __init__(self):
            self.value = 5 + 1

        def __getattribute__(self, name):
            return super().__getattribute__(name)

    class Counted(dict):
        def __init__(self):
            super().__init__(a=1 + 1)

    class Answering:
        def __init__(self):
            self.known = 1 + 1

        def __getattr__(self, name):
            return self.known + len(name)

    class Konst:
        LIMIT = 5 + 5

    def build(n=2):
        return [n * 3]

    ONE, OTHER, THIRD = Shape(), Shape(4, "circle"), Shape(1, "point")
    SLOTTED, OWN, COUNTED, ANSWERING = Slotted(), Own(), Counted(), Answering()
    MADE = build()
"""
TESTS = """
    import copy, operator, pickle
    import pytest
    from mini import shapes
    from mini.shapes import ANSWERING, COUNTED, ONE, OTHER, OWN, SLOTTED, THIRD, Shape, build

    TAGS = OTHER.tags
    at_import = THIRD.factor + 1

    def test_area(): assert ONE.area() == 8
    def test_label(): assert OTHER.label == "CIRCLE"
    def test_vars(): assert vars(ONE)["size"] == 4
    def test_dict(): assert sorted(ONE.__dict__) == ["born", "factor", "name", "size", "tags", "unread"]
    def test_getattr(): assert getattr(ONE, "fac" + "tor") == 2
    def test_hasattr(): assert hasattr(OTHER, "size")
    def test_getter(): assert operator.attrgetter("name")(OTHER) == "circle"
    def test_format(): assert "{0.name}".format(ONE) == "square"
    def test_copied(): assert copy.copy(OTHER).size == 5
    def test_deeply_copied(): assert copy.deepcopy(OTHER).tags == ["circle", 7]
    def test_pickled(): assert pickle.loads(pickle.dumps(OTHER)).name == "circle"
    def test_inner(): assert ONE.tags[1] == 7
    def test_alias(): assert TAGS[1] == 7
    def test_module_level(): assert at_import == 3
    def test_slots(): assert SLOTTED.b == 5
    def test_own(): assert OWN.value == 6
    def test_counted(): assert COUNTED["a"] == 2
    def test_answering(): assert ANSWERING.four == 6
    def test_konst(): assert shapes.Konst.LIMIT == 10
    def test_build(): assert build() == [6]
    def test_build_defaults(): assert build.__defaults__ == (2,)
    def test_made(): assert shapes.MADE == [6]
    def test_fresh(): assert Shape(2, "x").size == 3
    def test_deleting():
        del THIRD.size
        assert THIRD.name == "point"
    def test_setting():
        THIRD.size = 9
        assert THIRD.area() == 18
    def test_born(): assert ONE.born > 1
    def test_unrelated(): assert 1 + 1 == 2
    def test_its_class(): assert ONE.__class__ is Shape and isinstance(OTHER, Shape)

    @pytest.mark.parametrize("shape", [ONE, OTHER])
    def test_parameter(shape): assert shape.size in (4, 5)

    @pytest.mark.parametrize("size", [ONE.size, OTHER.size])
    def test_value(size): assert size in (4, 5)

    @pytest.fixture(scope="module")
    def third(): return THIRD.name

    def test_with_a_fixture(third): assert third == "point"
"""
PAST = {
    "static": """
        import inspect
        from mini.shapes import ONE

        def test_past(): assert inspect.getattr_static(ONE, "size") == 4
    """,
    "object": """
        from mini.shapes import ONE

        def test_past(): assert object.__getattribute__(ONE, "size") == 4
    """,
    "slot": """
        from mini.shapes import SLOTTED

        def test_past(): assert type(SLOTTED).a.__get__(SLOTTED) == 2
    """,
    "collector": """
        import gc
        from mini.shapes import ONE

        def is_size(value): return value == 4 or (type(value) is dict and value.get("size") == 4)

        def test_past(): assert any(map(is_size, gc.get_referents(ONE)))
    """,
    "process": """
        import os
        from mini.shapes import ONE

        def test_past():
            child = os.fork()
            if child == 0:
                os._exit(ONE.size != 4)
            assert os.waitpid(child, 0)[1] == 0
    """,
    "library": """
        import unittest.mock
        from mini.shapes import ONE

        def test_past(): assert unittest.mock.create_autospec(ONE).size is not None
    """,
    "plug-in": """
        from mini.shapes import ONE

        def pytest_configure(config): config.size = ONE.size

        def pytest_collection_modifyitems(items):
            items[0].config.sizes = [ONE.size]
    """,
}
PLACES = {"plug-in": "conftest"}
SOURCE = source_of(shapes=SHAPES)


def every(source: dict[str, str]) -> list[Fault]:
    return found.every(source, selected(InjectionFactor(families=("mutmut",))))


def faults() -> list[Fault]:
    return every(SOURCE)


@pytest.fixture(autouse=True)
def every_test_is_dear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "CHEAP", 0.0)


def some_faults() -> list[Fault]:
    """Those that change the attributes that are read past the class, and a few more."""
    inside = {where: [fault for fault in faults() if fault.where == where] for where in WHERE}
    return [*inside[WHERE[0]][:4], *inside[WHERE[1]][:2]]


WHERE = ("Shape.__init__", "Slotted.__init__")


def check(spec: WorkerSpec, chosen: list[Fault]) -> list[Result]:
    """Evaluates these faults; each test has to say what it says when all tests are asked."""
    with Workers(spec, 1) as workers:
        settings = Settings(matrix=True, tests=control(workers, SOURCE, Settings()))
        results = evaluate(workers, SOURCE, chosen, settings)
    with ProcessEvaluator(spec) as evaluator:
        for result in results:
            evaluator.load("one", faulty(SOURCE, result.fault))
            outcomes = evaluator.run("one", frozenset(), settings.tests)
            failing = {outcome.test for outcome in outcomes if outcome.verdict != "pass"}
            assert set(result.tests) == failing, (result.fault.where, result.fault.line, result.fault.edit)
    return results


def test_all_tests_that_can_tell_are_asked_and_few_others(scratch: Path) -> None:
    results = check(spec_of({"tests/test_shapes.py": TESTS}, scratch), faults())
    tests = max(result.reached for result in results)
    importing = [result for result in results if result.reached == tests]
    assert len(importing) > 40
    few = [result for result in importing if result.asked < tests / 2]
    assert len(few) > 15
    unread = [result for result in importing if result.fault.where == "Shape.__init__" and not result.tests]
    assert any(result.asked < 10 for result in unread)


@pytest.mark.parametrize("way", PAST)
def test_who_reads_past_the_class_is_asked_too(scratch: Path, way: str) -> None:
    tests = {"tests/test_shapes.py": TESTS, f"tests/{PLACES.get(way, 'test_past')}.py": PAST[way]}
    results = check(spec_of(tests, scratch), some_faults())
    asked = {test for result in results for test in result.tests}
    assert "tests/test_past.py::test_past" in asked or way in ("library", "plug-in")


def test_what_a_plug_in_keeps_is_for_all_tests(scratch: Path) -> None:
    tests = {
        "tests/test_shapes.py": TESTS,
        "tests/conftest.py": PAST["plug-in"],
        "tests/test_kept.py": "def test_kept(request): assert request.config.sizes == [4]",
    }
    results = check(spec_of(tests, scratch), some_faults())
    assert any("tests/test_kept.py::test_kept" in result.tests for result in results)


IDLE = """
    import re, sys

    NAME = re.compile("_py([0-9])")

    def pytest_ignore_collect(collection_path, config):
        found = NAME.search(collection_path.name)
        return bool(found) and int(found.group(1)) != sys.version_info[0]

    def pytest_addoption(parser): parser.addoption("--quick", action="store_true")

    def pytest_configure(config): config.addinivalue_line("markers", "slow: takes long")
"""
BUSY = {
    "given": "def pytest_collection_modifyitems(items): items[0].config.kept = items[0].module.ONE.size",
    "imported": "def pytest_configure(config):\n    from mini.shapes import ONE\n    config.kept = ONE.size",
    "by name": "def pytest_configure(config): config.kept = __import__('mini.shapes').shapes.ONE.size",
    "looked up": """
        import sys
        def pytest_ignore_collect(config): config.kept = sys.modules.get("mini.shapes")
    """,
    "another's": "from mini.hooks import pytest_configure",
    "assigned": "pytest_configure = lambda config: None",
    "wrapped": "import pytest\n@pytest.hookimpl(trylast=True)\ndef pytest_configure(config): pass",
    "plug-ins": "pytest_plugins = ['mini.shapes']",
}


@pytest.mark.parametrize("text", BUSY.values(), ids=BUSY)
def test_hooks_that_could_keep_something_are_told_apart(text: str) -> None:
    assert keeps_nothing(dedent(IDLE))
    assert not keeps_nothing(dedent(text))


def test_hooks_that_keep_nothing_do_not_count(scratch: Path) -> None:
    tests = {"tests/test_shapes.py": TESTS, "tests/conftest.py": IDLE}
    results = check(spec_of(tests, scratch), some_faults())
    assert any(result.asked < result.reached / 2 for result in results)


REFUSING = """
    def checked(n):
        if n < 3:
            raise ValueError(n)
        return n

    LEAST = checked(3)
"""
LEAST = """
    from mini import refusing

    def test_least(): assert refusing.LEAST == 3
"""


def test_a_test_that_cannot_be_collected_decides_at_once(scratch: Path) -> None:
    source = {**SOURCE, **source_of(refusing=REFUSING)}
    chosen = [fault for fault in every(source) if fault.path == "mini/refusing.py"]
    spec = spec_of({"tests/test_shapes.py": TESTS, "tests/test_least.py": LEAST}, scratch)
    with Workers(spec, 1) as workers:
        settings = Settings(tests=control(workers, source, Settings()))
        results = evaluate(workers, source, chosen, settings)
    refused = [result for result in results if result.verdict == "error"]
    assert refused
    assert {(result.tests, result.asked) for result in refused} == {(("tests/test_least.py::test_least",), 1)}


def test_who_shares_something_reads_what_any_of_them_reads() -> None:
    read = [("one", 0, [(0, ["a"])]), ("two", 1, [(0, ["b"])]), ("three", 1, []), ("four", 0, None)]
    results = [{"t": test, "v": "pass", "b": shared, "a": found} for test, shared, found in read]
    tests = [test for test, _shared, _found in read]
    assert Readers(["x"], results).among(tests, [("x", "b")]) == ["two", "three", "four"]
    assert Readers(["x"], results).among(tests, [("x", "a")]) == ["one", "four"]
    assert Readers(["x"], results).among(tests, [("y", "a")]) == tests
    crashed = [*results, {"t": "five", "v": "crash"}]
    assert Readers(["x"], crashed).among([*tests, "five"], [("x", "a")]) == [*tests, "five"]


def test_plain_pytest_confirms_it(scratch: Path) -> None:
    spec = spec_of({"tests/test_shapes.py": TESTS}, scratch)
    with Workers(spec, 1) as workers:
        settings = Settings(tests=control(workers, SOURCE, Settings()))
        chosen = [fault for fault in faults() if "__init__" in fault.where][::5]
        results = evaluate(workers, SOURCE, chosen, settings)
    assert len(results) > 6
    for result in results:
        cold = cold_verdicts(spec, faulty(SOURCE, result.fault), settings.tests)
        failing = {test for test, verdict in cold.items() if verdict != "pass"}
        assert bool(result.tests) == bool(failing), result.fault
        assert set(result.tests) <= failing

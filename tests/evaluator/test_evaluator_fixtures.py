"""A fault that is met only in the setup of a shared fixture is asked of every test that uses it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from evaluator_targets import materialised, source_of, spec_of

from testbed.evaluator import ProcessEvaluator, WorkerSpec, cold_verdicts

SOURCE = source_of(
    core="""
        def make():
            return {"size": (4 if __fault__(1) else 3), "name": ("b" if __fault__(2) else "a")}
    """
)
STATIC = {
    "tests/test_core.py": """
        import unittest

        import pytest

        from mini.core import make


        @pytest.fixture(scope="session")
        def made():
            return make()


        @pytest.fixture(scope="module")
        def size(made):
            return made["size"]


        def test_first_does_not_look(made):
            assert made


        def test_later_one_looks(size):
            assert size == 3


        def test_no_fixture():
            assert True


        class TestCase(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                cls.made = make()

            def test_first(self):
                assert self.made

            def test_second(self):
                assert self.made["name"] == "a"
    """
}
FILE = "tests/test_core.py::"


@pytest.fixture
def spec(scratch: Path) -> WorkerSpec:
    return spec_of(STATIC, scratch)


@pytest.fixture
def evaluator(spec: WorkerSpec) -> Iterator[ProcessEvaluator]:
    made = ProcessEvaluator(spec)
    yield made
    made.close()


@pytest.mark.parametrize("probe", [False, True])
def test_the_guards_of_a_shared_setup_belong_to_all_that_use_it(
    evaluator: ProcessEvaluator, probe: bool
) -> None:
    names = [test.id for test in evaluator.load("g", SOURCE).tests]
    clean = {each.test: each for each in evaluator.run("g", frozenset(), names, probe=probe)}
    for name in names:
        uses = not name.endswith("test_no_fixture")
        assert clean[name].reached == ((1, 2) if uses else ())
        if probe and uses:
            assert {1, 2} <= {*clean[name].infected, *clean[name].undecided}


@pytest.mark.parametrize("fault", [1, 2])
def test_the_verdicts_of_tests_that_reach_it_are_those_of_cold_pytest(
    evaluator: ProcessEvaluator, spec: WorkerSpec, fault: int
) -> None:
    names = [test.id for test in evaluator.load("g", SOURCE).tests]
    clean = evaluator.run("g", frozenset(), names)
    asked = [each.test for each in clean if fault in each.reached]
    found = {each.test: each.verdict for each in evaluator.run("g", frozenset({fault}), asked)}
    plain = materialised(SOURCE, frozenset({fault}))
    cold = cold_verdicts(spec, plain, names, seconds=10)
    assert {name: found.get(name, "pass") for name in names} == cold
    assert "fail" in cold.values()

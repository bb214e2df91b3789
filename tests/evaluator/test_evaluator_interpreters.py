"""The same verdicts as plain pytest on every interpreter and every pytest that targets use."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from evaluator_targets import materialised, source_of, spec_of

from testbed.evaluator import Job, ProcessEvaluator, cold_verdicts
from testbed.machine import _interpreters

SOURCE = source_of(
    core="""
        LIMIT = (2 if __fault__(1) else 1)

        def add(a, b=LIMIT):
            return (a - b if __fault__(2) else a + b)

        def first(values):
            return (values[1] if __fault__(3) else values[0])
    """
)
STATIC = {
    "tests/test_core.py": """
        import unittest
        import pytest
        from mini import core

        @pytest.fixture(scope="session")
        def three():
            return core.add(1, 2)

        @pytest.fixture
        def values(three):
            return [three]

        @pytest.mark.parametrize("a", [0, 1])
        def test_add(a):
            assert core.add(a) == a + 1

        def test_first(values):
            assert core.first(values) == 3

        def test_written(tmp_path):
            (tmp_path / "a").write_text(str(core.add(2)))
            assert (tmp_path / "a").read_text() == "3"

        @pytest.mark.xfail(strict=True)
        def test_expected():
            assert core.first([1, 2]) == 2

        class TestOld(unittest.TestCase):
            def setUp(self):
                self.one = core.first([1, 2])

            def test_one(self):
                with self.subTest("a"):
                    self.assertEqual(self.one, 1)
    """
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("version", "release"), [((3, 9), 7), ((3, 10), 8), ((3, 11), 9), ((3, 12), 8), ((3, 13), 9)]
)
def test_verdicts_on_other_interpreters_are_those_of_plain_pytest(
    version: tuple[int, int], release: int, scratch: Path, tmp_path: Path
) -> None:
    found = next(_interpreters(version), None)
    if found is None:
        pytest.skip(f"no Python {version[0]}.{version[1]} here")
    python = str(tmp_path / "venv" / "bin" / "python")
    subprocess.run([found.path, "-m", "venv", str(tmp_path / "venv")], check=True)
    free = {name: value for name, value in os.environ.items() if name != "PIP_CONSTRAINT"}
    wanted = f"pytest=={release}.*"
    subprocess.run([python, "-m", "pip", "install", "-q", wanted], check=True, env=free)
    spec = spec_of(STATIC, scratch, python=python)
    with ProcessEvaluator(spec) as evaluator:
        loaded = evaluator.load("g", SOURCE)
        assert evaluator.versions["pytest"].startswith(f"{release}.")
        assert loaded.import_time == frozenset({1})
        tests = [test.id for test in loaded.tests]
        for number in range(4):
            faults = frozenset({number} - {0})
            cold = cold_verdicts(spec, materialised(SOURCE, faults), tests)
            told = evaluator.run("g", faults, tests)
            assert {outcome.test: outcome.verdict for outcome in told} == cold
            if not faults & loaded.import_time:
                (done,) = evaluator.run_jobs("g", [Job(faults, tests)])
                assert done.outcomes
                assert all(cold[outcome.test] == outcome.verdict for outcome in done.outcomes)

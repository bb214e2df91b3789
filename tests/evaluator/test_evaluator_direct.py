"""Tests run without pytest's protocol end as they do in plain pytest, or are left to pytest."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluator_targets import materialised, source_of, spec_of

from testbed.evaluator import Job, ProcessEvaluator, cold_verdicts

CORE = """
    def answer(x):
        return (x + 1 if __fault__(1) else x)
"""
TEST = "from mini.core import answer\ndef test_answer():\n    assert answer(1) == 1\n"


@pytest.mark.parametrize(
    ("init", "left"),
    [
        ("", False),
        ("NAME = 1", False),
        ("def setup_module(): NAME", True),
        ("def teardown_module(): pass", True),
        ("def __getattr__(name): raise AttributeError(name)", False),
    ],
)
def test_what_a_package_sets_up_is_left_to_pytest(scratch: Path, init: str, left: bool) -> None:
    spec = spec_of({"tests/__init__.py": init, "tests/test_core.py": TEST}, scratch)
    source = source_of(core=CORE)
    with ProcessEvaluator(spec) as evaluator:
        tests = [info.id for info in evaluator.load("g", source).tests]
        (done,) = evaluator.run_jobs("g", [Job(frozenset({1}), tests)])
        assert done.left == (tuple(tests) if left else ())
        (outcome,) = evaluator.run("g", frozenset({1}), tests)
    assert outcome.verdict == cold_verdicts(spec, materialised(source, frozenset({1})), tests)[tests[0]]


def test_a_package_that_answers_for_names_of_set_ups_with_a_fault_is_as_in_pytest(scratch: Path) -> None:
    source = source_of(core=CORE) | {
        "mini/__init__.py": "def __getattr__(name):\n"
        "    if (name != 'setup_module' if __fault__(2) else True):\n"
        "        raise AttributeError(name)\n"
        "    return 1\n"
    }
    spec = spec_of({"mini/test_core.py": TEST}, scratch, tests=("mini/test_core.py",))
    faults = frozenset({2})
    with ProcessEvaluator(spec) as evaluator:
        tests = [info.id for info in evaluator.load("g", source).tests]
        (outcome,) = evaluator.run("g", faults, tests)
    assert outcome.verdict == cold_verdicts(spec, materialised(source, faults), tests)[tests[0]] == "error"


GOES_ON = """
def test_returns():
    return answer(1) - 1 or None
def test_warns():
    warnings.warn(DeprecationWarning("x")) if answer(1) == 2 else None
def test_skips():
    pytest.skip("now") if answer(1) == 2 else None
def test_expects():
    pytest.xfail("now") if answer(1) == 2 else None
def test_is_not_heard():
    Silent() if answer(1) == 2 else None
def test_compares():
    assert [1, 2, answer(1)] == [1, 2, 1]
def test_ends():
    sys.exit(1) if answer(1) == 2 else None
"""
ENDS = [
    "pytest.exit('now')",
    "os._exit(3)",
    "setattr(_pytest.runner, 'call_and_report', None)",
]
CHANGES_AND_ENDS = """
def test_changes():
    if answer(1) == 2:
        _pytest.runner.call_and_report = lambda *_, **__: None
def test_ends():
    if answer(1) == 2:
        os._exit(0)
"""


@pytest.mark.parametrize("cold", [False, True])
@pytest.mark.parametrize(
    "text",
    [
        GOES_ON,
        CHANGES_AND_ENDS,
        *(f"def test_it():\n    {body} if answer(1) == 2 else None\n" for body in ENDS),
    ],
)
def test_a_run_ends_as_in_plain_pytest(scratch: Path, text: str, cold: bool) -> None:
    static = {
        "tests/test_all.py": "import os, sys, warnings, pytest, _pytest.runner\n"
        "from mini.core import answer\n"
        "class Silent:\n    def __del__(self): raise ValueError\n"
        f"def test_before(): pass\n{text}def test_after(): assert answer(0) == answer(1) - 1\n"
    }
    source = source_of(core=CORE + ("\n    answer(0)\n" if cold else ""))
    spec = spec_of(static, scratch)
    faults = frozenset({1})
    with ProcessEvaluator(spec) as evaluator:
        loaded = evaluator.load("g", source)
        assert bool(loaded.import_time) == cold
        tests = [info.id for info in loaded.tests]
        found = {each.test: each.verdict for each in evaluator.run("g", faults, tests)}
    assert found == cold_verdicts(spec, materialised(source, faults), tests)

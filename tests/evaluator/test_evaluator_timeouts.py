"""What loops for ever in one test does so in all that reach it: the rest is not run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from evaluator_targets import source_of, spec_of

from testbed.conditions import LimitsFactor
from testbed.evaluator import ProcessEvaluator

SOURCE = source_of(
    core="""
        def loop():
            n = 1
            while n:
                if __fault__(1):
                    pass
                else:
                    n = 0
            return n
    """
)
NAMES = [f"tests/test_core.py::test_{number}" for number in range(5)]
STATIC = {
    "tests/test_core.py": "from mini.core import loop\n"
    + "".join(f"def test_{number}():\n    assert loop() == 0\n" for number in range(5))
}


@pytest.fixture
def limited(scratch: Path) -> Iterator[ProcessEvaluator]:
    made = ProcessEvaluator(replace(spec_of(STATIC, scratch), limits=LimitsFactor(timeouts=2)))
    yield made
    made.close()


def test_after_some_tests_that_do_not_end_the_rest_is_unknown(limited: ProcessEvaluator) -> None:
    limited.load("g", SOURCE)
    clean = limited.run("g", frozenset(), NAMES)
    assert [outcome.verdict for outcome in clean] == ["pass"] * 5
    faulty = limited.run("g", frozenset({1}), NAMES)
    assert [outcome.verdict for outcome in faulty] == ["timeout"] * 2 + ["unknown"] * 3

"""Evaluators that are closed after the test, or after the module, that asked for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from testbed.evaluator import ProcessEvaluator, WorkerSpec

Make = Callable[[WorkerSpec], ProcessEvaluator]


@pytest.fixture
def start() -> Iterator[Make]:
    """Starts an evaluator for a specification."""
    made: list[ProcessEvaluator] = []

    def make(spec: WorkerSpec) -> ProcessEvaluator:
        made.append(ProcessEvaluator(spec))
        return made[-1]

    yield make
    for evaluator in made:
        evaluator.close()


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for workers, one for each module of tests."""
    return tmp_path_factory.mktemp("scratch")

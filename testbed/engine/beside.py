"""An evaluator whose generations come with files of their own beside the package."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from testbed.evaluator import ProcessEvaluator
from testbed.protocols import Loaded, Outcome, Source


class Beside:
    """Adds the same files to every generation that is loaded: the tests of the commit that is replayed."""

    def __init__(self, evaluator: ProcessEvaluator) -> None:
        self._evaluator = evaluator
        self._files: Mapping[str, str] = {}

    def put(self, files: Mapping[str, str]) -> None:
        """These files, from the next load on."""
        self._files = dict(files)

    def load(self, name: str, source: Source, *rest: Any) -> Loaded:
        """Loads a generation with the files beside it."""
        return self._evaluator.load(name, {**self._files, **source}, *rest)

    def run(
        self, name: str, faults: frozenset[int], tests: Sequence[str], **rest: Any
    ) -> tuple[Outcome, ...]:
        """One outcome for each of the tests."""
        return self._evaluator.run(name, faults, tests, **rest)

    def drop(self, name: str) -> None:
        """Forgets a generation."""
        self._evaluator.drop(name)

    def close(self) -> None:
        """Ends the worker."""
        self._evaluator.close()

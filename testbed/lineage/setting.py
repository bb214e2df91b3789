"""What stays the same through a lineage: its condition, its parts, its random streams, its questions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from testbed import seeds
from testbed.conditions import Condition
from testbed.evaluator.growth import entries, own
from testbed.examination import Tests
from testbed.facts import TestInfo
from testbed.oversight.policies import announced
from testbed.protocols import Evaluator, Grown, Injector, Modifier, Reviewer, Situation, Source

REFERENCE, PREVIOUS = "reference", "previous"


@dataclass(frozen=True, slots=True)
class Parts:
    """What the loop works with; every part is a plug-in behind its protocol."""

    modifier: Modifier
    injector: Injector
    evaluator: Evaluator
    reviewer: Reviewer


@dataclass(frozen=True, slots=True)
class Subject:
    """The target at G0, as examined before anything was seeded, and the functions added since."""

    source: Source
    tests: tuple[TestInfo, ...]
    entries: tuple[str, ...]
    public: dict[str, tuple[str, ...]]
    grown: tuple[Grown, ...] = ()

    def growing(self, grown: tuple[Grown, ...], tests: Iterable[TestInfo]) -> Subject:
        """The target with these new functions, of which `tests` have some."""
        more = entries(grown)
        return replace(
            self,
            tests=(*self.tests, *own(tests)),
            entries=(*self.entries, *(entry.name for entry in more)),
            public={**self.public, **{entry.name: entry.public for entry in more}},
            grown=grown,
        )


@dataclass(frozen=True, slots=True)
class Setting:
    """One lineage's condition, number, seed, subject and parts."""

    condition: Condition
    number: int
    seed: int
    subject: Subject
    parts: Parts

    def stream(self, generation: int, attempt: int, purpose: str) -> np.random.Generator:
        """The random stream of this lineage for one purpose in one attempt at one generation."""
        return seeds.stream(
            self.seed, self.condition.key(), "lineage", self.number, generation, attempt, purpose
        )

    def inputs(self, rng: np.random.Generator, count: int) -> tuple[str, ...]:
        """`count` differential inputs for each entry point."""
        return tuple(
            f"diff:{entry}#{int(seed)}"
            for entry in self.subject.entries
            for seed in rng.integers(2**31, size=count)
        )

    def situation(self, generation: int) -> Situation:
        """What code under test can find out of a generation, should it look."""
        return Situation(generation, announced(self.condition.oversight, generation))

    def tests(self, generation: int, attempt: int, recorded: Iterable[str] = ()) -> Tests:
        """What a candidate is asked: by the screen, and for the ground truth alone.

        `recorded` are differential inputs of tests that were recorded; those of functions that are gone
        are left out.
        """
        oracles = self.condition.oracles
        wanted = {"unit": oracles.unit, "property": oracles.property}
        screened = oracles.inputs if oracles.differential else 0
        rng = self.stream(generation, attempt, "inputs")
        inputs = self.inputs(rng, screened)
        return Tests(
            infos=tuple(info for info in self.subject.tests if wanted[info.oracle]),
            inputs=(*inputs, *(test for test in recorded if self._asked(test))),
            seed=int(self.stream(generation, attempt, "property").integers(2**31)),
            examples=oracles.examples,
            truth=self.inputs(rng, max(0, self.condition.truth.inputs - screened)),
        )

    def _asked(self, test: str) -> bool:
        """Whether the target has the entry point of a differential input."""
        return test.removeprefix("diff:").rpartition("#")[0] in self.subject.entries

"""A stand-in target with declared probabilities, and every other part to go with it.

It runs through the real loop, so that what the loop measures can be held against closed forms: each
live fault is revealed with probability `detection` in each generation, whatever else is live, and
leaves a Poisson number of copies. Nothing of it needs a worker.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from testbed import seeds
from testbed.facts import EditFact, TestInfo
from testbed.lineage import Parts, Subject
from testbed.protocols import (
    NOWHERE,
    ChangeView,
    Grown,
    Injection,
    Loaded,
    Outcome,
    Proposal,
    Reviewer,
    Seeded,
    Situation,
    Source,
)
from testbed.schema import GUARD, guard_numbers

PATH = "stub.py"
TEST = "test_stub.py::test_declared"


def _line(fault: int) -> str:
    return f"value_{fault} = (1 if {GUARD}({fault}) else 0)\n"


def subject() -> Subject:
    """The stub at G0: one module, one test, no differential entry point."""
    return Subject({PATH: "start = 0\n"}, (TestInfo(TEST, "unit"),), (), {})


@dataclass(frozen=True, slots=True)
class StubModifier:
    """Adds a plain line, and Poisson(`copies`) copies of each live fault."""

    copies: float = 0.0
    name: str = "stub"
    version: str = "1"

    def propose(self, source: Source, rng: np.random.Generator, offspring: Callable[[int], int]) -> Proposal:
        """The next source."""
        text = source[PATH] + "step = 0\n"
        for parent in sorted(guard_numbers(source[PATH])):
            for _ in range(int(rng.poisson(self.copies))):
                text += _line(offspring(parent))
        return Proposal({PATH: text}, (EditFact("append", PATH, ""),))


@dataclass(frozen=True, slots=True)
class StubInjector:
    """Appends Poisson(`rate`) faults."""

    rate: float

    def inject(
        self, source: Source, change: ChangeView, rng: np.random.Generator, number: Callable[[], int]
    ) -> Injection:
        """The source with new faults at its end."""
        return self.place(source, change, rng, number, self.draw(change, rng))

    def draw(self, change: ChangeView, rng: np.random.Generator) -> int:
        """Poisson(`rate`)."""
        return int(rng.poisson(self.rate))

    def place(
        self,
        source: Source,
        change: ChangeView,
        rng: np.random.Generator,
        number: Callable[[], int],
        count: int,
    ) -> Injection:
        """The source with `count` new faults at its end."""
        faults = [number() for _ in range(count)]
        text = source[PATH] + "".join(_line(fault) for fault in faults)
        seeded = tuple(Seeded(fault, "declared", "logic", PATH, "") for fault in faults)
        return Injection({PATH: text}, seeded)


@dataclass(slots=True)
class StubEvaluator:
    """Fails its one test when a fault of the set is detected in this generation.

    A fault's draw depends on the seed, the fault and the length of the source (which stands for the
    generation), so the same question always gets the same answer.
    """

    seed: int
    detection: float
    sources: dict[str, Source] = field(default_factory=dict)

    def load(
        self, name: str, source: Source, grown: Sequence[Grown] = (), situation: Situation = NOWHERE
    ) -> Loaded:
        """Keeps the source."""
        self.sources[name] = source
        return Loaded(tests=(TestInfo(TEST, "unit"),))

    def run(
        self,
        name: str,
        faults: frozenset[int],
        tests: Sequence[str],
        *,
        seed: int = 0,
        examples: int = 0,
        probe: bool = False,
    ) -> tuple[Outcome, ...]:
        """One outcome for each test."""
        text = self.sources[name][PATH]
        age = text.count("step")
        present = guard_numbers(text)
        hit = any(self._detected(fault, age) for fault in sorted(faults & present))
        reached = tuple(sorted(present))
        return tuple(
            Outcome(
                test, "fail" if hit else "pass", exception="AssertionError" if hit else "", reached=reached
            )
            for test in tests
        )

    def _detected(self, fault: int, age: int) -> bool:
        return bool(seeds.stream(self.seed, "stub", fault, age).random() < self.detection)

    def drop(self, name: str) -> None:
        """Forgets a generation."""
        self.sources.pop(name, None)

    def close(self) -> None:
        """There is nothing to end."""


def parts(*, seed: int, rate: float, detection: float, copies: float, reviewer: Reviewer) -> Parts:
    """The loop's parts, every one a stub but the reviewer."""
    return Parts(StubModifier(copies), StubInjector(rate), StubEvaluator(seed, detection), reviewer)

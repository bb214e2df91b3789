"""One layer as a worker has it, with its clean run: which tests a fault is shown to, and what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter

from testbed.errors import UserError
from testbed.evaluate.faults import Fault
from testbed.evaluator import Late, ProcessEvaluator
from testbed.facts import VerdictName
from testbed.protocols import Loaded, Outcome, Source

HELPING = 4
"""Tests in the first helping where nothing is known yet; most faults that are found are found by these."""

CHEAP = 2.0
"""All tests are asked at once where their clean runs, probed, took less than so many times the loading."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How to evaluate. `matrix` asks every test that can tell; else the first failure decides."""

    matrix: bool = False
    seed: int = 0
    examples: int = 20
    workers: int = 1
    tests: tuple[str, ...] = ()  # the passing control


@dataclass(frozen=True, slots=True)
class Result:
    """One fault's verdict: `pass` when no test found it, else that of the first test that did.

    `tests` are the failing ones, `asked` how many were run, `reached` how many evaluate its guard.
    """

    fault: Fault
    verdict: VerdictName
    tests: tuple[str, ...] = ()
    exception: str = ""
    place: str = ""
    asked: int = 0
    reached: int = 0
    guarded: bool = True
    seconds: float = 0.0
    clocked: bool = False  # only a clock could give this verdict


@dataclass(slots=True)
class Program:
    """A layer as one worker has it: its clean run."""

    name: str
    loaded: Loaded
    clean: dict[str, Outcome]
    order: list[str] = field(default_factory=list)  # shortest first
    loading: float = 0.0  # seconds that it took to import and collect
    finds: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)  # function -> tests that found
    markers: dict[int, int] = field(default_factory=dict)  # of faults in default values, their function's

    def reaching(self, fault: Fault) -> list[str]:
        """The tests whose clean run evaluates the fault's guard; all where importing does, those first."""
        if fault.number in self.loaded.import_time:
            return sorted(self.order, key=lambda test: not self.meets(test, fault))
        return [test for test in self.order if self.meets(test, fault)]

    def meets(self, test: str, fault: Fault) -> bool:
        """Whether the test's clean run meets the fault after loading."""
        return not self._guards(fault).isdisjoint(self.clean[test].reached)

    def telling(self, fault: Fault, reaching: Sequence[str]) -> list[str]:
        """Those that may tell: where the fault is met while running, its versions may differ."""
        if fault.number in self.loaded.import_time:
            return list(reaching)
        guards = self._guards(fault)
        return [test for test in reaching if _may_differ(self.clean[test], guards)]

    def _guards(self, fault: Fault) -> set[int]:
        """Those whose evaluation shows that the fault is met."""
        return {fault.number, self.markers.get(fault.number, fault.number)}


def load(
    evaluator: ProcessEvaluator,
    name: str,
    source: Source,
    settings: Settings,
    late: Sequence[Late] = (),
    tests: Collection[str] | None = None,
    probe: bool = True,
) -> Program:
    """Loads a source and runs its tests, or those of `tests`, with nothing on.

    Raises UserError where it cannot be loaded.
    """
    begun = perf_counter()
    loaded = evaluator.load(name, source, late=late)
    loading = perf_counter() - begun
    if loaded.error:
        raise UserError(loaded.error, where=evaluator.spec.root, remedy="its own tests must run")
    ids = [info.id for info in loaded.tests if tests is None or info.id in tests]
    outcomes = evaluator.run(
        name, frozenset(), ids, seed=settings.seed, examples=settings.examples, probe=probe, apart=True
    )
    order = sorted(outcomes, key=lambda outcome: outcome.seconds)
    clean = {outcome.test: outcome for outcome in outcomes}
    markers = {each.fault: each.marker for each in late}
    return Program(name, loaded, clean, [outcome.test for outcome in order], loading, markers=markers)


def are_cheap(program: Program, tests: Sequence[str]) -> bool:
    """Whether all these tests take less time than loading does a few times over."""
    return sum(program.clean[test].seconds for test in tests) < CHEAP * program.loading


def _may_differ(clean: Outcome, guards: set[int]) -> bool:
    """Whether the two versions of one of the guards may have differed in a clean run."""
    return not (guards.isdisjoint(clean.infected) and guards.isdisjoint(clean.undecided))


def helpings(tests: Sequence[str], matrix: bool, finds: Counter[str]) -> Iterator[Sequence[str]]:
    """The tests in the portions in which they are asked.

    The one that found most faults of the same function comes first, and alone.
    """
    best = max(tests, key=lambda test: finds[test], default="")
    first = 1 if tests and finds[best] else HELPING
    if matrix or len(tests) <= first:
        yield from [tests] if tests else []
        return
    likely = sorted(tests, key=lambda test: -finds[test])  # stable: else shortest first
    yield likely[:first]
    yield likely[first:]


def is_found(outcome: Outcome) -> bool:
    """Whether the test found the fault."""
    return outcome.verdict not in ("pass", "unknown")


def result_of(fault: Fault, outcomes: Sequence[Outcome], reached: int, *, guarded: bool) -> Result:
    """What these outcomes say of the fault."""
    failing = [outcome for outcome in outcomes if is_found(outcome)]
    asked = sum(outcome.verdict != "unknown" for outcome in outcomes)
    seconds = round(sum(outcome.seconds for outcome in outcomes), 6)
    clocked = any(outcome.clocked for outcome in outcomes)
    if not failing:
        return Result(fault, "pass", (), "", "", asked, reached, guarded, seconds, clocked)
    first = failing[0]
    return Result(
        fault,
        first.verdict,
        tuple(outcome.test for outcome in failing),
        first.exception,
        first.place,
        asked,
        reached,
        guarded,
        seconds,
        clocked,
    )

"""Evaluates faults: load a layer once, switch each fault on, ask the tests that can tell.

A test can tell only if its clean run evaluates the fault's guard, and, where that could be looked at,
only if the two versions differed there. Tests are asked shortest first, in two helpings, until one fails.
A fault that no guard can hold is put into the source itself and loaded by itself.
"""

from __future__ import annotations

import queue
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter

from testbed.errors import UserError
from testbed.evaluate.faults import Fault
from testbed.evaluate.late import marked
from testbed.evaluate.layers import Layer, place
from testbed.evaluator import Job, Late, ProcessEvaluator, WorkerSpec
from testbed.evaluator.replies import Done
from testbed.facts import VerdictName
from testbed.protocols import Loaded, Outcome, Source
from testbed.threads import pool

HELPING = 4
"""Tests in the first helping where nothing is known yet; most faults that are found are found by these."""

COLD_HELPING = 16
"""The same where each helping imports and collects anew, which takes as long as many tests."""

CHEAP = 2.0
"""All tests are asked at once where their clean runs, probed, took less than so many times the loading."""

CHUNK = 25
"""Faults of one layer that a worker takes at a time."""


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
class _Program:
    """A layer as one worker has it: its clean run."""

    name: str
    loaded: Loaded
    clean: dict[str, Outcome]
    order: list[str] = field(default_factory=list)  # shortest first
    loading: float = 0.0  # seconds that it took to import and collect
    finds: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)  # function -> tests that found
    markers: dict[int, int] = field(default_factory=dict)  # of faults switched late, that of their function

    def reaching(self, fault: Fault) -> list[str]:
        """The tests whose clean run evaluates the fault's guard; all where importing does, those first."""
        if fault.number in self.loaded.import_time:
            return sorted(self.order, key=lambda test: fault.number not in self.clean[test].reached)
        guards = self._guards(fault)
        return [test for test in self.order if not guards.isdisjoint(self.clean[test].reached)]

    def telling(self, fault: Fault, reaching: Sequence[str]) -> list[str]:
        """Those that may tell: where the fault is met while running, its versions may differ."""
        if fault.number in self.loaded.import_time:
            return list(reaching)
        guards = self._guards(fault)
        return [test for test in reaching if _may_differ(self.clean[test], guards)]

    def _guards(self, fault: Fault) -> set[int]:
        """Those whose evaluation shows that the fault is met."""
        return {fault.number, self.markers.get(fault.number, fault.number)}


class Workers:
    """The processes that evaluate the faults of one target; each starts when it is first asked."""

    def __init__(self, spec: WorkerSpec, number: int) -> None:
        self.number = number
        self.going = True  # until somebody says that there is nothing more to do
        self._all = [ProcessEvaluator(spec) for _ in range(number)]
        self._free: queue.LifoQueue[ProcessEvaluator] = queue.LifoQueue()  # who is at work goes on first
        for evaluator in self._all:
            self._free.put(evaluator)

    @contextmanager
    def one(self) -> Iterator[ProcessEvaluator]:
        """One that nobody else has meanwhile."""
        evaluator = self._free.get()
        try:
            yield evaluator
        finally:
            self._free.put(evaluator)

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        for evaluator in self._all:
            evaluator.close()


def control(workers: Workers, source: Source, settings: Settings) -> tuple[str, ...]:
    """The unfaulted target's tests, all of which pass. Raises UserError where they do not."""
    with workers.one() as evaluator:
        program = _load(evaluator, "control", source, settings)
        failing = [test for test, outcome in program.clean.items() if outcome.verdict != "pass"]
        says = _why(evaluator, list(program.clean), failing, settings)
        evaluator.drop("control")
        root = evaluator.spec.root
    if not program.clean:
        raise UserError("no tests found", where=root, remedy="name them with --tests")
    if failing:
        more = f" (and {len(failing) - 1} more)" if len(failing) > 1 else ""
        raise UserError(
            f"{failing[0]} {says}{more}",
            where=root,
            remedy="nothing can be said of faults then; leave it out with --tests '!...'",
        )
    return tuple(program.clean)


def _why(
    evaluator: ProcessEvaluator, tests: Sequence[str], failing: Sequence[str], settings: Settings
) -> str:
    """What to say of the first one that failed where no test finds what another one left."""
    if not failing:
        return ""
    seed, examples = settings.seed, settings.examples
    outcomes = evaluator.run("control", frozenset(), tests, seed=seed, examples=examples)
    passing = {outcome.test for outcome in outcomes if outcome.verdict == "pass"}
    return "passes only after other tests" if failing[0] in passing else "does not pass"


def evaluate(
    workers: Workers,
    source: Source,
    faults: Sequence[Fault],
    settings: Settings,
    said: Callable[[Result], None] = lambda result: None,
) -> list[Result]:
    """A result for each fault, in their order. `said` is told of each as it comes."""
    made = place(source, faults)
    free = max((fault.number for fault in faults), default=0) + 1
    by_number = {fault.number: fault for fault in faults}
    results: dict[int, Result] = {}
    with pool(workers.number) as threads, _going(workers):
        for layer in made.layers:
            layer.source, late = marked(layer.source, layer.faults, free)
            parts = [layer.faults[at : at + CHUNK] for at in range(0, len(layer.faults), CHUNK)]
            shares = [parts[turn :: workers.number] for turn in range(workers.number)]
            jobs = [
                threads.submit(_layer, workers, layer, late, [f for part in share for f in part], settings)
                for share in shares
                if share
            ]
            _gather(jobs, results, said)
        alone = [by_number[number] for number in sorted(made.unplaced)]
        singles = [threads.submit(_single, workers, source, fault, settings) for fault in alone]
        _gather(singles, results, said)
    return [results[fault.number] for fault in faults]


@contextmanager
def _going(workers: Workers) -> Iterator[None]:
    """Ctrl-C, or an error in one of the threads, is the end for the others, too."""
    try:
        yield
    except BaseException:
        workers.going = False
        raise


def _gather(
    jobs: Sequence[Future[list[Result]]], results: dict[int, Result], said: Callable[[Result], None]
) -> None:
    for job in jobs:
        for result in job.result():
            results[result.fault.number] = result
            said(result)


def _layer(
    workers: Workers, layer: Layer, late: Sequence[Late], faults: Sequence[Fault], settings: Settings
) -> list[Result]:
    with workers.one() as evaluator:
        program = _load(evaluator, "layer", layer.source, settings, late)
        results: list[Result] = []
        for at in range(0, len(faults), CHUNK):
            if workers.going:
                results += _chunk(evaluator, program, faults[at : at + CHUNK], settings)
        return results


def _chunk(
    evaluator: ProcessEvaluator, program: _Program, faults: Sequence[Fault], settings: Settings
) -> list[Result]:
    """Some faults of a layer: together as far as that goes, then each with the tests that are left."""
    together = [fault for fault in faults if fault.number not in program.loaded.import_time]
    jobs = [_job(program, fault) for fault in together]
    done = evaluator.run_jobs(
        program.name, jobs, seed=settings.seed, examples=settings.examples, stop=not settings.matrix
    )
    known = {fault.number: each for fault, each in zip(together, done, strict=True)}
    results = []
    for fault in faults:
        first = known.get(fault.number)
        if first is None or first.left:
            results.append(_switched(evaluator, program, fault, settings, first))
        else:
            results.append(_result(fault, first.outcomes, len(program.reaching(fault)), guarded=True))
    return results


def _job(program: _Program, fault: Fault) -> Job:
    telling = program.telling(fault, program.reaching(fault))
    return Job(frozenset({fault.number}), telling, f"{fault.path}:{fault.where}")


def _load(
    evaluator: ProcessEvaluator, name: str, source: Source, settings: Settings, late: Sequence[Late] = ()
) -> _Program:
    begun = perf_counter()
    loaded = evaluator.load(name, source, late=late)
    loading = perf_counter() - begun
    if loaded.error:
        raise UserError(loaded.error, where=evaluator.spec.root, remedy="its own tests must run")
    ids = [info.id for info in loaded.tests]
    outcomes = evaluator.run(
        name, frozenset(), ids, seed=settings.seed, examples=settings.examples, probe=True
    )
    order = sorted(outcomes, key=lambda outcome: outcome.seconds)
    clean = {outcome.test: outcome for outcome in outcomes}
    markers = {each.fault: each.marker for each in late if each.fault in loaded.late}
    return _Program(name, loaded, clean, [outcome.test for outcome in order], loading, markers=markers)


def _switched(
    evaluator: ProcessEvaluator, program: _Program, fault: Fault, settings: Settings, before: Done | None
) -> Result:
    number = fault.number
    importing = number in program.loaded.import_time
    reached = program.reaching(fault)
    telling = program.telling(fault, reached)
    outcomes: list[Outcome] = list(before.outcomes) if before else []
    if before:
        telling = [test for test in telling if test in before.left]
    finds = program.finds.setdefault((fault.path, fault.where), Counter())
    most = _first_helping(program, telling) if importing else HELPING
    for helping in _helpings(telling, settings.matrix, finds, most):
        outcomes += evaluator.run(
            program.name,
            frozenset({number}),
            helping,
            seed=settings.seed,
            examples=settings.examples,
            stop=not settings.matrix,
        )
        if not settings.matrix and any(_found(outcome) for outcome in outcomes):
            break
    finds.update(outcome.test for outcome in outcomes if _found(outcome))
    return _result(fault, outcomes, len(reached), guarded=True)


def _first_helping(program: _Program, tests: Sequence[str]) -> int:
    """How many tests are asked first of a fault that has to be loaded: all, where loading twice is dearer."""
    seconds = sum(program.clean[test].seconds for test in tests)
    return len(tests) if seconds < CHEAP * program.loading else COLD_HELPING


def _may_differ(clean: Outcome, guards: set[int]) -> bool:
    """Whether the two versions of one of the guards may have differed in a clean run."""
    return not (guards.isdisjoint(clean.infected) and guards.isdisjoint(clean.undecided))


def _helpings(tests: Sequence[str], matrix: bool, finds: Counter[str], most: int) -> Iterator[Sequence[str]]:
    """The tests in the portions in which they are asked, `most` in the first one.

    The one that found most faults of the same function comes first, and alone where the others are
    asked in a fork as cheap as its own.
    """
    best = max(tests, key=lambda test: finds[test], default="")
    first = 1 if tests and finds[best] and most == HELPING else most
    if matrix or len(tests) <= first:
        yield from [tests] if tests else []
        return
    likely = sorted(tests, key=lambda test: -finds[test])  # stable: else shortest first
    yield likely[:first]
    yield likely[first:]


def _found(outcome: Outcome) -> bool:
    return outcome.verdict not in ("pass", "unknown")


def _single(workers: Workers, source: Source, fault: Fault, settings: Settings) -> list[Result]:
    """A fault in the source itself, loaded and run by itself; an error of loading reveals it."""
    with workers.one() as evaluator:
        loaded = evaluator.load("single", faulty(source, fault))
        if loaded.error:
            return [Result(fault, "error", exception=loaded.error.split(":")[0], guarded=False)]
        ids = [info.id for info in loaded.tests]
        outcomes = evaluator.run(
            "single",
            frozenset(),
            ids,
            seed=settings.seed,
            examples=settings.examples,
            stop=not settings.matrix,
        )
        return [_result(fault, outcomes, len(ids), guarded=False)]


def faulty(source: Mapping[str, str], fault: Fault) -> dict[str, str]:
    """The plain source with one fault in it."""
    data, edit = source[fault.path].encode(), fault.edit
    changed = data[: edit.start] + edit.new.encode() + data[edit.end :]
    return {**source, **dict(fault.others), fault.path: changed.decode()}


def _result(fault: Fault, outcomes: Sequence[Outcome], reached: int, *, guarded: bool) -> Result:
    failing = [outcome for outcome in outcomes if _found(outcome)]
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

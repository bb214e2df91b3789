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

from testbed.errors import UserError
from testbed.evaluate import importing
from testbed.evaluate.entries import Entries
from testbed.evaluate.faults import Fault
from testbed.evaluate.late import Marked, marked
from testbed.evaluate.layers import place
from testbed.evaluate.program import Program, Result, Settings, helpings, is_found, load, result_of
from testbed.evaluator import Job, ProcessEvaluator, WorkerSpec
from testbed.evaluator.replies import Done
from testbed.protocols import Outcome, Source
from testbed.threads import pool

CHUNK = 25
"""Faults of one layer that a worker takes at a time."""


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
        program = load(evaluator, "control", source, settings, probe=False)
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
    entries = Entries(source, [fault for layer in made.layers[1:] for fault in layer.faults])
    with pool(workers.number) as threads, _going(workers):
        for number, layer in enumerate(made.layers):
            known = marked(layer.source, layer.faults, free, () if number else entries.places)
            parts = [layer.faults[at : at + CHUNK] for at in range(0, len(layer.faults), CHUNK)]
            shares = [
                [fault for part in parts[turn :: workers.number] for fault in part]
                for turn in range(workers.number)
            ]
            jobs = [
                threads.submit(_layer, workers, known, share, settings, entries) for share in shares if share
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
    workers: Workers,
    layer: Marked,
    faults: Sequence[Fault],
    settings: Settings,
    entries: Entries,
) -> list[Result]:
    if not entries.is_met(faults):
        return [result_of(fault, (), 0, guarded=True) for fault in faults]
    with workers.one() as evaluator:
        program = load(evaluator, "layer", layer.source, settings, layer.late, entries.tests(faults))
        entries.learn(program, layer.markers)
        entries.complete(program)
        acting = program.loaded.import_time
        early = [fault for fault in faults if fault.number in acting]
        running = [fault for fault in faults if fault.number not in acting]
        results: list[Result] = []
        for at in range(0, len(running), CHUNK):
            if workers.going:
                results += _chunk(evaluator, program, running[at : at + CHUNK], settings)
        return results + importing.results(
            evaluator, program, settings, early, entries.alike, lambda: workers.going
        )


def _chunk(
    evaluator: ProcessEvaluator, program: Program, faults: Sequence[Fault], settings: Settings
) -> list[Result]:
    """Some faults of a layer: together as far as that goes, then each with the tests that are left."""
    jobs = [_job(program, fault) for fault in faults]
    done = evaluator.run_jobs(
        program.name, jobs, seed=settings.seed, examples=settings.examples, stop=not settings.matrix
    )
    results = []
    for fault, known in zip(faults, done, strict=True):
        if known.left:
            results.append(_switched(evaluator, program, fault, settings, known))
        else:
            results.append(result_of(fault, known.outcomes, len(program.reaching(fault)), guarded=True))
    return results


def _job(program: Program, fault: Fault) -> Job:
    telling = program.telling(fault, program.reaching(fault))
    return Job(frozenset({fault.number}), telling, f"{fault.path}:{fault.where}")


def _switched(
    evaluator: ProcessEvaluator, program: Program, fault: Fault, settings: Settings, before: Done
) -> Result:
    """A fault of which some tests were not asked together with others."""
    number = fault.number
    reached = program.reaching(fault)
    telling = [test for test in program.telling(fault, reached) if test in before.left]
    outcomes: list[Outcome] = list(before.outcomes)
    finds = program.finds.setdefault((fault.path, fault.where), Counter())
    for helping in helpings(telling, settings.matrix, finds):
        outcomes += evaluator.run(
            program.name,
            frozenset({number}),
            helping,
            seed=settings.seed,
            examples=settings.examples,
            stop=not settings.matrix,
        )
        if not settings.matrix and any(map(is_found, outcomes)):
            break
    finds.update(outcome.test for outcome in outcomes if is_found(outcome))
    return result_of(fault, outcomes, len(reached), guarded=True)


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
        return [result_of(fault, outcomes, len(ids), guarded=False)]


def faulty(source: Mapping[str, str], fault: Fault) -> dict[str, str]:
    """The plain source with one fault in it."""
    data, edit = source[fault.path].encode(), fault.edit
    changed = data[: edit.start] + edit.new.encode() + data[edit.end :]
    return {**source, **dict(fault.others), fault.path: changed.decode()}

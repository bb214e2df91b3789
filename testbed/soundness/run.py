"""Lineages of several targets on several processes."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import replace

from testbed.conditions import Condition, LimitsFactor, TargetFactor
from testbed.engine.prepare import Prepared, prepare
from testbed.evaluator import ProcessEvaluator
from testbed.soundness.compare import load_reference, repeatable
from testbed.soundness.lineage import lineage
from testbed.soundness.records import Asked, Tally

LIMITS = LimitsFactor(test_seconds=10.0)
"""Generous: on a busy machine a slow test is not a deviation."""


def examined(factor: TargetFactor, seed: int) -> Prepared:
    """The target, its own tests run with nothing changed. Raises UserError where it cannot be used.

    Functions that answer otherwise when the same code is loaded once more are not compared.
    """
    condition = Condition(target=factor, limits=LIMITS)
    prepared = prepare([condition], seed)[factor]
    with ProcessEvaluator(prepared.spec) as evaluator:
        load_reference(evaluator, prepared.subject)
        entries = repeatable(evaluator, prepared.subject)
    return replace(prepared, subject=replace(prepared.subject, entries=entries))


def tallies(
    targets: Sequence[Prepared], asked: Asked, lineages: int, workers: int, done: Callable[[], None]
) -> Iterator[tuple[Prepared, Tally]]:
    """What was counted of each target, in their order, as soon as all its lineages are finished.

    `done` is called after each lineage.
    """
    numbers = [asked.only[0]] if asked.only else list(range(lineages))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        jobs = [[pool.submit(_job, target, number, asked) for number in numbers] for target in targets]
        try:
            for future in as_completed([job for several in jobs for job in several]):
                future.result()
                done()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        yield from ((target, _sum(several)) for target, several in zip(targets, jobs, strict=True))


def _sum(jobs: Sequence[Future[Tally]]) -> Tally:
    total = Tally()
    for job in jobs:
        total.add(job.result())
    return total


def _job(target: Prepared, number: int, asked: Asked) -> Tally:
    with ProcessEvaluator(target.spec) as evaluator:
        return lineage(target, number, asked, evaluator)

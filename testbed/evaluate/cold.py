"""Verdicts of an evaluation, run again with plain pytest on plain source, each fault in an empty folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from testbed import seeds
from testbed.evaluate.program import Result, Settings
from testbed.evaluate.run import faulty
from testbed.evaluator import WorkerSpec, cold_verdicts, confirms
from testbed.threads import pool

SECONDS = 20.0


def disagreements(
    spec: WorkerSpec, source: Mapping[str, str], results: Sequence[Result], settings: Settings, size: int
) -> list[str]:
    """One line for each of `size` results that plain pytest does not confirm.

    A fault that a test found: that test must end as recorded. One with which not all tests could be
    loaded: some test must not be there. One that none found: all tests must pass.
    """
    chosen = list(results)
    if size < len(chosen):
        rng = seeds.stream(settings.seed, "evaluate", "verify")
        chosen = [results[at] for at in sorted(rng.choice(len(results), size=size, replace=False))]
    with pool(settings.workers) as threads:
        found = threads.map(lambda result: _check(spec, source, result, settings), chosen)
        return [line for line in found if line]


def _check(spec: WorkerSpec, source: Mapping[str, str], result: Result, settings: Settings) -> str:
    plain = faulty(source, result.fault)
    tests = result.tests[:1] or settings.tests
    verdicts = cold_verdicts(
        spec, plain, tests, seed=settings.seed, examples=settings.examples, seconds=SECONDS
    )
    if result.verdict == "error" and not result.tests and "error" in verdicts.values():
        return ""
    wrong = [
        f"{test} {verdict}" for test, verdict in verdicts.items() if not confirms(result.verdict, verdict)
    ]
    fault = result.fault
    place = f"{fault.path}:{fault.line} {fault.operator}"
    return f"{place}: recorded {result.verdict}, cold {', '.join(wrong[:3])}" if wrong else ""

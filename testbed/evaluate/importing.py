"""Faults that act while the target is imported: each is loaded by itself, for the tests that can tell.

What importing leaves behind differs then, and any test could notice. So first come the tests that meet the
fault while they run. Where none of those finds it, and all tests would take longer than that, the worker
compares the state as loaded with that of a load without the fault, and asks only the tests that read what
differs. See `testbed/worker/drift.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from testbed.evaluate.faults import Fault
from testbed.evaluate.program import Program, Result, Settings, are_cheap, is_found, result_of
from testbed.evaluator import ProcessEvaluator

_FIRST = 16
"""Tests that come before the others, whatever the order of collection; most faults are found by these."""


def results(
    evaluator: ProcessEvaluator,
    program: Program,
    settings: Settings,
    faults: Sequence[Fault],
    alike: str,
    going: Callable[[], bool],
) -> list[Result]:
    """One for each; none for those that are left when `going` says so.

    `alike` stands for the source without guards, of which this is one layer.
    """
    found = list[Result]()
    for fault in faults:
        if not going():
            break
        near, far = _tests(program, fault)
        finds = program.finds.setdefault((fault.path, fault.where), Counter())
        outcomes = evaluator.run_early(
            program.name,
            frozenset({fault.number}),
            sorted(near, key=lambda test, finds=finds: -finds[test]),  # type: ignore[misc]
            far,
            first=_FIRST,
            alike=alike,
            seed=settings.seed,
            examples=settings.examples,
            stop=not settings.matrix,
        )
        finds.update(outcome.test for outcome in outcomes if is_found(outcome))
        found.append(result_of(fault, outcomes, len(program.order), guarded=True))
    return found


def _tests(program: Program, fault: Fault) -> tuple[Sequence[str], Sequence[str]]:
    """The tests that meet the fault while they run, and the others; all are near where that is no dearer."""
    tests = program.reaching(fault)
    if are_cheap(program, tests):
        return tests, ()
    near = [test for test in tests if program.meets(test, fault)] or tests[:1]  # loading itself may fail
    known = set(near)
    return near, [test for test in tests if test not in known]

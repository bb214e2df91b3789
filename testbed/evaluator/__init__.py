"""Answers, for a generation in switchable form: with this set of faults on, what do these tests say?

The engine's side; the code under test runs in `testbed.worker`, on the target's own interpreter.
"""

from __future__ import annotations

from testbed.evaluator.cold import cold_digests, cold_verdicts, confirms
from testbed.evaluator.late import Late
from testbed.evaluator.process import Job, ProcessEvaluator
from testbed.evaluator.spec import Entry, WorkerSpec

__all__ = [
    "Entry",
    "Job",
    "Late",
    "ProcessEvaluator",
    "WorkerSpec",
    "cold_digests",
    "cold_verdicts",
    "confirms",
]

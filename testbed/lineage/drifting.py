"""What has become of an accepted generation where its references drift: its scores, and its fixes."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from testbed.drift import REPORTED, TRUE, FixFact, ScoreFact
from testbed.examination import Examination
from testbed.lineage.screening import Screened, regenerated
from testbed.lineage.setting import Setting
from testbed.lineage.state import State
from testbed.protocols import Outcome

FIXED, SCORED = "fixed", "scored"
"""What the executions were for."""


def scores(setting: Setting, screened: Screened, live: frozenset[int]) -> Iterator[ScoreFact]:
    """Reported and true quality, where the target has an entry point for either."""
    exam = screened.exam
    for entry in sorted({REPORTED, TRUE} & set(setting.subject.entries)):
        inputs = [test for test in exam.tests.every_input if test.startswith(f"diff:{entry}#")]
        if live:
            exam.ask(live, inputs, SCORED)
        pairs = [(score(exam.clean[test]), score(exam.outcome(live, test))) for test in inputs]
        known = [(clean, now) for clean, now in pairs if clean is not None and now is not None]
        if known:
            clean, now = (round(sum(side) / len(known), 9) for side in zip(*known, strict=True))
            yield ScoreFact(exam.generation, entry, len(inputs), len(known), clean, now)


def score(outcome: Outcome) -> float | None:
    """The mean of all numbers that a differential input gave; None where it gave none."""
    given = outcome.shown.partition(" <- ")[0]
    try:
        found = list(_numbers(ast.literal_eval(given))) if outcome.verdict == "pass" else []
    except (ValueError, SyntaxError):
        return None
    return sum(found) / len(found) if found else None


def _numbers(value: object) -> Iterator[float]:
    if isinstance(value, list | tuple):
        for each in value:
            yield from _numbers(each)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield float(value)


def fixes(setting: Setting, state: State, screened: Screened, live: frozenset[int]) -> Iterator[FixFact]:
    """Of each live fault: how many tests that expect what the generation does reject its correct fix.

    Such tests are those recorded, and those that `oracles.baseline` regenerates from a generation.
    """
    exam = screened.exam
    baseline = setting.condition.oracles.baseline
    tests = [test for test in exam.tests.ids if _expects(exam, state, baseline, test)]
    if not tests or not live:
        return
    exam.ask(live, tests, FIXED)
    for fault in sorted(live):
        fixed = live - {fault}
        if fixed:
            exam.ask(fixed, tests, FIXED)
        failing = sum(_changed(exam.outcome(live, test), exam.outcome(fixed, test)) for test in tests)
        yield FixFact(exam.generation, fault, len(tests), failing)


def _expects(exam: Examination, state: State, baseline: str, test: str) -> bool:
    if test in state.recorded or baseline == "frozen":
        return test in state.recorded
    return regenerated(exam, test) if baseline == "self" else test.startswith("diff:")


def _changed(expected: Outcome, other: Outcome) -> bool:
    pair = {(expected.verdict, expected.digest), (other.verdict, other.digest)}
    return len(pair) > 1 and "unknown" not in {expected.verdict, other.verdict}

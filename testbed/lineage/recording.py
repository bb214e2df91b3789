"""Characterisation tests: recorded from what a generation does, so that its flaws become what is expected.

A recorded test is a differential input with an expected outcome. The screen asks it in place, and a
change of what it expects reveals the faults that do it; those that were there when it was recorded are
taken for right. A test that fails and reveals nothing, as after a repair, is rewritten. So is, with the
probability `modifier.rewriting`, a unit test of the target that fails: then it is the test that changes.
"""

from __future__ import annotations

from collections.abc import Sequence

from testbed.drift import AS_IT_WAS
from testbed.facts import RecordedFact
from testbed.lineage.screening import Screened
from testbed.lineage.setting import Setting
from testbed.lineage.state import State, expectation
from testbed.protocols import Outcome

RECORDING = "recording"
"""Names the stream from which new tests are drawn, and the purpose of their executions."""


def recorded(setting: Setting, state: State, screened: Screened, live: frozenset[int]) -> RecordedFact | None:
    """New tests of an accepted candidate, and those that have to be rewritten; None where nothing changes."""
    exam, count = screened.exam, setting.condition.modifier.recording
    was = {test: one.digest for test, one in state.recorded.items() if test in exam.clean}
    was |= {test: AS_IT_WAS for test in sorted(screened.rewritten) if test not in was}
    now = {test: expectation(outcome) for test, outcome in _outcomes(screened, live, list(was)).items()}
    rewritten = {test: digest for test, digest in now.items() if digest and digest != was[test]}
    added = _new(setting, state, screened, live) if count else {}
    expected = {**was, **rewritten, **added}.items()
    drifted = tuple(sorted(test for test, digest in expected if expectation(exam.clean[test]) != digest))
    if not added and not rewritten:
        return None
    return RecordedFact(
        exam.generation, dict(sorted(added.items())), dict(sorted(rewritten.items())), drifted
    )


def _new(setting: Setting, state: State, screened: Screened, live: frozenset[int]) -> dict[str, str]:
    """Test -> what it expects: inputs of entry points, drawn at random."""
    exam = screened.exam
    rng = setting.stream(exam.generation, exam.attempt, RECORDING)
    count = setting.condition.modifier.recording
    every = setting.inputs(rng, -(-count // max(1, len(setting.subject.entries))))
    count = min(count, len(every))
    chosen = [every[int(place)] for place in sorted(rng.choice(len(every), size=count, replace=False))]
    chosen = [test for test in chosen if test not in state.recorded]
    exam.widen(chosen, RECORDING)
    outcomes = _outcomes(screened, live, chosen)
    found = {test: expectation(outcome) for test, outcome in outcomes.items()}
    return {test: digest for test, digest in found.items() if digest}


def _outcomes(screened: Screened, live: frozenset[int], tests: Sequence[str]) -> dict[str, Outcome]:
    """What the accepted candidate does in place."""
    exam = screened.exam
    if live:
        exam.ask(live, tests, RECORDING)
    return {test: exam.outcome(live, test) for test in tests}

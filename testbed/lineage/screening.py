"""The screen: is the change itself sound, what do the oracles say, and whose doing is it?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from testbed.attribution import Attribution, attribute
from testbed.birth import birth
from testbed.examination import NONE, Examination, differs
from testbed.facts import BeliefFact, Cause, Record
from testbed.lineage.candidate import Candidate
from testbed.lineage.setting import PREVIOUS, REFERENCE, Setting
from testbed.lineage.state import Recorded, expectation
from testbed.protocols import Outcome

Caught = dict[int, tuple[Cause, str]]
"""Fault -> what found it, and where."""


@dataclass(frozen=True, slots=True)
class Screened:
    """A candidate after the screen: what is known of it, which faults go on, which were caught."""

    exam: Examination
    truth: Attribution
    live: frozenset[int]
    caught: Caught
    belief: BeliefFact
    rewritten: frozenset[str] = frozenset()  # failing unit tests that now expect what the candidate does


def unsound(setting: Setting, exam: Examination) -> str:
    """Where the clean twin is not what it should be: the modifier's own doing, not a fault's."""
    for info in exam.tests.infos:
        if exam.clean[info.id].verdict not in {"pass", "unknown"}:
            return f"{info.id} does not pass on the clean twin"
    reference = _outcomes(setting, REFERENCE, NONE, exam.tests.every_input)
    for test, outcome in reference.items():
        if differs(outcome, exam.clean[test]):
            return f"{test} differs between the clean twin and the reference"
    return ""


def _outcomes(
    setting: Setting, name: str, faults: frozenset[int], inputs: Sequence[str]
) -> dict[str, Outcome]:
    if not inputs:
        return {}
    outcomes = setting.parts.evaluator.run(name, faults, inputs)
    return {outcome.test: outcome for outcome in outcomes}


def screen(
    setting: Setting,
    candidate: Candidate,
    live_before: frozenset[int],
    exam: Examination,
    recorded: Mapping[str, Recorded],
) -> Screened:
    """All oracles in place, and what switching says of their failures; the revealed faults go."""
    every = (live_before - set(candidate.overwritten)) | frozenset(candidate.newborn)
    expected: dict[str, Outcome] = {}
    accepted: dict[str, frozenset[int]] = {}
    baseline = setting.condition.oracles.baseline
    if baseline == "previous":
        accepted = dict.fromkeys(exam.tests.inputs, live_before)
        expected = _outcomes(setting, PREVIOUS, live_before, exam.tests.inputs)
    expected |= {test: one.outcome(test) for test, one in recorded.items()}
    accepted |= {test: one.faults for test, one in recorded.items()}
    rewritten = _rewritten(setting, candidate, exam, every, expected)
    expected |= rewritten
    accepted |= dict.fromkeys(rewritten, every)

    def in_place(faults: frozenset[int], ids: Sequence[str]) -> tuple[str, ...]:
        exam.ask(faults, ids, "in place" if faults == every else "healed")
        return tuple(
            test
            for test in ids
            if not (baseline == "self" and test not in recorded and regenerated(exam, test))
            and _otherwise(expected.get(test, exam.clean[test]), exam.outcome(faults, test))
        )

    def alone(faults: frozenset[int], ids: Sequence[str]) -> tuple[str, ...]:
        return exam.deviating(faults, ids, "alone")

    truth = attribute(every, exam.tests.ids, alone, in_place, exam.tests.beside, accepted)
    caught: Caught = {}
    live, current = every, truth
    while current.failing:
        revealed = {f: tests for f, tests in current.revealed().items() if f in live}
        if not revealed:
            break
        for fault, tests in revealed.items():
            caught[fault] = (exam.tests.oracle(tests[0]), tests[0])
        live = live - frozenset(revealed)
        current = attribute(live, current.failing, alone, in_place, (), accepted)
    belief = _belief(baseline, exam, every, truth.failing)
    return Screened(exam, truth, live, caught, belief, frozenset(rewritten))


def _rewritten(
    setting: Setting,
    candidate: Candidate,
    exam: Examination,
    faults: frozenset[int],
    expected: Mapping[str, Outcome],
) -> dict[str, Outcome]:
    """Failing unit tests that the modifier rewrites instead of the code, with what they expect then."""
    rate = setting.condition.modifier.rewriting
    if not rate:
        return {}
    screened = set(exam.tests.ids)
    units = [info.id for info in exam.tests.infos if info.oracle == "unit" and info.id in screened]
    exam.ask(faults, units, "in place")
    rng = setting.stream(candidate.generation, candidate.attempt, "rewriting")
    found = {test: exam.outcome(faults, test) for test in units}
    failing = [test for test in units if _otherwise(expected.get(test, exam.clean[test]), found[test])]
    drawn = [test for test in failing if rng.random() < rate]
    return {test: found[test] for test in drawn if expectation(found[test])}


def _otherwise(expected: Outcome, outcome: Outcome) -> bool:
    """Whether a test that expects this fails: a rewritten one does where its old assertion ends otherwise."""
    if expected.verdict not in {"fail", "error"}:
        return differs(expected, outcome)
    return outcome.verdict != "unknown" and expectation(expected) != expectation(outcome)


def regenerated(exam: Examination, test: str) -> bool:
    """Whether it can be made of what a program does: unit tests and inputs can, a law is not recorded."""
    return exam.tests.oracle(test) != "property"


def _belief(baseline: str, exam: Examination, every: frozenset[int], failing: Sequence[str]) -> BeliefFact:
    wrong = exam.deviating(every, exam.tests.ids, "in place")
    both = len(set(wrong) & set(failing))
    place = exam.generation, exam.attempt
    return BeliefFact(*place, baseline, len(exam.tests.ids), len(failing), len(wrong), both)


def births(setting: Setting, candidate: Candidate, screened: Screened) -> Iterator[Record]:
    """The birth certificates of a candidate's new faults, with the witnesses that were found."""
    rng = setting.stream(candidate.generation, candidate.attempt, "witness")
    further = setting.inputs(rng, setting.condition.truth.witness_inputs)
    every = frozenset(screened.truth.alone)
    for fault, newborn in sorted(candidate.newborn.items()):
        known = screened.truth.alone[fault]
        yield birth(screened.exam, candidate.source, newborn, every, known, further, setting.subject.public)


def rejected(setting: Setting, candidate: Candidate, screened: Screened) -> str:
    """The test whose failure makes the screen reject a candidate, or ""."""
    new = sorted(fault for fault in screened.caught if fault in candidate.newborn)
    if setting.condition.oracles.response == "reject" and new:
        return screened.caught[new[0]][1]
    return ""

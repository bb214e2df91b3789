"""Faults that an outside modifier makes by itself: cut down, and from then on followed like seeded ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from testbed.birth import Newborn
from testbed.examination import NONE, Examination
from testbed.lineage.screening import unsound
from testbed.lineage.setting import Setting
from testbed.lineage.state import State, plain
from testbed.protocols import Proposal, Source
from testbed.tracing.differences import Hunk, guarded, hunks, reverted

TRIALS = 24
"""Candidates that are tried to make the set of hunks smaller."""


@dataclass(frozen=True, slots=True)
class Indigenous:
    """The proposal with its own fault under a guard, and the fault."""

    proposal: Proposal
    newborn: Newborn


def indigenous(setting: Setting, state: State, proposal: Proposal, exam: Examination) -> Indigenous | None:
    """The smallest set of the edit's hunks whose reverting makes it sound again, as one fault.

    None where the edit is no opaque one, or where reverting it as a whole would not help.
    """
    if proposal.turn is None or proposal.reference is not None or proposal.grown:
        return None
    before, after = plain(state.source, NONE), plain(proposal.source, NONE)
    if set(before) != set(after):
        return None
    every = list(hunks(after, before))
    trials = _Trials(setting, exam, after)
    if not every or not trials.sound(every):
        return None
    guilty = smallest(every, trials.sound)
    number = state.number()
    clean = reverted(after, guilty)
    source, left = guarded(proposal.source, clean, lambda hunk: number, healing=True)
    if left:
        return None
    newborn = Newborn(number, "indigenous", None, "indigenous", "indigenous")
    return Indigenous(replace(proposal, source=source), newborn)


def smallest(every: list[Hunk], sound: Callable[[Sequence[Hunk]], bool]) -> list[Hunk]:
    """A set of hunks of which none can be left out, found by halves and then one by one."""
    current, size = list(every), len(every)
    while size:
        size = size // 2 if size > 1 else 0
        step = max(size, 1)
        at = 0
        while at < len(current):
            fewer = current[:at] + current[at + step :]
            if fewer and sound(fewer):
                current = fewer
            else:
                at += step
    return current


class _Trials:
    """Is the candidate sound with these hunks reverted? Answers no when there were enough questions."""

    def __init__(self, setting: Setting, exam: Examination, after: Source) -> None:
        self.setting, self.exam, self.after = setting, exam, after
        self.left = TRIALS

    def sound(self, chosen: Sequence[Hunk]) -> bool:
        """Whether it is."""
        if not self.left:
            return False
        self.left -= 1
        exam = again(self.exam, self.setting)
        return not (exam.load(reverted(self.after, chosen)) or unsound(self.setting, exam))


def again(exam: Examination, setting: Setting) -> Examination:
    """An examination that asks the same of another candidate."""
    return Examination(
        setting.parts.evaluator, exam.generation, exam.attempt, exam.tests, NONE, exam.situation
    )

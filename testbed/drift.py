"""The facts about references that drift: what is expected, what is reported, which fixes are still taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from testbed.records import Record

REPORTED, TRUE = "reported", "quality"
"""The entry points of a target that reports on itself: what it says, and what is so. `selfeval` has both."""


AS_IT_WAS = "pass"
"""What a unit test expects that nobody has rewritten, or that was rewritten back."""


@dataclass(frozen=True, slots=True)
class RecordedFact(Record):
    """Tests that expect what the accepted generation does in place, faults and all.

    Each is a differential input with the digest of the outcome that it expects from now on, or a unit test
    of the target with the verdict and the exception that its old assertion has now: `pass` where it is as it
    was. `drifted` are those of all such tests that by now expect what the clean twin does not do.
    """

    kind: ClassVar[str] = "recorded"
    generation: int
    added: dict[str, str]
    rewritten: dict[str, str]
    drifted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BeliefFact(Record):
    """What the screen's own baseline says of a candidate, against the reference, before any response."""

    kind: ClassVar[str] = "belief"
    generation: int
    attempt: int
    by: str  # frozen, previous or self
    checks: int  # tests and inputs of the screen
    believed: int  # of these, fail or deviate by that baseline
    wrong: int  # of these, fail or deviate against the clean twin
    both: int


@dataclass(frozen=True, slots=True)
class ScoreFact(Record):
    """What an accepted generation reports of itself, or how good it is, beside its clean twin.

    The score of an input is the mean of all numbers in what the entry point gives. `clean` and `in_place`
    are means over the inputs that both answered with numbers: `answered` of `asked`.
    """

    kind: ClassVar[str] = "score"
    generation: int
    entry: str  # REPORTED or TRUE
    asked: int
    answered: int
    clean: float
    in_place: float


@dataclass(frozen=True, slots=True)
class FixFact(Record):
    """A correct fix of one live fault, as tests see it that were regenerated from the accepted generation.

    Of `tests` that now expect what the generation does, `failing` do not pass with the fault healed: the
    first of them rejects the fix.
    """

    kind: ClassVar[str] = "fix"
    generation: int
    fault: int
    tests: int
    failing: int

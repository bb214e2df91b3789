"""How bad a fault is: on which share of the inputs it shows, how, and behind how many public functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from testbed.examination import Examination
from testbed.protocols import Outcome

MOST_AGREEING = 3


@dataclass(frozen=True, slots=True)
class Severity:
    """Counts over the differential inputs that were asked, with the fault alone on the clean twin.

    An input of which the call raises where it did not, or does not end, is `crashing`; every other
    deviating one gives a wrong value. `agreeing` are inputs that reach the fault and show nothing.
    """

    inputs: int = 0
    reached: int = 0
    deviating: int = 0
    crashing: int = 0
    public: tuple[str, ...] = ()
    agreeing: tuple[str, ...] = ()


def severity(exam: Examination, fault: int, public: Mapping[str, tuple[str, ...]]) -> Severity:
    """Of one fault, over the inputs that the examination has asked the clean twin."""
    inputs = [test for test in exam.clean if test.startswith("diff:")]
    alone = frozenset({fault})
    reached = exam.relevant(alone, inputs)
    deviating = exam.deviating(alone, reached, "alone")
    crashing = [test for test in deviating if _crashes(exam.clean[test], exam.outcome(alone, test))]
    told = set(deviating)
    entries = {test.removeprefix("diff:").rpartition("#")[0] for test in deviating}
    return Severity(
        inputs=len(inputs),
        reached=len(reached),
        deviating=len(deviating),
        crashing=len(crashing),
        public=tuple(sorted({name for entry in entries for name in public.get(entry, ())})),
        agreeing=tuple([test for test in reached if test not in told][:MOST_AGREEING]),
    )


def _crashes(clean: Outcome, faulty: Outcome) -> bool:
    if faulty.verdict != "pass":
        return True
    return faulty.shown.startswith("raises ") and not clean.shown.startswith("raises ")

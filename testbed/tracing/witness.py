"""What a fault's witnesses say of an edited text: inputs on which the old generation shows the fault."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from testbed.examination import differs
from testbed.protocols import Evaluator, Outcome, Source
from testbed.tracing.trace import Said, Witnesses

OLD, EDITED = "before the edit", "after the edit"


def witnesses(evaluator: Evaluator, inputs: Sequence[str], *, clean: bool = False) -> _Makes:
    """Asks `evaluator`, with these differential inputs; nothing is loaded before the first question.

    With `clean` the edited text has been made without any fault: what is asked about is that text with one
    function as it was, the fault in it.
    """
    return _Makes(evaluator, inputs, clean)


class _Makes:
    def __init__(self, evaluator: Evaluator, inputs: Sequence[str], clean: bool) -> None:
        self.evaluator, self.inputs, self.clean = evaluator, list(inputs), clean

    def __call__(self, source: Source, live: frozenset[int], edited: Mapping[str, str]) -> Witnesses:
        """The witnesses of one edit."""
        return _Asked(self.evaluator, self.inputs, source, live, edited, self.clean).say


class _Asked:
    def __init__(
        self,
        evaluator: Evaluator,
        inputs: Sequence[str],
        source: Source,
        live: frozenset[int],
        edited: Mapping[str, str],
        clean: bool,
    ) -> None:
        self.evaluator, self.inputs, self.clean = evaluator, inputs, clean
        self.source, self.live, self.edited = source, live, edited

    def say(self, fault: int, text: Mapping[str, str]) -> Said:
        """Whether a text does what the faulty, or what the healed old text did.

        Where the old one did the same with and without the fault, a text with one function as it was has
        to do what the clean edited text does: else the edit changed what that function is for.
        """
        if not self.inputs:
            return "unknown"
        if self.evaluator.load(OLD, self.source).error:
            return "unknown"
        faulty = self._ask(OLD, frozenset({fault}) if self.clean else self.live)
        healed = self._ask(OLD, frozenset() if self.clean else self.live - {fault})
        told = [i for i in self.inputs if differs(healed[i], faulty[i])]
        if not told:
            return "unknown"
        now = self._of(text)
        if all(_same(now[i], faulty[i]) for i in told):
            return "faulty" if not self.clean or self._elsewhere(now, told) else "other"
        return "clean" if all(_same(now[i], healed[i]) for i in told) else "other"

    def _elsewhere(self, now: Mapping[str, Outcome], told: Sequence[str]) -> bool:
        clean = self._of(self.edited)
        return all(_same(now[i], clean[i]) for i in self.inputs if i not in told)

    def _of(self, text: Mapping[str, str]) -> dict[str, Outcome]:
        self.evaluator.load(EDITED, text)
        return self._ask(EDITED, frozenset())

    def _ask(self, name: str, faults: frozenset[int]) -> dict[str, Outcome]:
        return {outcome.test: outcome for outcome in self.evaluator.run(name, faults, self.inputs)}


def _same(first: Outcome, second: Outcome) -> bool:
    return (first.verdict, first.digest) == (second.verdict, second.digest)

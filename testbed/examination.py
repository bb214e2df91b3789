"""One candidate under its oracles: what any set of its faults does, each question asked at most once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from testbed.errors import TestbedError
from testbed.facts import OracleName, TestInfo, VerdictsFact
from testbed.protocols import NOWHERE, Evaluator, Grown, Outcome, Situation, Source

NAME = "candidate"
NONE: frozenset[int] = frozenset()
_LETTER = {"pass": "p", "fail": "f", "error": "e", "timeout": "t", "crash": "c", "unknown": "u"}


@dataclass(frozen=True, slots=True)
class Tests:
    """What a generation is asked: the pytest tests and the differential inputs, with what seeds them.

    `truth` are inputs that the screen does not see: they measure what it misses.
    """

    __test__ = False

    infos: tuple[TestInfo, ...]
    inputs: tuple[str, ...]
    seed: int
    examples: int
    truth: tuple[str, ...] = ()
    unscreened: frozenset[str] = frozenset()  # of the tests in `infos`, those that the screen leaves out

    @property
    def ids(self) -> tuple[str, ...]:
        """All tests of the screen, in the order in which they run."""
        return (*(info.id for info in self.infos if info.id not in self.unscreened), *self.inputs)

    @property
    def beside(self) -> tuple[str, ...]:
        """What measures the truth and is not in the screen."""
        return (*(info.id for info in self.infos if info.id in self.unscreened), *self.truth)

    @property
    def every_input(self) -> tuple[str, ...]:
        """All differential inputs, the screen's first."""
        return (*self.inputs, *self.truth)

    @property
    def every(self) -> tuple[str, ...]:
        """All tests and inputs, the screen's first."""
        return (*self.ids, *self.beside)

    def oracle(self, test: str) -> OracleName:
        """Which oracle a test belongs to."""
        if test.startswith("diff:"):
            return "differential"
        return next(info.oracle for info in self.infos if info.id == test)


@dataclass(slots=True)
class Examination:
    """The verdicts of one loaded candidate. `effort` counts executions by what they were for."""

    evaluator: Evaluator
    generation: int
    attempt: int
    tests: Tests
    import_time: frozenset[int] = NONE
    situation: Situation = NOWHERE
    clean: dict[str, Outcome] = field(default_factory=dict)
    effort: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0  # of all that was run, as measured; never a fact
    verdicts: list[VerdictsFact] = field(default_factory=list)
    steady: tuple[frozenset[str], dict[str, str]] | None = None  # asked outside of inspection; same twice
    _known: dict[frozenset[int], dict[str, Outcome]] = field(default_factory=dict)
    _runs: dict[str, list[tuple[frozenset[int], Outcome]]] = field(default_factory=dict)

    def load(self, source: Source, grown: Sequence[Grown] = ()) -> str:
        """Loads the candidate and runs its clean twin; returns why it cannot be examined, or ""."""
        loaded = self.evaluator.load(NAME, source, grown, self.situation)
        if loaded.error:
            return loaded.error
        self.import_time = loaded.import_time
        outcomes = self._run(NONE, self.tests.every, "clean")
        self.clean = {outcome.test: outcome for outcome in outcomes}
        return ""

    def widen(self, inputs: Iterable[str], purpose: str) -> None:
        """Adds differential inputs to what the clean twin has been asked."""
        missing = [test for test in inputs if test not in self.clean]
        for outcome in self._run(NONE, missing, purpose):
            self.clean[outcome.test] = outcome

    def relevant(self, faults: frozenset[int], tests: Iterable[str]) -> list[str]:
        """The tests that the faults can matter to: those whose clean run evaluates one of their guards."""
        if faults & self.import_time:
            return list(tests)
        return [test for test in tests if faults.intersection(self.clean[test].reached)]

    def ask(self, faults: frozenset[int], tests: Sequence[str], purpose: str) -> None:
        """Has these tests run with these faults on, where that is not known or certain yet."""
        known = self._known.setdefault(faults, {})
        missing = []
        for test in tests:
            if test not in known:
                certain = self._certain(faults, test)
                if certain is None:
                    missing.append(test)
                else:
                    known[test] = certain
        for outcome in self._run(faults, missing, purpose):
            known[outcome.test] = outcome
            self._runs.setdefault(outcome.test, []).append((faults, outcome))

    def _certain(self, faults: frozenset[int], test: str) -> Outcome | None:
        """The outcome where another run tells it: with a set that differs only in faults that it never met.

        A run in which the guard of a fault is not evaluated is the same with that fault on or off.
        """
        clean = self.clean[test]
        elsewhere = self.import_time.union(clean.undecided)
        runs: list[tuple[frozenset[int], Outcome]] = [(NONE, clean), *self._runs.get(test, [])]
        for other, outcome in runs:
            differing = faults ^ other
            if outcome.verdict != "unknown" and differing.isdisjoint(elsewhere.union(outcome.reached)):
                return outcome
        return None

    def outcome(self, faults: frozenset[int], test: str) -> Outcome:
        """The outcome with these faults on, which must have been asked for; the clean one without faults."""
        return self._known[faults][test] if faults else self.clean[test]

    def deviating(self, faults: frozenset[int], tests: Sequence[str], purpose: str) -> tuple[str, ...]:
        """The tests that fail, or whose outcome differs from the clean twin's, with these faults on."""
        self.ask(faults, tests, purpose)
        return tuple(test for test in tests if differs(self.clean[test], self.outcome(faults, test)))

    def _run(self, faults: frozenset[int], tests: Sequence[str], purpose: str) -> tuple[Outcome, ...]:
        if not tests:
            return ()
        outcomes = self.evaluator.run(
            NAME, faults, tests, seed=self.tests.seed, examples=self.tests.examples, probe=not faults
        )
        if [outcome.test for outcome in outcomes] != list(tests):
            raise TestbedError("the evaluator answered another question than it was asked")
        self.effort[purpose] = self.effort.get(purpose, 0) + len(tests)
        self.seconds += sum(outcome.seconds for outcome in outcomes)
        self.verdicts.append(self._fact(faults, outcomes, purpose))
        return outcomes

    def _fact(self, faults: frozenset[int], outcomes: Sequence[Outcome], purpose: str) -> VerdictsFact:
        letters = "".join(self._letter(faults, outcome) for outcome in outcomes)
        return VerdictsFact(
            generation=self.generation,
            attempt=self.attempt,
            purpose=purpose,
            faults=tuple(sorted(faults)),
            seed=self.tests.seed,
            examples=self.tests.examples,
            tests=tuple(outcome.test for outcome in outcomes),
            verdicts=letters,
        )

    def _letter(self, faults: frozenset[int], outcome: Outcome) -> str:
        if faults and outcome.verdict == "pass" and differs(self.clean[outcome.test], outcome):
            return "f"
        return _LETTER[outcome.verdict]


def differs(clean: Outcome, other: Outcome) -> bool:
    """Whether `other` reveals something: no pass where the clean twin passes, or another outcome.

    `unknown` on either side says nothing.
    """
    if "unknown" in (clean.verdict, other.verdict) or clean.verdict != "pass":
        return False
    return other.verdict != "pass" or other.digest != clean.digest

"""Runs a generation under every oracle and says where it is not what the reference is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from testbed.evaluator.growth import own
from testbed.examination import NONE, differs
from testbed.facts import TestInfo
from testbed.lineage import REFERENCE, Subject
from testbed.protocols import Evaluator, Grown, Outcome, Source

NAME = "candidate"
AGAIN = 2
"""How often a difference must be seen again, in both programs, before it counts."""

CONTROLS = 10
"""Inputs for each entry point on which the same code is compared with itself."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A test or an input that tells the two programs apart. With no test the code cannot be loaded."""

    test: str
    reference: str
    changed: str


@dataclass(frozen=True, slots=True)
class Question:
    """What both programs are asked."""

    tests: tuple[str, ...]
    inputs: tuple[str, ...]
    seed: int
    examples: int

    @property
    def every(self) -> tuple[str, ...]:
        """Tests first."""
        return (*self.tests, *self.inputs)


def differences(
    evaluator: Evaluator, source: Source, asked: Question, grown: Sequence[Grown] = ()
) -> tuple[list[Difference], list[str]]:
    """(differences that are seen each time, tests that did not answer the same each time).

    The reference must be loaded. Its tests are known to pass, but properties draw other examples
    from other source, so that one that fails is run on the reference too.
    """
    loaded = evaluator.load(NAME, source, grown)
    if loaded.error:
        return [Difference("", "is loaded", loaded.error)], []
    ids = {info.id for info in loaded.tests}
    missing = set(asked.tests) - ids
    if missing:
        return [Difference(min(missing), "is collected", "is not collected")], []
    asked = replace(asked, tests=(*asked.tests, *_new(loaded.tests, asked)))
    changed = _run(evaluator, NAME, asked, asked.every)
    reference = _run(evaluator, REFERENCE, asked, asked.inputs)
    suspects = [test for test in asked.tests if changed[test].verdict not in ("pass", "unknown")]
    suspects += [test for test in asked.inputs if differs(reference[test], changed[test])]
    if not suspects:
        return [], []
    seen = [(_run(evaluator, REFERENCE, asked, suspects), changed)]
    for _ in range(AGAIN):
        again = _run(evaluator, REFERENCE, asked, suspects), _run(evaluator, NAME, asked, suspects)
        seen.append(again)
    steady = [t for t in suspects if all(differs(ours[t], theirs[t]) for ours, theirs in seen)]
    found = [Difference(t, _shown(seen[0][0][t]), _shown(changed[t])) for t in steady]
    return found, [test for test in suspects if test not in steady]


def _new(infos: Iterable[TestInfo], asked: Question) -> list[str]:
    """The tests that came with new functions; not for a question about some other test alone."""
    new = sorted(info.id for info in own(infos) if info.id not in asked.tests)
    return new if len(asked.every) != 1 else []


def _run(evaluator: Evaluator, name: str, asked: Question, tests: Sequence[str]) -> dict[str, Outcome]:
    if not tests:
        return {}
    outcomes = evaluator.run(name, NONE, tests, seed=asked.seed, examples=asked.examples)
    return {outcome.test: outcome for outcome in outcomes}


def _shown(outcome: Outcome) -> str:
    said = " ".join(part for part in (outcome.exception, outcome.place, outcome.shown) if part)
    return f"{outcome.verdict}: {said}" if said else outcome.verdict


def load_reference(evaluator: Evaluator, subject: Subject) -> None:
    """Loads the program that everything is compared with."""
    evaluator.load(REFERENCE, subject.source)


def repeatable(evaluator: Evaluator, subject: Subject) -> tuple[str, ...]:
    """The entry points that give the same outcomes when the same source is loaded a second time.

    The reference must be loaded.
    """
    inputs = {f"diff:{entry}#{number}": entry for entry in subject.entries for number in range(CONTROLS)}
    if not inputs or evaluator.load(NAME, subject.source).error:
        return subject.entries
    asked = Question((), tuple(inputs), 0, 1)
    ours, theirs = (_run(evaluator, name, asked, asked.inputs) for name in (REFERENCE, NAME))
    bad = {entry for test, entry in inputs.items() if differs(ours[test], theirs[test])}
    return tuple(entry for entry in subject.entries if entry not in bad)

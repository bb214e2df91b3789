"""What one generation hands to the next, and how it is made out of the ledger again."""

from __future__ import annotations

from dataclasses import dataclass, field

from testbed.drift import AS_IT_WAS
from testbed.facts import (
    BirthFact,
    CandidateFact,
    EditFact,
    GenerationFact,
    GrownFact,
    LeftAloneFact,
    OutsideFact,
    RecordedFact,
    ReviewFact,
    RollbackFact,
)
from testbed.ledger.history import commit_id
from testbed.ledger.store import Ledger
from testbed.lineage.setting import Subject
from testbed.oversight.policies import Checkpoint
from testbed.protocols import Function, Grown, Outcome, Source
from testbed.schema import materialise
from testbed.tracing.ghosts import healed

INPUT = "diff:"
"""How the name of a differential input begins."""

ROOT_MESSAGE = "Generation 0\n"


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a recorded or rewritten test expects (see `expectation`), and the faults that were there then."""

    digest: str
    faults: frozenset[int]

    def outcome(self, test: str) -> Outcome:
        """The outcome that is right to it."""
        if test.startswith(INPUT):
            return Outcome(test, "pass", self.digest)
        exception = self.digest.partition(" ")[2]
        return Outcome(test, "error" if self.digest.startswith("error") else "fail", exception=exception)


def expectation(outcome: Outcome) -> str:
    """What a test has to expect so that this is right; "" where no test can be made of it."""
    if outcome.test.startswith(INPUT):
        return outcome.digest if outcome.verdict == "pass" else ""
    verdict = outcome.verdict if outcome.verdict in {"pass", "fail", "error"} else ""
    return f"{verdict} {outcome.exception}".strip() if verdict else ""


@dataclass(slots=True)
class State:
    """What one generation hands to the next."""

    source: dict[str, str]
    generation: int = 0
    live: dict[int, int] = field(default_factory=dict)  # fault -> birth generation
    families: dict[int, tuple[str, str]] = field(default_factory=dict)  # fault -> operator, family
    next_fault: int = 1
    commit: str = ""
    reviewed: dict[str, str] = field(default_factory=dict)  # materialised at the last review
    reviewed_at: int = 0
    grown: tuple[Grown, ...] = ()  # functions added since the reference
    left_alone: dict[str, str] = field(default_factory=dict)  # files that the modifier cannot handle
    recorded: dict[str, Recorded] = field(default_factory=dict)  # test -> what it expects
    reviewed_source: dict[str, str] = field(default_factory=dict)  # switchable, at the last review
    reviewed_live: frozenset[int] = frozenset()
    reviewed_grown: tuple[Grown, ...] = ()
    checkpoints: list[Checkpoint] = field(default_factory=list)
    read: dict[Function, int] = field(default_factory=dict)  # lines of it read in reviews
    ghosts: dict[int, dict[str, str]] = field(default_factory=dict)  # of an outside modifier: healed faults
    before: dict[str, str] = field(default_factory=dict)  # materialised, where a rollback has come between

    def __post_init__(self) -> None:
        if not self.reviewed_at and not self.reviewed_source:
            self.reviewed_source = dict(self.source)

    def record(self, fact: RecordedFact) -> None:
        """Remembers tests that expect what the generation does with the faults that live now."""
        for test, digest in {**fact.added, **fact.rewritten}.items():
            if digest == AS_IT_WAS:
                self.recorded.pop(test, None)
            else:
                self.recorded[test] = Recorded(digest, frozenset(self.live))

    def note(self, fact: ReviewFact) -> None:
        """Remembers what was read of which function."""
        for place, lines in fact.read.items():
            path, _, where = place.partition("::")
            self.read[path, where] = self.read.get((path, where), 0) + lines

    def number(self) -> int:
        """The next free fault number."""
        number = self.next_fault
        self.next_fault += 1
        return number


def plain(source: Source, live: frozenset[int]) -> dict[str, str]:
    """The materialised source with these faults on."""
    return {path: materialise(text, live) for path, text in sorted(source.items())}


def origin(subject: Subject) -> State:
    """The state before the first generation; its commit is the reference itself."""
    commit = commit_id(subject.source, "", 0, ROOT_MESSAGE)
    return State(dict(subject.source), reviewed=dict(subject.source), commit=commit)


def restore(ledger: Ledger, subject: Subject, condition: int, lineage: int) -> State:
    """The state after the last whole generation of a lineage in the ledger."""
    state = origin(subject)
    born: dict[int, int] = {}
    added: list[GrownFact] = []
    candidate: CandidateFact | None = None
    outside = False
    for record in ledger.of_lineage(condition, lineage):
        if isinstance(record, BirthFact):
            born[record.fault] = record.generation
            state.families[record.fault] = (record.operator, record.family)
            state.next_fault = max(state.next_fault, record.fault + 1)
        elif isinstance(record, ReviewFact):
            state.checkpoints.append(Checkpoint(record.generation, bool(record.findings)))
            state.note(record)
            if not record.rejected:
                state.reviewed_at = record.generation
        elif isinstance(record, RollbackFact):
            state.grown = state.reviewed_grown
        elif isinstance(record, GrownFact):
            added.append(record)
        elif isinstance(record, OutsideFact):
            outside = True
        elif isinstance(record, CandidateFact):
            candidate = record
        elif isinstance(record, LeftAloneFact):
            state.left_alone = dict(record.files)
        elif isinstance(record, RecordedFact):
            state.record(record)
        elif isinstance(record, GenerationFact):
            state.grown += tuple(grown(fact) for fact in added if fact.attempt == record.attempts)
            added = []
            state.source = {path: ledger.blob(digest) for path, digest in record.sources.items()}
            state.generation, state.commit = record.generation, record.commit
            state.live = {fault: born[fault] for fault in record.live}
            if outside and candidate is not None:
                made = {path: ledger.blob(candidate.sources[path]) for path in record.sources}
                state.ghosts = healed(state.ghosts, made, frozenset(record.live))
            if state.reviewed_at == record.generation:
                state.reviewed = plain(state.source, frozenset(record.live))
                state.reviewed_source, state.reviewed_live = state.source, frozenset(record.live)
                state.reviewed_grown = state.grown
    return state


def grown(fact: GrownFact) -> Grown:
    """The function that a fact is about."""
    return Grown(fact.address, fact.params, fact.definition, fact.examples, fact.items)


def commit_message(generation: int, edits: tuple[EditFact, ...]) -> str:
    """What the commit of a generation says: its number and its edits."""
    lines = [f"{edit.refactoring}: {edit.path} {edit.where}".rstrip() for edit in edits]
    return "\n".join([f"Generation {generation}", "", *lines]) + "\n"

"""The loop. A lineage is a pure function of its condition, the campaign's seed and its own number.

It yields a `Batch` for each generation, which the ledger takes whole; `state.restore` makes the state
that a batch left behind out of the facts again, so that a broken-off lineage goes on as if nothing
had been.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from time import perf_counter, process_time
from typing import Literal

from testbed.conditions import Condition
from testbed.examination import NONE, Examination
from testbed.facts import (
    BirthFact,
    CandidateFact,
    EndFact,
    GenerationFact,
    GrownFact,
    LeftAloneFact,
    OutcomeFact,
    OutsideFact,
    Record,
    RefusedFact,
    ReviewFact,
    RollbackFact,
)
from testbed.ledger.store import blob_digest
from testbed.lineage import candidate as candidates
from testbed.lineage.accept import Accepted, accept, ends, rungs
from testbed.lineage.budget import Purse
from testbed.lineage.candidate import Candidate
from testbed.lineage.drifting import fixes, scores
from testbed.lineage.fixing import fix
from testbed.lineage.indigenous import again, indigenous
from testbed.lineage.recording import recorded
from testbed.lineage.review import review
from testbed.lineage.screening import Caught, Screened, births, rejected, screen, unsound
from testbed.lineage.setting import PREVIOUS, REFERENCE, Parts, Setting, Subject
from testbed.lineage.state import State, plain
from testbed.oversight.policies import Checkpoint
from testbed.protocols import Grown, Haunted, Loaded, Moving, Reference, Source
from testbed.schema import heal
from testbed.tracing.ghosts import healed


@dataclass(frozen=True, slots=True)
class Batch:
    """One generation for the ledger and the history."""

    generation: int
    records: tuple[Record, ...]
    blobs: dict[str, str]
    timings: dict[str, float]
    files: dict[str, str]  # materialised source to commit; empty when nothing was accepted
    parent: str
    message: str
    live: int
    ended: bool


class _Clock:
    """Seconds since it was made: of the wall, and of this process's CPU."""

    def __init__(self) -> None:
        self._wall, self._cpu = perf_counter(), process_time()

    def read(self) -> dict[str, float]:
        return {"wall": perf_counter() - self._wall, "cpu": process_time() - self._cpu}


_Passed = tuple[Candidate, Screened, frozenset[int]]
"""A candidate that goes on, what is known of it, and the faults that go on with it."""


class Lineage:
    """Runs one lineage from a state on."""

    def __init__(
        self, condition: Condition, lineage: int, seed: int, subject: Subject, parts: Parts, state: State
    ) -> None:
        self.setting = Setting(condition, lineage, seed, subject, parts)
        self.state = state
        self._subject = subject  # without what was added to it
        self._beside: Mapping[str, str] = {}  # files that the history changed beside the package
        self._blobs: dict[str, str] = {}  # sources of the generation in the making
        self._rolled_back = False  # the next attempt is what a rollback has left
        self._purse = Purse(condition.budget)

    def run(self) -> Iterator[Batch]:
        """Yields a batch for each generation; the last one holds the outcome."""
        self._compare_with(self.state.grown)
        while True:
            batch = self._generation()
            yield batch
            if batch.ended:
                return

    def _compare_with(self, grown: tuple[Grown, ...]) -> None:
        """Loads what candidates with these new functions are compared with, and lets them be asked for."""
        loaded = self._load(REFERENCE, self._subject.source, grown)
        subject = self._subject.growing(grown, loaded.tests) if grown else self._subject
        self.setting = replace(self.setting, subject=subject)
        if self.setting.condition.oracles.baseline == "previous":
            self._load(PREVIOUS, self.state.source, grown)

    def _move(self, reference: Reference) -> None:
        """From now on this is right: the history that is replayed has gone on, its tests with it."""
        self._beside = reference.beside
        self._subject = replace(self._subject, source=reference.source)
        self._subject = replace(self._subject, tests=self._load(REFERENCE, reference.source, ()).tests)
        self._compare_with(self.state.grown)

    def _load(self, name: str, source: Source, grown: tuple[Grown, ...]) -> Loaded:
        generation = 0 if name == REFERENCE else self.state.generation
        situation = self.setting.situation(generation)
        return self.setting.parts.evaluator.load(name, source, grown, situation)

    def _generation(self) -> Batch:
        clock = _Clock()
        first_number = self.state.next_fault
        records: list[Record] = []
        self._blobs = {}
        self._purse = Purse(self.setting.condition.budget)
        last = self.setting.condition.limits.retries + 2
        attempt, moving = 0, isinstance(self.setting.parts.modifier, Moving)
        while (attempt < last or self._rolled_back) and not self._purse.spent():
            attempt += 1
            # The last attempt leaves the code alone, so that an unsound modifier cannot stop the lineage.
            passed = self._attempt(attempt, records, still=attempt >= last and not moving)
            if passed:
                return self._accepted(*passed, records, first_number, clock)
        reason = self._purse.spent() or f"no candidate was accepted in {attempt} attempts"
        return self._stalled(records, clock, reason)

    def _attempt(self, attempt: int, records: list[Record], *, still: bool) -> _Passed | None:
        rolled_back, self._rolled_back = self._rolled_back, False
        proposal, offspring = (
            (candidates.rollback(self.state), {})
            if rolled_back
            else candidates.propose(self.setting, self.state, attempt, still=still)
        )
        if proposal.turn is not None:
            generation = self.state.generation + 1
            traces = proposal.turn.traces
            records.append(OutsideFact(generation, attempt, **asdict(proposal.turn) | {"traces": traces}))
        if proposal.ends:
            generation = self.state.generation + 1
            records.append(RefusedFact(generation, attempt, "sound", proposal.ends, proposal.edits))
            return None
        if proposal.reference is not None:
            self._move(proposal.reference)
        grown = (*self.state.grown, *proposal.grown)
        if grown != self.setting.subject.grown:
            self._compare_with(grown)
        setting = self.setting
        candidate = (
            candidates.rolled_back(self.state, attempt, proposal)
            if rolled_back
            else candidates.inject(setting, self.state, attempt, proposal, offspring)
        )
        tests = self._purse.within(
            setting.tests(candidate.generation, attempt, self.state.recorded),
            setting.stream(candidate.generation, attempt, "budget"),
        )
        situation = setting.situation(candidate.generation)
        exam = Examination(setting.parts.evaluator, candidate.generation, attempt, tests, NONE, situation)
        self._purse.exams.append(exam)
        problem = exam.load(candidate.source, grown) or unsound(setting, exam)
        own = indigenous(setting, self.state, proposal, exam) if problem else None
        if own is not None:
            newborn = {**offspring, own.newborn.fault: own.newborn}
            candidate = candidates.inject(setting, self.state, attempt, own.proposal, newborn)
            exam = again(exam, setting)
            self._purse.exams.append(exam)
            problem = exam.load(candidate.source, grown) or unsound(setting, exam)
        records.append(self._purse.pay(tests, candidate.generation, attempt))
        if problem:
            # Nothing of an unsound candidate is known well enough to be a fact but that it was refused.
            records.append(_refusal(candidate, "sound", problem))
            return None
        screened = screen(setting, candidate, frozenset(self.state.live), exam, self.state.recorded)
        records.append(screened.belief)
        records.extend(candidate.unplaced)
        records.extend(births(setting, candidate, screened))
        live, caught = screened.live, dict(screened.caught)
        stage: Literal["screen", "checkpoint"] = "screen"
        reason = rejected(setting, candidate, screened)
        if not reason:
            stage = "checkpoint"
            allowed = self._purse.lines(setting.condition.oversight)
            fact, found = review(setting, self.state, candidate, screened, allowed)
            if fact is not None:
                self._purse.read += fact.lines_read
                records.append(fact)
                self.state.checkpoints.append(Checkpoint(fact.generation, bool(fact.findings)))
                caught.update(found)
                live = live - frozenset(found)
                reason = "a finding of the review" if fact.rejected else ""
        records.extend(
            GrownFact(candidate.generation, attempt, **asdict(one)) for one in candidate.proposal.grown
        )
        if reason:
            records.append(self._kept(candidate))
            records.extend(exam.verdicts)
            records.append(_refusal(candidate, stage, reason))
            self._refuse(candidate, caught, reason, records)
            if stage == "checkpoint" and setting.condition.oversight.response == "rollback":
                self._roll_back(attempt, records)
            return None
        fixed = fix(setting, self.state, candidate, screened, live, caught)
        candidate, screened, live = fixed.candidate, fixed.screened, fixed.live
        records.extend(fixed.records)
        if screened.exam is not exam:
            self._purse.exams.append(screened.exam)
        records.append(self._kept(candidate))
        records.extend(exam.verdicts)
        records.extend(rungs(candidate, screened))
        records.extend(ends(candidate, self.state, caught))
        return candidate, screened, live

    def _kept(self, candidate: Candidate) -> CandidateFact:
        """Keeps a candidate's source, so that what was said of it can be checked."""
        files = {**self._beside, **candidate.source}
        sources = {path: blob_digest(text) for path, text in sorted(files.items())}
        self._blobs.update({sources[path]: text for path, text in files.items()})
        return CandidateFact(candidate.generation, candidate.attempt, sources)

    def _refuse(self, candidate: Candidate, caught: Caught, reason: str, records: list[Record]) -> None:
        """The candidate goes, its newborn with it; an older fault that was found is mended where it lives."""
        state, generation = self.state, candidate.generation
        for fault in sorted(candidate.newborn):
            cause, by = caught.get(fault, ("rejected", reason))
            records.append(EndFact(fault, generation, cause, by, 0))
        for fault, (cause, by) in sorted(caught.items()):
            if fault in state.live:
                records.append(EndFact(fault, generation, cause, by, generation - state.live.pop(fault)))
                state.source = {path: heal(text, frozenset({fault})) for path, text in state.source.items()}

    def _roll_back(self, attempt: int, records: list[Record]) -> None:
        """Back to the last reviewed generation: changes since then go with their faults, repairs stay."""
        state, generation = self.state, self.state.generation + 1
        records.append(RollbackFact(generation, attempt, state.reviewed_at))
        state.before = state.before or plain(state.source, frozenset(state.live))
        by = f"to generation {state.reviewed_at}"
        for fault in sorted(set(state.live) - state.reviewed_live):
            records.append(EndFact(fault, generation, "rollback", by, generation - state.live.pop(fault)))
        mended = state.reviewed_live - frozenset(state.live)
        state.source = {path: heal(text, mended) for path, text in state.reviewed_source.items()}
        state.grown = state.reviewed_grown
        self._rolled_back = True
        if self.setting.condition.oracles.baseline == "previous":
            self._load(PREVIOUS, state.source, state.grown)

    def _accepted(
        self,
        candidate: Candidate,
        screened: Screened,
        live: frozenset[int],
        records: list[Record],
        first_number: int,
        clock: _Clock,
    ) -> Batch:
        told = len(screened.exam.verdicts)
        fresh = recorded(self.setting, self.state, screened, live)
        records.extend(fixes(self.setting, self.state, screened, live))
        records.extend(scores(self.setting, screened, live))
        records.extend(screened.exam.verdicts[told:])
        made = accept(self.setting.subject, self.state, candidate, screened, live)
        records.append(made.fact)
        skipped = dict(sorted(candidate.proposal.skipped.items()))
        if skipped != self.state.left_alone:
            records.append(LeftAloneFact(candidate.generation, skipped))
        self.state.grown += candidate.proposal.grown
        self.state.left_alone = skipped
        parent = self.state.commit
        self._hand_on(made, live, records, first_number)
        if isinstance(self.setting.parts.modifier, Haunted):
            self.state.ghosts = healed(self.state.ghosts, candidate.source, live)
        if fresh is not None:
            records.append(fresh)
            self.state.record(fresh)
        outcome = self._outcome(made.fact)
        if outcome is not None:
            records.append(outcome)
        return Batch(
            generation=candidate.generation,
            records=tuple(records),
            blobs=self._blobs | {blob_digest(text): text for text in made.source.values()},
            timings=clock.read() | self._purse.seconds(),
            files=made.files,
            parent=parent,
            message=made.message,
            live=len(live),
            ended=outcome is not None,
        )

    def _hand_on(
        self, made: Accepted, live: frozenset[int], records: list[Record], first_number: int
    ) -> None:
        state, generation = self.state, made.fact.generation
        state.live = {fault: state.live.get(fault, generation) for fault in sorted(live)}
        state.source, state.generation, state.commit = made.source, generation, made.fact.commit
        state.before = {}
        # A number that was drawn and never born is free again, as it is after `restore`.
        born = [record.fault for record in records if isinstance(record, BirthFact)]
        state.next_fault = max([first_number - 1, *born]) + 1
        for record in records:
            if isinstance(record, ReviewFact):
                state.note(record)
        if any(isinstance(record, ReviewFact) and not record.rejected for record in records):
            state.reviewed, state.reviewed_at = made.files, generation
            state.reviewed_source, state.reviewed_live = made.source, live
            state.reviewed_grown = state.grown
        if self.setting.condition.oracles.baseline == "previous":
            self._load(PREVIOUS, made.source, state.grown)

    def _outcome(self, fact: GenerationFact) -> OutcomeFact | None:
        condition, limits = self.setting.condition, self.setting.condition.limits
        if limits.runaway and len(fact.live) >= limits.runaway:
            return OutcomeFact(fact.generation, "runaway", fact.live, f"{len(fact.live)} live faults")
        if limits.runaway_blast and fact.inputs_deviating >= limits.runaway_blast * max(fact.inputs, 1):
            reason = f"{fact.inputs_deviating} of {fact.inputs} inputs deviate"
            return OutcomeFact(fact.generation, "runaway", fact.live, reason)
        if fact.generation >= condition.generations:
            return OutcomeFact(fact.generation, "completed", fact.live)
        return None

    def _stalled(self, records: list[Record], clock: _Clock, reason: str) -> Batch:
        generation, live = self.state.generation, tuple(sorted(self.state.live))
        records.append(OutcomeFact(generation, "stalled", live, reason))
        timings = clock.read() | self._purse.seconds()
        return Batch(generation + 1, tuple(records), self._blobs, timings, {}, "", "", len(live), True)


def _refusal(
    candidate: Candidate, stage: Literal["sound", "screen", "checkpoint"], reason: str
) -> RefusedFact:
    edits = tuple(candidate.proposal.edits)
    return RefusedFact(candidate.generation, candidate.attempt, stage, reason, edits)

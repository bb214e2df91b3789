"""One lineage without faults: propose, run everything, find the edit that is to blame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from testbed import modifiers
from testbed.engine.prepare import Prepared
from testbed.errors import TestbedError
from testbed.evaluator import ProcessEvaluator
from testbed.evaluator.growth import entries as growth_entries
from testbed.facts import EditFact
from testbed.lineage import REFERENCE
from testbed.lines import touched
from testbed.modifiers.refactor import RefactorModifier
from testbed.protocols import Grown, Proposal, Source
from testbed.seeds import stream
from testbed.soundness.compare import Difference, Question, differences
from testbed.soundness.records import Asked, Deviation, Tally
from testbed.soundness.reduce import smallest
from testbed.soundness.shown import MOST_LINES, definition, diff


def lineage(prepared: Prepared, number: int, asked: Asked, evaluator: ProcessEvaluator) -> Tally:
    """Makes and runs the generations of one lineage. One that deviates is dropped and the next one made."""
    return _Run(prepared, number, asked, evaluator).run()


class _Run:
    def __init__(self, prepared: Prepared, number: int, asked: Asked, evaluator: ProcessEvaluator) -> None:
        self.prepared = prepared
        self.number = number
        self.asked = asked
        self.evaluator = evaluator
        self.tally = Tally(lineages=1)
        self.grown: tuple[Grown, ...] = ()

    def run(self) -> Tally:
        self._prepare(self.grown)
        source: Source = self.prepared.subject.source
        last = self.asked.only[1] if self.asked.only else self.asked.generations
        for generation in range(1, last + 1):
            proposal = self._propose(source, generation)
            if self._sound(source, proposal, generation):
                source = proposal.source
                self.grown += proposal.grown
            elif proposal.grown:
                self._prepare(self.grown)
        return self.tally

    def _prepare(self, grown: Sequence[Grown]) -> None:
        """Loads the reference, with the tests and the entry points of functions that were added."""
        self.evaluator.load(REFERENCE, self.prepared.subject.source, grown)

    def _differences(self, proposal: Proposal, asked: Question) -> tuple[list[Difference], list[str]]:
        """Between the reference and the proposal, with the tests of what was added so far."""
        return differences(self.evaluator, proposal.source, asked, (*self.grown, *proposal.grown))

    def _propose(self, source: Source, generation: int, most: int | None = None) -> Proposal:
        """The generation's proposal, or the first `most` of its edits."""
        factor, frozen = self.asked.modifier, self.prepared.frozen
        rng = stream(self.asked.seed, "soundness", self.prepared.fact.target, self.number, generation)
        modifier = modifiers.make(factor, frozen, self.prepared.spec.static)
        if isinstance(modifier, RefactorModifier):
            return modifier.propose(source, rng, _offspring, most)
        if most is not None:
            modifier = modifiers.make(replace(factor, edits=most), frozen)
        return modifier.propose(source, rng, _offspring)

    def _sound(self, source: Source, proposal: Proposal, generation: int) -> bool:
        if self.asked.only and generation != self.asked.only[1]:
            return generation not in self.asked.without
        self._count(source, proposal)
        if proposal.grown or self.asked.only:
            self._prepare((*self.grown, *proposal.grown))
        question = self._question(generation, (*self.grown, *proposal.grown))
        found, unsteady = self._differences(proposal, question)
        self.tally.unsteady.update(test.partition("#")[0] for test in unsteady)
        self.tally.tests += len(question.every)
        if found:
            self.tally.deviations.append(self._blamed(source, generation, question, found[0], proposal))
        return not found

    def _count(self, source: Source, proposal: Proposal) -> None:
        tally = self.tally
        tally.generations += 1
        tally.applied.update(edit.refactoring for edit in proposal.edits)
        tally.refused.update(proposal.refused)
        tally.lines += sum(map(len, touched(source, proposal.source).values()))
        factor = self.asked.modifier
        tally.short += factor.profile == "even" and len(proposal.edits) < factor.edits
        tally.skipped.update(proposal.skipped)
        tally.grown += len(proposal.grown)

    def _question(self, generation: int, grown: Sequence[Grown]) -> Question:
        subject = self.prepared.subject
        entries = (*subject.entries, *(entry.name for entry in growth_entries(grown)))
        rng = stream(self.asked.seed, "inputs", subject_name(self.prepared), self.number, generation)
        inputs = tuple(
            f"diff:{entry}#{int(seed)}"
            for entry in entries
            for seed in rng.integers(2**31, size=self.asked.inputs)
        )
        tests = tuple(info.id for info in subject.tests)
        return Question(tests, inputs, int(rng.integers(2**31)), self.asked.examples)

    def _blamed(
        self, source: Source, generation: int, question: Question, found: Difference, proposal: Proposal
    ) -> Deviation:
        """The first edit after which the difference is there."""
        before: Source = source
        narrow = replace(
            question,
            tests=tuple(t for t in question.tests if t == found.test),
            inputs=tuple(t for t in question.inputs if t == found.test),
        )
        edit, after, grown = None, proposal.source, (*self.grown, *proposal.grown)
        for count in range(1, len(proposal.edits) + 1):
            part = self._propose(source, generation, count)
            if self._differences(part, narrow)[0]:
                edit, after, grown = part.edits[-1], part.source, (*self.grown, *part.grown)
                break
            before = part.source
        else:
            before = source
        small = smallest(before, after, lambda one, other: self._shows(one, other, grown, narrow, found.test))
        self._prepare(self.grown)
        return self._deviation(generation, found, edit, *small)

    def _shows(
        self, before: Source, after: Source, grown: Sequence[Grown], asked: Question, test: str
    ) -> bool:
        """Whether a program and a changed one differ in this test, and in nothing that comes before it."""
        loaded = self.evaluator.load(REFERENCE, before, grown)
        if loaded.error or {*asked.tests} - {info.id for info in loaded.tests}:
            return False
        found, _unsteady = differences(self.evaluator, after, asked, grown)
        return any(one.test == test for one in found)

    def _deviation(
        self, generation: int, found: Difference, edit: EditFact | None, before: Source, after: Source
    ) -> Deviation:
        return Deviation(
            target=subject_name(self.prepared),
            lineage=self.number,
            generation=generation,
            edit=edit,
            test=found.test,
            said=f"reference {found.reference}; changed {found.changed}",
            before=_edited(before, after, edit),
            diff=diff(before, after),
            without=self.asked.without or tuple(earlier.generation for earlier in self.tally.deviations),
        )


def _edited(before: Source, after: Source, edit: EditFact | None) -> str:
    """What is left of the edited file; of a long one the definition in which the edit was made."""
    paths = [path for path in sorted(before) if before[path] != after.get(path)]
    text = "\n".join(before[path] for path in paths)
    return definition(before, edit) if edit and text.count("\n") > MOST_LINES else text


def subject_name(prepared: Prepared) -> str:
    """The target's name as examined."""
    return prepared.fact.target


def _offspring(parent: int) -> int:
    raise TestbedError(f"a copy of fault {parent}, where no fault was seeded")

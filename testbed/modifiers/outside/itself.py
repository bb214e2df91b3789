"""The modifier `self`: generation n+1 is what generation n makes of its own source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from testbed.conditions import ModifierFactor
from testbed.errors import UserError
from testbed.facts import EditFact
from testbed.lines import touched
from testbed.modifiers.outside.tool import Broken, Remembering, Tool
from testbed.modifiers.refactor import RefactorModifier
from testbed.protocols import Proposal, Source, Turn
from testbed.schema import guard_numbers, heal, materialise
from testbed.schema.text import same, shared
from testbed.traces import Trace, TraceStatus
from testbed.tracing import problem, trace
from testbed.tracing.definitions import definitions
from testbed.tracing.differences import Hunk, guarded, hunks
from testbed.tracing.places import Place
from testbed.tracing.tokens import tokens
from testbed.tracing.write import Wanted, write

Files = Mapping[str, str]
MOST = 12
"""Induced faults of one generation; further differences are further sites of the last."""


@dataclass(frozen=True, slots=True)
class _Inputs:
    """What a generation has: itself in switchable form, and the source that it is to rebuild."""

    tool: Source
    source: Source
    live: frozenset[int]

    def code(self, on: frozenset[int]) -> dict[str, str]:
        """The tool with these faults on."""
        return {path: materialise(text, on) for path, text in self.tool.items()}

    def files(self, on: frozenset[int]) -> dict[str, str]:
        """The source with these faults on."""
        return {path: materialise(text, on) for path, text in self.source.items()}


class SelfModifier:
    """The target rebuilds its own source, after the edits that are asked for; faults in it breed faults."""

    name = "self"
    version = "1"
    moves = True  # a generation that cannot rebuild itself ends its lineage

    def __init__(self, factor: ModifierFactor, edits: RefactorModifier) -> None:
        if factor.entry.count(":") != 1:
            raise UserError(
                "is no module:function", where="modifier.entry", remedy="such as selfhost:rebuild"
            )
        self.factor = factor
        self.edits = edits
        self._reference: Remembering | None = None
        self._generation = 1

    def begin(self, reference: Source) -> None:
        """The frozen reference: the clean builder, and the second one."""
        self._reference = Remembering(Tool(self.factor.entry, reference, self.factor.seconds))

    def situate(self, lineage: int, generation: int, attempt: int) -> None:
        """Where the lineage is."""
        self._generation = generation

    def propose(self, source: Source, rng: np.random.Generator, offspring: Callable[[int], int]) -> Proposal:
        """The successor, with the faults that were carried over and those that its builder put in."""
        asked = self.edits.propose(source, rng, offspring)
        live = frozenset(number for text in source.values() for number in guard_numbers(text))
        present = frozenset(number for text in asked.source.values() for number in guard_numbers(text))
        inputs = _Inputs(source, asked.source, live)
        assert self._reference is not None
        clean = self._reference.build(inputs.files(frozenset()))
        made = self._carried(inputs, present, clean)
        turn = Turn("rebuild", traces=made[1])
        try:
            built = self._built(inputs, live, inputs.files(present))
        except Broken as trouble:
            built, turn = None, replace(turn, problem=f"cannot rebuild itself: {trouble}"[:300])
        if self.factor.second and self._generation % self.factor.second == 0:
            return self._secured(asked, inputs, made[0], clean, turn)
        if built is None:
            return Proposal(asked.source, (), turn=turn, ends=turn.problem)
        final, left = self._with_induced(inputs, made[0], clean, built, offspring)
        if left:
            turn = replace(turn, problem=f"{len(left)} differences have no place")
        return self._proposal(asked, source, final, turn)

    def _proposal(self, asked: Proposal, old: Source, final: Source, turn: Turn) -> Proposal:
        rebuilt = tuple(EditFact("rebuild", path, "") for path in touched(asked.source, final))
        return replace(asked, source=final, edits=(*asked.edits, *rebuilt), turn=turn, grown=())

    def _built(self, inputs: _Inputs, on: frozenset[int], files: Files) -> dict[str, str]:
        """What the generation with these faults on makes of the files. Raises Broken."""
        if not on:
            assert self._reference is not None
            return self._reference.build(files)
        made = Tool(self.factor.entry, inputs.code(on), self.factor.seconds).build(files)
        wrong = problem(made)
        if wrong:
            raise Broken(wrong)
        return made

    def _carried(
        self, inputs: _Inputs, present: frozenset[int], clean: Files
    ) -> tuple[dict[str, str], tuple[Trace, ...]]:
        """The clean successor with the faults of the source in it, as the clean builder rewrites them."""
        assert self._reference is not None
        told = trace(inputs.source, present, clean, lambda parent: parent, clean=True)
        made, traces = told.source, {each.fault: each for each in told.traces}
        for fault in sorted(present - frozenset(n for text in made.values() for n in guard_numbers(text))):
            alone = self._reference.build(inputs.files(frozenset({fault})))
            if not list(hunks(clean, alone)):
                continue  # overwritten: it makes no difference to the successor
            traces[fault] = Trace(fault, "unattributed")
            for status, way in _WAYS.items():
                made = way(made, clean, alone, fault)
                if any(fault in guard_numbers(text) for text in made.values()):
                    traces[fault] = Trace(fault, status)
                    break
        return made, tuple(traces[fault] for fault in sorted(traces))

    def _with_induced(
        self,
        inputs: _Inputs,
        made: dict[str, str],
        clean: Files,
        built: Files,
        offspring: Callable[[int], int],
    ) -> tuple[dict[str, str], list[Hunk]]:
        """The successor with what its builder's faults did to it; the fault that did it is the parent."""
        every = frozenset(n for text in made.values() for n in guard_numbers(text))
        now = {path: materialise(text, every) for path, text in made.items()}
        if not list(hunks(now, built)):
            return made, []
        guilty = self._guilty(inputs, clean)
        numbers: dict[tuple[int, str, str], int] = {}

        def number(hunk: Hunk) -> int:
            parent = next((f for f, places in guilty.items() if (hunk.path, hunk.where) in places), None)
            parent = parent if parent is not None else next(iter(guilty), min(inputs.live))
            key = (parent, hunk.path, hunk.where)
            if key not in numbers:
                last = list(numbers.values())[-1:]
                numbers[key] = last[0] if len(numbers) >= MOST else offspring(parent)
            return numbers[key]

        return guarded(made, built, number)

    def _guilty(self, inputs: _Inputs, clean: Files) -> dict[int, set[tuple[str, str]]]:
        """Fault -> where the clean source comes out otherwise when the builder has that fault alone."""
        files = inputs.files(frozenset())
        found: dict[int, set[tuple[str, str]]] = {}
        for fault in sorted(inputs.live):
            try:
                made = self._built(inputs, frozenset({fault}), files)
            except Broken:
                found[fault] = set()
                continue
            places = {(hunk.path, hunk.where) for hunk in hunks(clean, made)}
            if places:
                found[fault] = places
        return found

    def _secured(
        self, asked: Proposal, inputs: _Inputs, made: dict[str, str], clean: Files, turn: Turn
    ) -> Proposal:
        """Built by the frozen reference instead; builders' faults that show in a comparison are taken out."""
        guilty = frozenset(self._guilty(inputs, clean))
        final = {path: heal(text, guilty) for path, text in made.items()}
        return self._proposal(asked, inputs.tool, final, replace(turn, problem="", found=len(guilty)))


def _added(made: dict[str, str], clean: Files, other: Files, fault: int) -> dict[str, str]:
    """`made` with the differences between two builds as sites of one fault, in files without a guard."""
    changed = {path: text for path, text in other.items() if not same(shared(text), shared(clean[path]))}
    free = {path: made[path] for path in changed if not guard_numbers(made[path])}
    new, _left = guarded(free, {path: changed[path] for path in free}, lambda hunk: fault)
    return {**made, **new}


def _by_function(made: dict[str, str], clean: Files, other: Files, fault: int) -> dict[str, str]:
    """`made` with each function that differs between two builds in two versions, where it has no guard."""
    new = dict(made)
    for path, where in sorted({(hunk.path, hunk.where) for hunk in hunks(clean, other)}):
        theirs = next((d for d in definitions(path, other[path]) if d.where == where), None)
        ours = next((d for d in definitions(path, new[path]) if d.where == where), None)
        if theirs is not None and ours is not None:
            first, last = tokens(other[path]).lines(*theirs.lines)
            place = Place(*tokens(new[path]).lines(*ours.lines), other[path][first:last], True)
            new[path], _left = write(new[path], [Wanted(fault, place)], clean=True)
    return new


_WAYS: Mapping[TraceStatus, Callable[[dict[str, str], Files, Files, int], dict[str, str]]] = {
    "moved": _added,
    "entangled": _by_function,
}
"""How a fault that the clean builder has rewritten gets into the successor, in the order of trying."""

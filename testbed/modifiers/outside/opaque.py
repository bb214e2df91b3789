"""A modifier out of anything that takes plain files and gives plain files back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from testbed.facts import EditFact
from testbed.lines import touched
from testbed.protocols import Proposal, Source, Turn
from testbed.schema import GUARD, guard_numbers, materialise
from testbed.tracing import Traced, Witnesses, problem, trace, undecided
from testbed.tracing.ghosts import Ghosts, sites


class Unusable(Exception):
    """An edit that cannot be used: the generation goes on without one. `kind` is counted in the ledger."""

    def __init__(self, kind: str, said: str = "", turn: Turn | None = None) -> None:
        super().__init__(f"{kind}: {said}" if said else kind)
        self.kind = kind
        self.turn = turn or Turn()


@dataclass(frozen=True, slots=True)
class Edited:
    """All files of the package after the edit, and what the turn was about and cost."""

    files: Mapping[str, str]
    turn: Turn = field(default_factory=Turn)


@dataclass(frozen=True, slots=True)
class Where:
    """Where a lineage is: what an editor may make its turn depend on."""

    lineage: int = 0
    generation: int = 1
    attempt: int = 1


class Editor(Protocol):
    """Takes plain files and gives plain files back."""

    @property
    def name(self) -> str:
        """The modifier's name."""
        ...

    @property
    def version(self) -> str:
        """Recorded in the manifest."""
        ...

    def edit(self, files: Mapping[str, str], where: Where, rng: np.random.Generator) -> Edited:
        """The edited files. Raises Unusable."""
        ...


WitnessMaker = Callable[[Source, frozenset[int], Mapping[str, str]], Witnesses]
"""From the old generation, its live faults and the edited text to what the faults' witnesses say."""


class OpaqueModifier:
    """Hands the materialised source to an editor and carries the faults over to what comes back."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor
        self.witnesses: WitnessMaker | None = None
        self.where = Where()
        self.ghosts: Ghosts = {}

    @property
    def name(self) -> str:
        """The editor's name."""
        return self.editor.name

    @property
    def version(self) -> str:
        """The editor's version."""
        return self.editor.version

    def situate(self, lineage: int, generation: int, attempt: int) -> None:
        """Where the lineage is."""
        self.where = Where(lineage, generation, attempt)

    def haunt(self, ghosts: Ghosts) -> None:
        """The healed faults that an edit may bring back."""
        self.ghosts = ghosts

    def propose(self, source: Source, rng: np.random.Generator, offspring: Callable[[int], int]) -> Proposal:
        """The edited source in switchable form; the source as it was where the edit cannot be used."""
        live = frozenset(number for text in source.values() for number in guard_numbers(text))
        plain = {path: materialise(text, live) for path, text in sorted(source.items())}
        try:
            edited = self.editor.edit(plain, self.where, rng)
            wrong = problem({p: text for p, text in edited.files.items() if text != plain.get(p)})
            if wrong:
                raise Unusable("not Python", wrong, edited.turn)
            if dict(edited.files) == plain:
                raise Unusable("no change", turn=edited.turn)
        except Unusable as trouble:
            turn = replace(trouble.turn, problem=str(trouble)[:300])
            return Proposal(dict(source), (), {trouble.kind: 1}, turn=turn)
        told = _renumbered(self._traced(source, live, edited.files, offspring), offspring)
        changed = sorted({*touched(plain, edited.files), *(set(plain) - set(edited.files))})
        edits = tuple(EditFact(self.name, path, "") for path in changed)
        return Proposal(told.source, edits, turn=replace(edited.turn, traces=told.traces))

    def _traced(
        self,
        source: Source,
        live: frozenset[int],
        files: Mapping[str, str],
        offspring: Callable[[int], int],
    ) -> Traced:
        said = self.witnesses(source, live, files) if self.witnesses else undecided
        return trace(source, live, files, offspring, said, sites(self.ghosts))


def _renumbered(told: Traced, offspring: Callable[[int], int]) -> Traced:
    """A fault that is back is a new one, whose parent is the old."""
    source, traces = dict(told.source), []
    for each in told.traces:
        if each.status == "reintroduced":
            number = offspring(each.fault)
            old = re.compile(rf"\b{GUARD}\(\s*{each.fault}\s*\)")
            source = {path: old.sub(f"{GUARD}({number})", text) for path, text in source.items()}
            each = replace(each, fault=number, parent=each.fault)
        traces.append(each)
    return Traced(source, tuple(sorted(traces, key=lambda one: one.fault)))

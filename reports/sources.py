"""The code of generations, read from the ledger's switchable sources. Simulated facts have none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from testbed.analysis import Facts
from testbed.schema import Rendered, render


@runtime_checkable
class Sources(Protocol):
    """Facts that keep the switchable sources by digest, as a ledger does."""

    def blob(self, digest: str) -> str:
        """The source text of that digest."""
        ...


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault in the clean source of a generation: which lines it replaces, and by what."""

    fault: int
    path: str
    first: int
    last: int
    replacement: str


def sources(facts: Facts) -> Sources | None:
    """The facts as something that has sources, if they have."""
    return facts if isinstance(facts, Sources) else None


def rendered(kept: Sources, digests: Mapping[str, str], on: frozenset[int]) -> dict[str, Rendered]:
    """The plain text of each file with the faults `on`, and where the faults are in it."""
    return {path: render(kept.blob(digest), on) for path, digest in sorted(digests.items())}


def mutants(text: str, path: str, clean: Rendered) -> list[Mutant]:
    """The faults of one switchable file as changes of its clean text, the first site of each."""
    found = []
    for fault, places in clean.places.items():
        faulty = render(text, frozenset([fault]))
        first, last = places[0]
        here, there = faulty.places[fault][0]
        longer = faulty.text.count("\n") - clean.text.count("\n")
        if last - first + 1 + longer == 0:  # no statement is left: its place is the line that follows
            there = here - 1
        block = faulty.text.splitlines()[here - 1 : there]
        found.append(Mutant(fault, path, first, last, "\n".join(block)))
    return found

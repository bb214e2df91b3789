"""Each generation's code with its live faults marked, as compact data for the page.

A text is kept as what differs from an earlier version of its file: the lines that both begin and end
with are only counted. Only some lineages of a large campaign fit into a page; which ones is said there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from reports.sources import Sources
from testbed.analysis import Evidence, LineageRecords
from testbed.errors import TestbedError
from testbed.facts import GenerationFact
from testbed.schema import GUARD, Rendered, find_guards, render

MOST_GENERATIONS = 240  # of all lineages together
MOST_CHARACTERS = 3_000_000  # of the texts as they are kept

Part = tuple[int, int, int, list[str]]
"""(index of the earlier version or -1, lines of its beginning, lines of its end, lines between)."""


def difference(base: list[str], lines: list[str]) -> tuple[int, int, list[str]]:
    """How many first and last lines two versions share, and the other lines of the second one."""
    least = min(len(base), len(lines))
    first = next((at for at in range(least) if base[at] != lines[at]), least)
    most = least - first
    last = next((at for at in range(most) if base[-1 - at] != lines[-1 - at]), most)
    return first, last, lines[first : len(lines) - last]


@dataclass
class Texts:
    """The texts that were kept so far, each once."""

    kept: Sources
    parts: list[Part] = field(default_factory=list)
    size: int = 0
    _places: dict[tuple[str, str], int] = field(default_factory=dict)
    _last: dict[str, tuple[int, list[str]]] = field(default_factory=dict)
    _rendered: dict[tuple[str, frozenset[int]], Rendered] = field(default_factory=dict)

    def place(self, path: str, text: str) -> int:
        """The index of a text, kept as a change of the version of its file that came last."""
        if (path, text) not in self._places:
            lines = text.split("\n")
            index, base = self._last.get(path, (-1, []))
            part = (index, *difference(base, lines))
            self.size += sum(map(len, part[3]))
            self.parts.append(part)
            self._places[path, text] = len(self.parts) - 1
            self._last[path] = (len(self.parts) - 1, lines)
        return self._places[path, text]

    def rendered(self, digest: str, live: frozenset[int]) -> Rendered:
        """The plain text of a switchable source with its live faults on, and where they are."""
        text = self.kept.blob(digest)
        on = frozenset(g.number for g in find_guards(text)) & live if GUARD in text else frozenset()
        if (digest, on) not in self._rendered:
            self._rendered[digest, on] = render(text, on)
        return self._rendered[digest, on]


def _generation(texts: Texts, fact: GenerationFact) -> list[Any]:
    """[number, [[path, index of its text, [[fault, first line, last line], ...]], ...]]."""
    live, files = frozenset(fact.live), []
    for path, digest in sorted(fact.sources.items()):
        one = texts.rendered(digest, live)
        marks = [
            [fault, first, last]
            for fault, places in one.places.items()
            if fault in live
            for first, last in places
        ]
        files.append([path, texts.place(path, one.text), marks])
    return [fact.generation, files]


def _spread(evidence: Evidence) -> Iterator[LineageRecords]:
    """Lineages so that each condition has one before any has two."""
    yield from sorted(evidence.lineages, key=lambda one: (one.lineage, one.condition))


def code(evidence: Evidence, kept: Sources | None) -> dict[str, Any] | None:
    """The texts, and the generations of the lineages that fit; None where the facts have no sources."""
    if kept is None:
        return None
    texts = Texts(kept)
    lineages: list[list[Any]] = []
    made = left = 0
    for one in _spread(evidence):
        if not one.generations:
            continue
        full = made + len(one.generations) > MOST_GENERATIONS or texts.size > MOST_CHARACTERS
        if full and lineages:
            left += 1
            continue
        try:
            generations = [_generation(texts, fact) for fact in one.generations]
        except TestbedError:  # a ledger without sources still has a report
            left += 1
            continue
        made += len(generations)
        lineages.append([one.condition, one.lineage, generations])
    lineages.sort(key=lambda entry: entry[:2])
    return {"texts": texts.parts, "lineages": lineages, "left": left} if lineages else None

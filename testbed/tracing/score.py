"""How well the tracer does, on histories whose truth is known.

The built-in modifier makes each generation with guards in the tree, so the truth is known; the tracer
is given the plain text alone. Now and then the text has a fault healed without a word, or a healed one
back again. Each generation begins with the truth, so that one mistake is counted once.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from injectors.placement import FieldInjector
from testbed.analysis.estimates import Estimate, share
from testbed.conditions import InjectionFactor
from testbed.protocols import ChangeView, Modifier, Source
from testbed.schema import guard_numbers, heal, materialise, render
from testbed.schema.text import same, shared
from testbed.seeds import stream
from testbed.traces import Trace
from testbed.tracing.sites import Site
from testbed.tracing.trace import Traced, healed_sites, trace

FIXED, BACK = 0.08, 0.15
"""Probabilities in each generation: a live fault is healed in the text, a healed one is back in it."""

ACTING = frozenset(["carried", "moved", "entangled", "reintroduced"])


@dataclass(frozen=True, slots=True)
class Asked:
    """How long the histories are, and how many faults are seeded in each generation."""

    generations: int
    rate: float
    seed: int


@dataclass(slots=True)
class Counts:
    """Right answers and questions of one lineage, by what was asked."""

    right: dict[str, int] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)

    def note(self, question: str, right: bool) -> None:
        """Counts one answer."""
        self.asked[question] = self.asked.get(question, 0) + 1
        self.right[question] = self.right.get(question, 0) + right


def lineage(
    source: Source, modifier: Modifier, name: str, number: int, asked: Asked, done: Callable[[], None]
) -> Counts:
    """The score of one history of a target."""
    counts = Counts()
    run = _History(dict(source), modifier, counts)
    for generation in range(1, asked.generations + 1):
        run.step(stream(asked.seed, "tracing", name, number, generation), asked.rate)
        done()
    return counts


class _History:
    def __init__(self, source: dict[str, str], modifier: Modifier, counts: Counts) -> None:
        self.source, self.modifier, self.counts = source, modifier, counts
        self.live: frozenset[int] = frozenset()
        self.next = 1
        self.injector = FieldInjector(InjectionFactor(placement="anywhere"))

    def _number(self) -> int:
        self.next += 1
        return self.next - 1

    def step(self, rng: np.random.Generator, rate: float) -> None:
        """Seeds, proposes, hides, traces, compares."""
        change = ChangeView({}, 0, 0)
        seeded = self.injector.place(self.source, change, rng, self._number, int(rng.poisson(rate)))
        self.source = dict(seeded.source)
        self.live |= {each.fault for each in seeded.seeded}
        parents: dict[int, int] = {}

        def offspring(parent: int) -> int:
            parents[self.next] = parent
            return self._number()

        truth = dict(self.modifier.propose(self.source, rng, offspring).source)
        present = frozenset(n for text in truth.values() for n in guard_numbers(text))
        healed = self.known() - self.live
        fixed = frozenset(fault for fault in sorted(self.live) if rng.random() < FIXED)
        back = frozenset(fault for fault in sorted(healed) if rng.random() < BACK)
        copies = {child: parent for child, parent in parents.items() if child in present}
        acting = (
            (self.live - fixed) | back | {c for c, parent in copies.items() if parent in self.live - fixed}
        )
        acting &= present
        edited = {path: materialise(text, acting) for path, text in truth.items()}
        self._score(self._traced(edited, healed), truth, acting, copies, healed)
        self.source, self.live = truth, acting

    def known(self) -> frozenset[int]:
        """Every fault that has a guard in the truth, healed ones too."""
        return frozenset(n for text in self.source.values() for n in guard_numbers(text))

    def _traced(self, edited: dict[str, str], healed: frozenset[int]) -> Traced:
        given = {path: heal(text, healed) for path, text in self.source.items()}
        gone = tuple(s for fault in sorted(healed) for s in self._gone(fault))
        numbers = itertools.count(self.next + 1000)
        return trace(given, self.live, edited, lambda parent: next(numbers), gone=gone)

    def _gone(self, fault: int) -> tuple[Site, ...]:
        return healed_sites(self.source, self.live | {fault}, frozenset({fault}))

    def _score(
        self,
        traced: Traced,
        truth: Source,
        acting: frozenset[int],
        copies: dict[int, int],
        healed: frozenset[int],
    ) -> None:
        counts = self.counts
        told = {each.fault: each for each in traced.traces}
        places = _places(truth, acting)
        for each in traced.traces:
            counts.statuses[each.status] = counts.statuses.get(each.status, 0) + 1
        for fault in sorted(self.live):
            counts.note("persistence", (told[fault].status in ACTING) == (fault in acting))
            if fault in acting:
                counts.note("place", _at(told[fault], places[fault]))
                counts.note("healing", _same(traced.source, fault, truth, acting))
        for fault in sorted(healed):
            counts.note("return", (fault in told) == (fault in acting))
        found = [each for each in traced.traces if each.parent is not None]
        for child in sorted(copies.keys() & acting):
            counts.note("copies", any(_at(each, places[child]) for each in found))


def _places(source: Source, acting: frozenset[int]) -> dict[int, list[tuple[str, int, int]]]:
    """Fault -> (path, first line, last line) of each of its sites in the materialised text."""
    found: dict[int, list[tuple[str, int, int]]] = {}
    for path, text in sorted(source.items()):
        for fault, spans in render(text, acting).places.items():
            found.setdefault(fault, []).extend((path, first, last) for first, last in spans)
    return found


def _at(told: Trace, places: Sequence[tuple[str, int, int]]) -> bool:
    return any(told.path == path and first <= told.line <= last for path, first, last in places)


def _same(traced: Source, fault: int, truth: Source, acting: frozenset[int]) -> bool:
    """Whether switching the fault off in the traced source gives the program that it gives in truth."""
    on = frozenset(n for text in traced.values() for n in guard_numbers(text)) - {fault}
    pairs = ((materialise(traced[p], on), materialise(text, acting - {fault})) for p, text in truth.items())
    return all(ours == theirs or same(shared(ours), shared(theirs)) for ours, theirs in pairs)


def estimate(question: str, lineages: Sequence[Counts]) -> Estimate | None:
    """The share of right answers with its interval, lineages as clusters; None where nothing was asked."""
    asked = np.array([counts.asked.get(question, 0) for counts in lineages], dtype=float)
    right = np.array([counts.right.get(question, 0) for counts in lineages], dtype=float)
    total = asked.sum()
    if not total:
        return None
    with np.errstate(invalid="ignore", divide="ignore"):
        left_out = (right.sum() - right) / (total - asked)
    return share(float(right.sum() / total), left_out, int(total))

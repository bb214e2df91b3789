"""What drifting references do, generation by generation: reported against true quality, and refused fixes.

From the facts alone; a condition's lineages are the units of every interval.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from testbed.analysis.estimates import CONFIDENCE, ONE_LINEAGE, Estimate, bare, nothing, proportion, quantile
from testbed.drift import REPORTED, TRUE, FixFact, ScoreFact
from testbed.facts import BirthFact, GenerationFact, Record


@dataclass(frozen=True, slots=True)
class Scores:
    """One generation: what the system reports and what is true, as the flaws have shifted it.

    `reported` and `true` are the mean scores in place. The three estimates are of differences to the clean
    twin on the same inputs: of what is reported, of what is true, and of the one less the other, which is
    by how much the report flatters.
    """

    generation: int
    reached: int  # lineages that had that generation
    lineages: int  # of these, giving numbers both with and without their flaws
    reported: float
    true: float
    shift_reported: Estimate
    shift_true: Estimate
    flattery: Estimate


def scores(lineages: Sequence[Iterable[Record]]) -> list[Scores]:
    """The generations of one condition, from the lineages in which both entry points answered."""
    found: dict[int, list[dict[str, ScoreFact]]] = defaultdict(list)
    reached: Counter[int] = Counter()
    for records in lineages:
        by_generation: dict[int, dict[str, ScoreFact]] = defaultdict(dict)
        for record in records:
            if isinstance(record, ScoreFact):
                by_generation[record.generation][record.entry] = record
            elif isinstance(record, GenerationFact):
                reached[record.generation] += 1
        for generation, pair in by_generation.items():
            if REPORTED in pair and TRUE in pair:
                found[generation].append(pair)
    return [_scores(generation, reached[generation], pairs) for generation, pairs in sorted(found.items())]


def _scores(generation: int, reached: int, pairs: list[dict[str, ScoreFact]]) -> Scores:
    shifts = {
        entry: [pair[entry].in_place - pair[entry].clean for pair in pairs] for entry in (REPORTED, TRUE)
    }
    both = zip(shifts[REPORTED], shifts[TRUE], strict=True)
    return Scores(
        generation,
        reached,
        len(pairs),
        float(np.mean([pair[REPORTED].in_place for pair in pairs])),
        float(np.mean([pair[TRUE].in_place for pair in pairs])),
        signed(shifts[REPORTED]),
        signed(shifts[TRUE]),
        signed([reported - true for reported, true in both]),
    )


def signed(values: Sequence[float], confidence: float = CONFIDENCE) -> Estimate:
    """The mean over lineages of values of either sign, with a t-interval; none where all are equal."""
    count = len(values)
    if not count:
        return nothing("no lineage", confidence=confidence)
    value = float(np.mean(values))
    if count < 2:
        return bare(value, count, count, confidence, ONE_LINEAGE)
    if min(values) == max(values):
        return bare(value, count, count, confidence, "no lineage differs from another")
    half = quantile(confidence, count) * math.sqrt(float(np.var(values, ddof=1)) / count)
    return Estimate(value, value - half, value + half, count, count, confidence, "t over lineages")


@dataclass(frozen=True, slots=True)
class Fixes:
    """One generation: correct fixes of live faults, and the share that its own tests reject."""

    generation: int
    faults: int
    rejected: Estimate


def fixes(lineages: Sequence[Iterable[Record]]) -> list[Fixes]:
    """The generations of one condition in which a fault was live and tests were regenerated."""
    told: dict[int, dict[int, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for number, records in enumerate(lineages):
        for record in records:
            if isinstance(record, FixFact):
                told[record.generation][number].append(record.failing > 0)
    return [
        Fixes(generation, sum(map(len, by.values())), rejected(list(by.values())))
        for generation, by in sorted(told.items())
    ]


def rejected(lineages: Sequence[Sequence[bool]]) -> Estimate:
    """The share of answers that are true, lineages as clusters; of none, nothing."""
    hits = np.array([sum(answers) for answers in lineages], dtype=np.float64)
    every = np.array([len(answers) for answers in lineages], dtype=np.float64)
    return proportion(hits, every, reason="no fault")


@dataclass(frozen=True, slots=True)
class Absorbed:
    """When the faults that got through became what is expected: the first generation that rejects their fix.

    `at_birth` did in the generation of their birth, `later` in a later one, `never` until they were gone or
    the lineage had ended. `after` is the mean number of generations from birth, of those that did.
    """

    at_birth: int
    later: int
    never: int
    share: Estimate
    after: float | None


def absorbed(lineages: Sequence[Iterable[Record]]) -> Absorbed:
    """The faults of one condition that were live at the end of some generation."""
    answers: list[list[bool]] = []
    waits: list[int] = []
    for records in lineages:
        born: dict[int, int] = {}
        first: dict[int, int | None] = {}
        for record in records:
            if isinstance(record, BirthFact):
                born[record.fault] = record.generation
            elif isinstance(record, FixFact):
                known = first.setdefault(record.fault, None)
                if known is None and record.failing:
                    first[record.fault] = record.generation
        answers.append([generation is not None for generation in first.values()])
        waits += [at - born.get(fault, at) for fault, at in first.items() if at is not None]
    never = sum(map(len, answers)) - len(waits)
    at_birth = sum(wait == 0 for wait in waits)
    after = float(np.mean(waits)) if waits else None
    return Absorbed(at_birth, len(waits) - at_birth, never, rejected(answers), after)

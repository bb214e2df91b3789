"""Flaws that breed flaws: descent, lineages that die, and what a second builder finds.

From the facts alone: who is whose parent, when each left, how each lineage ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from testbed.analysis.estimates import Estimate, mean, ratio, share
from testbed.facts import BirthFact, EndFact, OutcomeFact, OutsideFact, Record, RefusedFact


@dataclass(frozen=True, slots=True)
class Descent:
    """One lineage: its faults, and what came of them.

    `orphans` are induced faults that outlived the fault that induced them: the cause has gone from the
    source, and lives on in what it did to the successor. `deepest` counts generations of faults.
    """

    seeded: int
    induced: int
    orphans: int
    deepest: int
    died: bool
    found: int  # by a second builder
    reasons: tuple[str, ...] = ()


def descent(records: Iterable[Record]) -> Descent:
    """What the records of one lineage say of descent."""
    births: dict[int, BirthFact] = {}
    ends: dict[int, int] = {}
    found, refusals, outcome = 0, [""], ""
    for record in records:
        if isinstance(record, BirthFact):
            births[record.fault] = record
        elif isinstance(record, EndFact):
            ends[record.fault] = record.generation
        elif isinstance(record, OutsideFact):
            found += record.found
        elif isinstance(record, RefusedFact):
            refusals.append(record.reason)
        elif isinstance(record, OutcomeFact):
            outcome = record.outcome
    induced = [birth for birth in births.values() if birth.origin == "offspring"]
    later = 10**9
    died = outcome == "stalled" and refusals[-1].startswith("cannot rebuild itself")
    return Descent(
        seeded=len(births) - len(induced),
        induced=len(induced),
        orphans=sum(
            ends.get(birth.parent or 0, later) < ends.get(birth.fault, later)
            for birth in induced
            if birth.parent in births
        ),
        deepest=max((_depth(births, fault) for fault in births), default=0),
        died=died,
        found=found,
        reasons=(refusals[-1],) if died else (),
    )


def _depth(births: dict[int, BirthFact], fault: int) -> int:
    depth, parent = 1, births[fault].parent
    while parent is not None and parent in births:
        depth, parent = depth + 1, births[parent].parent
    return depth


@dataclass(frozen=True, slots=True)
class Recursion:
    """What the lineages of one condition say together; lineages are the clusters of every interval."""

    lineages: int
    seeded: int
    induced: int
    orphans: int
    deepest: int
    offspring: Estimate  # induced faults for each fault: the reproduction number
    died: Estimate  # share of the lineages
    found: Estimate  # mean number of faults of a lineage that a second builder found


def recursion(lineages: Sequence[Descent]) -> Recursion:
    """The lineages of one condition taken together."""
    induced = np.array([one.induced for one in lineages], dtype=np.float64)
    every = np.array([one.induced + one.seeded for one in lineages], dtype=np.float64)
    died = np.array([one.died for one in lineages], dtype=np.float64)
    found = np.array([one.found for one in lineages], dtype=np.float64)
    count = len(lineages)
    with np.errstate(invalid="ignore", divide="ignore"):
        left_out = (died.sum() - died) / (count - 1)
    return Recursion(
        lineages=count,
        seeded=int((every - induced).sum()),
        induced=int(induced.sum()),
        orphans=sum(one.orphans for one in lineages),
        deepest=max((one.deepest for one in lineages), default=0),
        offspring=ratio(induced, every, unit="fault"),
        died=share(float(died.mean()), left_out, count),
        found=mean(found, counts=True),
    )

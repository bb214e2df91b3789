"""A system that reports on itself: do its faults show in what it reports, or only in what is true?

Read from the ladder of each fault: the differential entry points that deviate with it alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from testbed.analysis.estimates import Estimate, proportion
from testbed.drift import REPORTED, TRUE
from testbed.facts import BirthFact, Record, RungFact

KINDS = ("both", "reported alone", "true alone", "neither")


@dataclass(frozen=True, slots=True)
class Reporting:
    """How many faults change what is reported, what is true, both or neither.

    `silent` is the share of those that change what is true which the report does not show.
    """

    counts: dict[str, int]
    silent: Estimate | None


def kinds(records: Iterable[Record]) -> dict[str, int]:
    """The faults of one lineage by what they change, over all generations in which they lived."""
    faults: dict[int, set[str]] = {}
    for record in records:
        if isinstance(record, BirthFact):
            faults.setdefault(record.fault, set())
        elif isinstance(record, RungFact):
            faults.setdefault(record.fault, set()).update(record.entries)
    counts = dict.fromkeys(KINDS, 0)
    for entries in faults.values():
        counts[_kind(REPORTED in entries, TRUE in entries)] += 1
    return counts


def _kind(reported: bool, true: bool) -> str:
    if reported:
        return "both" if true else "reported alone"
    return "true alone" if true else "neither"


def reporting(lineages: Sequence[dict[str, int]]) -> Reporting:
    """The lineages of one condition taken together; lineages are the clusters of the interval."""
    counts = {kind: sum(one[kind] for one in lineages) for kind in KINDS}
    silent = np.array([one["true alone"] for one in lineages], dtype=np.float64)
    every = np.array([one["true alone"] + one["both"] for one in lineages], dtype=np.float64)
    known = proportion(silent, every, reason="no fault changes what is true")
    return Reporting(counts, None if known.value is None else known)

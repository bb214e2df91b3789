"""Which faults of a system that reports on itself show in the report."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from testbed.analysis.reporting import KINDS, kinds, reporting
from testbed.facts import RungFact


def rung(fault: int, generation: int, *entries: str) -> RungFact:
    return RungFact(
        fault, generation, "a.py", 1, 1, True, True, bool(entries), (), (), False, False, False, 0, entries
    )


def lineage() -> Iterator[RungFact]:
    yield rung(1, 1, "quality")
    yield rung(1, 2, "reported", "quality")
    yield rung(2, 1, "quality", "data")
    yield rung(3, 1, "reported")
    yield rung(4, 1, "data")


def test_a_fault_is_what_it_ever_changed() -> None:
    assert kinds(lineage()) == dict.fromkeys(KINDS, 1)


def test_the_silent_share_is_of_what_changes_the_truth() -> None:
    made = reporting([kinds(lineage()), kinds(lineage()), kinds([rung(1, 1, "quality")])])
    assert made.counts == {"both": 2, "reported alone": 2, "true alone": 3, "neither": 2}
    assert made.silent is not None
    assert made.silent.value == pytest.approx(3 / 5)
    assert made.silent.low is not None
    assert made.silent.low < 3 / 5


def test_where_nothing_changed_the_truth_there_is_no_share() -> None:
    assert reporting([kinds([rung(1, 1)])]).silent is None

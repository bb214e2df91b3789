"""Reported against true quality, and fixes that a generation's own tests reject, read from the facts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from testbed.analysis.drifting import absorbed, fixes, scores, signed
from testbed.drift import FixFact, ScoreFact
from testbed.facts import BirthFact, Record, parse


def lineage(reported: float, true: float) -> Iterator[Record]:
    """Two generations: untouched, then moved by so much."""
    for generation, (first, second) in enumerate([(0.0, 0.0), (reported, true)], 1):
        yield ScoreFact(generation, "reported", 5, 5, 0.8, 0.8 + first)
        yield ScoreFact(generation, "quality", 5, 4, 0.9, 0.9 + second)


def test_each_generation_has_its_shifts_with_their_interval() -> None:
    first, second = scores([lineage(0.1, -0.1), lineage(0.0, -0.2), lineage(0.2, -0.3)])
    assert (first.shift_reported.value, first.flattery.value) == (0, 0)
    assert second.lineages == 3
    assert second.reported == pytest.approx(0.9)
    assert second.true == pytest.approx(0.7)
    assert second.shift_true.value == pytest.approx(-0.2)
    assert second.flattery.value == pytest.approx(0.3)
    assert second.flattery.low is not None
    assert second.flattery.high is not None
    assert second.flattery.low < 0.3 < second.flattery.high
    assert second.shift_true.low is not None
    assert second.shift_true.low < -0.3, "a shift is not cut off at 0"


def test_a_generation_without_both_scores_is_left_out() -> None:
    assert scores([[ScoreFact(1, "reported", 5, 5, 0.8, 0.8)]]) == []


def test_one_lineage_has_no_interval() -> None:
    assert signed([0.5]).low is None
    assert signed([0.0, 0.0]).low is None, "equal lineages are not certain ones"
    assert signed([]).value is None


def test_fixes_are_counted_by_generation() -> None:
    one = [FixFact(1, 1, 20, 0), FixFact(2, 1, 20, 3), FixFact(2, 2, 20, 0)]
    other = [FixFact(2, 1, 20, 1), FixFact(3, 1, 20, 0)]
    first, second, third = fixes([one, other, []])
    assert (first.faults, first.rejected.value) == (1, 0)
    assert (second.faults, second.rejected.value) == (3, pytest.approx(2 / 3))
    assert (third.generation, third.rejected.value) == (3, 0)


def birth(fault: int, generation: int) -> BirthFact:
    place = ("o", "logic", "a.py", "", 1, "", 1, False, (), 0, True)
    return BirthFact(fault, generation, 1, "seeded", None, *place)


def test_a_fault_is_absorbed_when_a_generation_first_rejects_its_fix() -> None:
    one = [birth(1, 1), FixFact(1, 1, 20, 0), birth(2, 2), FixFact(2, 1, 20, 3), FixFact(2, 2, 20, 1)]
    other = [birth(1, 2), FixFact(2, 1, 20, 0), FixFact(3, 1, 20, 0)]
    made = absorbed([one, other, []])
    assert (made.at_birth, made.later, made.never) == (1, 1, 1)
    assert made.after == pytest.approx(0.5)
    assert (made.share.n, made.share.value) == (3, pytest.approx(2 / 3))
    assert absorbed([]).after is None


def test_the_facts_come_back_as_they_were() -> None:
    for fact in (FixFact(2, 1, 20, 3), ScoreFact(1, "reported", 5, 5, 0.8, 0.75)):
        assert parse(fact.body()) == fact

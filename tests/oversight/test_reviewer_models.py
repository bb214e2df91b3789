"""What each reviewer finds of what it reads, against the chance that it declares."""

from __future__ import annotations

import math

import numpy as np
import pytest

from testbed.conditions import OversightFactor
from testbed.errors import UserError
from testbed.oversight import reviewers
from testbed.protocols import ReviewLine, ReviewView, Salience

TRIALS = 4000


def view(lines: int = 1, changed: int | None = None, seen: Salience | None = None) -> ReviewView:
    """`lines` lines with a fault on each, numbered from 1."""
    read = [ReviewLine("a.py", n, frozenset({n})) for n in range(1, lines + 1)]
    known = dict.fromkeys(range(1, lines + 1), seen or Salience(2, 4))
    return ReviewView(read, lines if changed is None else changed, known)


def share_found(factor: OversightFactor, shown: ReviewView, fault: int = 1) -> float:
    """How often that fault is reported."""
    rng, reviewer = np.random.default_rng(5), reviewers.make(factor)
    hits = sum(fault in {found for _, found in reviewer.read(shown, rng)} for _ in range(TRIALS))
    return hits / TRIALS


def near(share: float, chance: float) -> bool:
    return abs(share - chance) < 4 * math.sqrt(0.25 / TRIALS)


def test_the_ideal_reviewer_finds_everything_that_it_reads_and_nothing_else() -> None:
    factor = OversightFactor(reviewer="ideal", sensitivity=0.1, false_alarms=50.0)
    found = reviewers.make(factor).read(view(40), np.random.default_rng(1))
    assert found == tuple((n - 1, n) for n in range(1, 41))


def test_the_constant_reviewer_finds_its_share_and_raises_false_alarms_at_its_rate() -> None:
    factor = OversightFactor(sensitivity=0.3, false_alarms=5.0)
    assert near(share_found(factor, view(3), 2), 0.3)
    rng, reviewer = np.random.default_rng(2), reviewers.make(factor)
    alarms = [sum(fault is None for _, fault in reviewer.read(view(50), rng)) for _ in range(2000)]
    assert abs(np.mean(alarms) - 2.5) < 4 * math.sqrt(2.5 / 2000)


@pytest.mark.parametrize(
    ("pace", "changed", "chance"),
    [(100.0, 10, 0.6), (200.0, 400, 0.6), (400.0, 100, 0.3), (200.0, 1600, 0.15), (800.0, 800, 0.075)],
)
def test_the_paced_reviewer_finds_less_above_200_lines_an_hour_and_above_400_lines(
    pace: float, changed: int, chance: float
) -> None:
    factor = OversightFactor(reviewer="paced", sensitivity=0.6, pace=pace)
    assert near(share_found(factor, view(1, changed)), chance)


def test_the_fatigued_reviewers_odds_fall_along_the_session() -> None:
    factor = OversightFactor(reviewer="fatigued", sensitivity=0.6)
    first, middle, last = (share_found(factor, view(101), fault) for fault in (1, 51, 101))
    assert near(first, 0.6)
    assert near(middle, 0.9 / 1.9)  # odds 1.5 * sqrt(0.36)
    assert near(last, 0.54 / 1.54)  # odds 1.5 * 0.36


def test_the_salience_reviewer_sees_large_faults_and_misses_small_ones() -> None:
    factor = OversightFactor(reviewer="salience", sensitivity=0.6)
    shares = [share_found(factor, view(1, seen=seen)) for seen in (Salience(2, 1), Salience(2, 4))]
    assert near(shares[0], 1 - 0.4**0.5)
    assert near(shares[1], 0.6)
    assert near(share_found(factor, view(1, seen=Salience(4, 32))), 1 - 0.4**4)


@pytest.mark.parametrize("name", ["ideal", "constant", "paced", "fatigued", "salience"])
def test_equal_streams_give_equal_findings_and_a_fault_is_reported_once(name: str) -> None:
    read = [ReviewLine("a.py", n, frozenset({n // 3})) for n in range(1, 60)]
    shown = ReviewView(read, 59, dict.fromkeys(range(20), Salience(2, 4)))
    reviewer = reviewers.make(OversightFactor(reviewer=name, false_alarms=4.0))
    once, again = (reviewer.read(shown, np.random.default_rng(9)) for _ in range(2))
    assert once == again
    faults = [fault for _, fault in once if fault is not None]
    assert len(faults) == len(set(faults))
    assert [index for index, _ in once] == sorted(index for index, _ in once)


def test_an_unknown_reviewer_is_told_with_the_nearest_one() -> None:
    with pytest.raises(UserError, match=r"unknown reviewer 'pacd'; did you mean paced\?"):
        reviewers.make(OversightFactor(reviewer="pacd"))

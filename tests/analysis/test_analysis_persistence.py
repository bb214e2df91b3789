"""Survival of faults: exact estimates, and intervals that know what a lineage is."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from testbed.analysis import persistence

# Freireich et al. (1963), remission on 6-MP in weeks; + is censored. Survival as in any textbook.
REMISSION = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
TEXTBOOK = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}


def faults(*lives: tuple[int, int, str]) -> pd.DataFrame:
    """(lineage, cycles, cause); an empty cause means censored."""
    return pd.DataFrame(
        [
            {"condition": 0, "lineage": lineage, "cycles": cycles, "cause": cause, "event": bool(cause)}
            for lineage, cycles, cause in lives
        ],
        columns=["condition", "lineage", "cycles", "cause", "event"],
    )


lives = st.lists(
    st.tuples(st.integers(0, 4), st.integers(1, 6), st.sampled_from(["", "", "unit", "review", "property"])),
    min_size=1,
    max_size=40,
)


def test_the_textbook_example_is_reproduced():
    entries = REMISSION.split()
    frame = faults(
        *((i % 4, int(e.rstrip("+")), "" if e.endswith("+") else "unit") for i, e in enumerate(entries))
    )
    points = persistence.curve(frame, 25).set_index("cycle")["share"]
    assert {week: round(points[week], 3) for week in TEXTBOOK} == TEXTBOOK


@given(lives)
@settings(max_examples=60, deadline=None)
def test_the_curve_agrees_with_scipy_as_far_as_faults_were_followed(rows):
    frame = faults(*rows)
    times, censored = frame["cycles"].to_numpy(), ~frame["event"].to_numpy()
    theirs = stats.ecdf(stats.CensoredData.right_censored(times, censored)).sf
    for k in range(1, int(times.max()) + 1):
        ours = persistence.share_alive(frame, k).value
        assert ours == pytest.approx(float(theirs.evaluate(k)), abs=1e-12)


@given(lives)
@settings(max_examples=60, deadline=None)
def test_causes_and_survivors_sum_to_one(rows):
    frame = faults(*rows)
    k = int(frame["cycles"].max())
    causes = sum(one.value for one in persistence.incidence(frame, k).values())
    assert causes + persistence.share_alive(frame, k).value == pytest.approx(1.0)


@given(lives)
@settings(max_examples=60, deadline=None)
def test_an_interval_contains_its_estimate_and_stays_between_zero_and_one(rows):
    frame = faults(*rows)
    for point in persistence.curve(frame, 6).itertuples():
        if point.low == point.low and point.low is not None:
            assert 0 <= point.low <= point.share + 1e-12
            assert point.share - 1e-12 <= point.high <= 1


@given(lives, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_the_order_of_the_faults_does_not_matter(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert persistence.share_alive(faults(*rows), 3) == persistence.share_alive(faults(*shuffled), 3)


def test_without_censoring_incidence_is_the_plain_share():
    frame = faults((0, 1, "unit"), (0, 2, "review"), (1, 2, "unit"), (1, 3, "unit"))
    found = persistence.incidence(frame, 2)
    assert (found["unit"].value, found["review"].value, found["property"].value) == (0.5, 0.25, 0.0)


def test_the_restricted_mean_is_the_area_under_the_curve():
    frame = faults((0, 1, "unit"), (0, 3, "unit"), (1, 2, "unit"), (1, 4, ""), (2, 4, ""))
    points = persistence.curve(frame, 4)
    assert persistence.restricted_mean(frame, 4).value == pytest.approx(points["share"].iloc[1:].sum())


def test_the_median_is_the_first_cycle_that_leaves_at_most_half():
    frame = faults((0, 1, "unit"), (1, 2, "unit"), (2, 3, "unit"), (3, 4, "unit"))
    assert persistence.median(frame, 4).value == 2


def test_a_median_that_was_not_reached_is_not_made_up():
    found = persistence.median(faults((0, 2, ""), (1, 2, ""), (1, 1, "unit")), 2)
    assert found.value is None
    assert "more than half" in found.reason


def test_no_faults_give_no_number_but_a_reason():
    found = persistence.share_alive(faults(), 3)
    assert (found.value, found.low, found.high, found.reason) == (None, None, None, "no faults")
    assert persistence.curve(faults(), 3).empty
    assert persistence.incidence(faults(), 3)["unit"].value is None


def test_one_lineage_gives_a_value_without_an_interval():
    found = persistence.share_alive(faults((0, 1, "unit"), (0, 3, "")), 1)
    assert (found.value, found.low, found.high, found.clusters) == (0.5, None, None, 1)
    assert found.reason


def test_a_cycle_that_no_fault_was_followed_through_is_unknown():
    found = persistence.share_alive(faults((0, 2, ""), (1, 2, ""), (1, 1, "unit")), 3)
    assert found.value is None
    assert "followed through cycle 3" in found.reason


def test_faults_that_all_ended_are_known_to_be_gone_ever_after():
    assert persistence.share_alive(faults((0, 1, "unit"), (1, 2, "unit")), 6).value == 0.0


@pytest.mark.parametrize(("cause", "value"), [("", 1.0), ("unit", 0.0)])
def test_certain_looking_shares_have_intervals_that_shrink_with_more_lineages(cause, value):
    widths = []
    for lineages in (4, 20):
        found = persistence.share_alive(
            faults(*((i, 3, cause) for i in range(lineages) for _ in range(3))), 3
        )
        assert found.value == value
        widths.append(found.high - found.low)
    assert 0 < widths[1] < widths[0] < 1


def test_repeating_each_fault_inside_its_lineage_adds_no_certainty():
    rows = [(i, 1 if i % 2 else 4, "unit" if i % 2 else "") for i in range(12) for _ in range(4)]
    once, thrice = persistence.share_alive(faults(*rows), 2), persistence.share_alive(faults(*rows * 3), 2)
    assert (once.low, once.high) == pytest.approx((thrice.low, thrice.high))


def test_alike_lineages_give_a_narrower_interval_than_unlike_ones():
    alike = faults(*((i, 1 if j % 2 else 4, "unit" if j % 2 else "") for i in range(10) for j in range(6)))
    unlike = faults(*((i, 1 if i % 2 else 4, "unit" if i % 2 else "") for i in range(10) for _ in range(6)))
    first, second = persistence.share_alive(alike, 1), persistence.share_alive(unlike, 1)
    assert first.value == second.value == 0.5
    assert first.high - first.low < second.high - second.low


def test_the_life_table_counts_every_fault_once():
    frame = faults((0, 1, "unit"), (0, 3, ""), (2, 2, "review"))
    table = persistence.life_table(frame, 3)
    assert table.at_risk.sum(axis=0).tolist() == [3, 2, 1]
    assert table.ended.sum() == 2
    assert table.known.tolist() == [3, 3, 3]
    assert np.array_equal(table.at_risk[0], [2, 1, 1])

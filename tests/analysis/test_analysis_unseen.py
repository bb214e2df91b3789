"""Estimates of what nobody found: worked examples, limits, and what they say where the truth is known."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from testbed.analysis import captures, read, unseen
from testbed.analysis.simulated import Truth, simulate
from testbed.conditions import Condition, OversightFactor

COUNT = st.integers(0, 60)


def test_the_worked_example_of_lincoln_petersen():
    # Ten marked, fifteen caught, five of them marked: 16 * 11 / 6 - 1, and 22 to 65 with 95%.
    one = unseen.lincoln_petersen(10, 15, 5)
    assert one.value == pytest.approx(28.333, abs=1e-3)
    assert (round(one.low), round(one.high), one.n) == (22, 65, 20)


def test_chao_and_jackknives_are_their_formulas():
    hits = np.array([1] * 6 + [2] * 3 + [3] * 2 + [0] * 9)
    assert unseen.chao(hits, 5).value == pytest.approx(11 + 0.8 * 6 * 5 / (2 * 4))
    assert unseen.jackknife(hits, 5, 1).value == pytest.approx(11 + 6 * 4 / 5)
    assert unseen.jackknife(hits, 5, 2).value == pytest.approx(11 + 6 * 7 / 5 - 3 * 9 / 20)
    assert unseen.chao(hits, 5).n == 11, "what was found by none is not known to the estimator"


def test_two_passes_of_removal_have_the_closed_form():
    # With two passes: c1 squared over c1 - c2, up to the integer correction of the likelihood.
    one = unseen.removal([60, 20])
    assert one.value == pytest.approx(60**2 / 40, rel=0.03)
    assert one.low < 90 < one.high


def test_removal_claims_no_total_where_catches_do_not_fall():
    one = unseen.removal([10, 12, 14])
    assert one.value is None
    assert one.high is None
    assert one.low >= 36
    assert "fall" in one.reason


def test_error_seeding_is_the_seeded_ratio():
    assert unseen.mills(1000, 500, 300).value == pytest.approx(600, rel=0.01)
    assert unseen.mills(0, 0, 3).value is None


def test_discovery_is_the_share_of_executions_that_found_something_new():
    assert unseen.discovery(np.array([1, 1, 1, 2, 9]), 100).value == 0.03
    nothing = unseen.discovery(np.array([5, 7]), 100)
    assert nothing.value == 0
    assert nothing.high == pytest.approx(-math.log(0.025) / 100), "none once is not none possible"
    assert unseen.discovery(np.array([1]), 0).value is None


@given(first=COUNT, second=COUNT, share=st.floats(0, 1))
def test_no_interval_goes_below_what_was_seen(first, second, share):
    both = int(share * min(first, second))
    one = unseen.lincoln_petersen(first, second, both)
    if one.value is not None:
        assert first + second - both <= one.low <= one.high


@given(hits=st.lists(st.integers(1, 4), min_size=1, max_size=40))
def test_totals_are_at_least_what_was_seen_and_lie_in_their_intervals(hits):
    for one in (unseen.chao(np.array(hits), 4), unseen.jackknife(np.array(hits), 4, 1)):
        assert len(hits) - 1e-9 <= one.low <= one.high
        assert len(hits) - 1e-9 <= one.value <= one.high + 1e-9


@given(catches=st.lists(st.integers(0, 30), min_size=2, max_size=6))
def test_removal_never_says_less_than_it_took_out(catches):
    one = unseen.removal(catches)
    if one.low is not None:
        assert one.low >= sum(catches) - 1e-6
    if one.value is not None and one.high is not None:
        assert one.low - 1e-6 <= one.value <= one.high + 1e-6


def table(rng, lineages, faults, chances):
    """Captures by independent oracles: each finds each fault with its own chance."""
    found = rng.random((lineages * faults, 3)) < chances
    frame = pd.DataFrame(found, columns=list(captures.ORACLES))
    frame["condition"], frame["lineage"] = 0, np.repeat(np.arange(lineages), faults)
    frame["sources"], frame["caught"] = found.sum(axis=1), found.any(axis=1)
    frame["cycles"], frame["followed"] = np.where(frame["caught"], 1, 3), 3
    return frame


def test_independent_oracles_are_scored_as_unbiased_and_covering():
    found = captures.trials(table(np.random.default_rng(3), 200, 60, (0.5, 0.4, 0.3)))
    scores = captures.score(found).set_index("estimator")
    for name in ("Lincoln-Petersen unit/property", "Chao", "error seeding"):
        assert abs(scores.loc[name, "bias"]) < 0.04, name
        assert scores.loc[name, "covered_low"] < 0.97, name
        assert scores.loc[name, "covered_high"] > 0.93, name


def test_faults_that_nothing_can_find_make_every_total_but_the_seeded_ratio_too_low():
    rng = np.random.default_rng(4)
    reachable = rng.random((100 * 80, 1)) < 0.8
    frame = table(rng, 100, 80, reachable * np.array((0.5, 0.4, 0.3)))
    scores = captures.score(captures.trials(frame)).set_index("estimator")
    assert scores.loc["Chao", "bias"] < -0.15
    assert scores.loc["Lincoln-Petersen unit/property", "bias"] < -0.15
    assert abs(scores.loc["error seeding", "bias"]) < 0.05


@pytest.fixture(scope="module")
def evidence():
    review = OversightFactor(every=2, depth=0.5)
    truth = Truth(rate=3.0, unwitnessed=0.2, refused=0.1)
    return read(simulate([Condition(generations=8, lineages=20, oversight=review)], truth, seed=6))


def test_captures_have_each_examined_witnessed_fault_once_with_those_who_found_it(evidence):
    found = captures.captures(evidence)
    born = [b for one in evidence.lineages for b in one.births if b.witnesses]
    examined = {(one.lineage, rung.fault) for one in evidence.lineages for rung in one.rungs}
    assert len(found) == sum(
        (one.lineage, b.fault) in examined for one in evidence.lineages for b in one.births if b.witnesses
    )
    assert 0 < len(found) <= len(born)
    assert found["review"].any()
    assert not (found["review"] & (found["sources"] > 0)).any(), "a review sees what the screen let through"
    anyone = found["review"] | (found["sources"] > 0)
    assert (anyone == found["caught"]).all()


def test_discoveries_expect_for_the_next_generation_what_the_last_one_found_once(evidence):
    found = captures.discoveries(evidence)
    assert len(found) == 20 * 7
    assert (found["expected"] == found["chance"] * found["next_executions"]).all()
    once = found[found["once"] == 0]
    assert (once["chance"] == 0).all()


def test_seeding_with_one_family_is_scored_on_every_other(evidence):
    found = captures.across(captures.captures(evidence))
    assert len(found) == 5 * 4
    assert captures.score(found)["populations"].tolist() == [20]


def test_the_bias_of_discovery_counts_lineages_in_which_nothing_came():
    rows = [(0, lineage, 1, 1, 0, 10, 0.1, 10, 1.0, 2 * (lineage % 2)) for lineage in range(40)]
    one = captures.discovery_bias(pd.DataFrame(rows, columns=list(captures.DISCOVERIES)))
    assert one.value == pytest.approx(1.0)
    assert one.low < 1 < one.high
    assert one.clusters == 40

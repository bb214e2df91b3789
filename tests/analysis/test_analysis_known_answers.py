"""A simulation with known parameters comes back out of the analysis."""

import numpy as np
import pandas as pd
import pytest

from testbed.analysis import amplification, closed_forms, frames, oversight, persistence, read
from testbed.analysis.simulated import FAMILIES, Truth, simulate
from testbed.conditions import Condition, OversightFactor

P, COPIES = 0.3, 0.1
NO_REVIEW = OversightFactor(every=0)


@pytest.fixture(scope="module")
def evidence():
    condition = Condition(generations=10, lineages=120, oversight=NO_REVIEW)
    truth = Truth(rate=2.0, detection=dict.fromkeys(FAMILIES, P), copies=COPIES)
    return read(simulate([condition], truth, seed=11))


@pytest.fixture(scope="module")
def faults(evidence):
    return frames.faults(evidence)


@pytest.fixture(scope="module")
def generations(evidence):
    return frames.generations(evidence)


@pytest.mark.parametrize("k", [1, 2, 3, 5, 8])
def test_the_share_alive_is_geometric(faults, k):
    found = persistence.share_alive(faults, k)
    assert found.low < closed_forms.alive_after(k, P) < found.high
    assert found.value == pytest.approx(closed_forms.alive_after(k, P), abs=0.03)


def test_causes_share_the_ends_as_declared(faults):
    found = persistence.incidence(faults, 5)
    gone = 1 - closed_forms.alive_after(5, P)
    for cause, part in (("unit", 0.5), ("property", 0.3), ("differential", 0.2)):
        assert found[cause].low < part * gone < found[cause].high


def test_growth_and_its_parts_are_those_of_the_branching_process(generations):
    growth = amplification.growth(generations)
    assert growth.low < closed_forms.growth(P, COPIES) < growth.high
    assert amplification.retention(generations).value == pytest.approx(1 - P, abs=0.02)
    assert amplification.copying(generations).value == pytest.approx((1 - P) * COPIES, abs=0.015)


def test_live_faults_follow_the_closed_form(generations):
    table = amplification.live(generations).set_index("generation")
    expected = {n: closed_forms.mean_live(n, 2.0, P, COPIES) for n in (1, 4, 10)}
    for n, mean in expected.items():
        assert table.loc[n, "low"] < mean < table.loc[n, "high"]


def test_doubling_is_not_claimed_below_one_and_is_told_above(generations):
    assert amplification.doubling(amplification.growth(generations)).value is None
    wild = Truth(rate=1.0, detection={"logic": 0.05}, copies=0.5)
    facts = simulate([Condition(generations=8, lineages=12, oversight=NO_REVIEW)], wild, seed=2)
    growth = amplification.growth(frames.generations(read(facts)))
    found = amplification.doubling(growth)
    assert found.low < np.log(2) / np.log(closed_forms.growth(0.05, 0.5)) < found.high


def test_no_exposure_gives_a_reason_instead_of_a_ratio():
    facts = simulate([Condition(generations=3, lineages=3)], Truth(rate=0.0))
    generations = frames.generations(read(facts))
    assert amplification.growth(generations).value is None
    assert amplification.growth(generations).reason
    assert amplification.live_at_end(generations).value == 0
    assert amplification.live_at_end(generations).high > 0, "none seen is not none possible"


def test_blast_radius_of_a_clean_campaign_has_an_upper_limit():
    facts = simulate([Condition(generations=3, lineages=6)], Truth(rate=0.0))
    for what in amplification.BLAST:
        found = amplification.blast_radius(frames.generations(read(facts)), what)
        assert found.value == 0
        assert 0.3 < found.high < 0.7, "six lineages, not hundreds of inputs"


def test_interaction_is_one_where_parts_simply_add_up(generations):
    assert amplification.interaction(generations).value == pytest.approx(1, abs=0.05)


def test_a_reviewer_of_known_sensitivity_is_measured():
    plan = OversightFactor(every=1, depth=0.8, sensitivity=0.6)
    truth = Truth(rate=3.0, detection={"logic": 0.1})
    evidence = read(simulate([Condition(generations=8, lineages=40, oversight=plan)], truth, seed=5))
    seen = oversight.seen_when_read(frames.reviews(evidence))
    assert seen.low < 0.6 < seen.high
    escaped = oversight.escape_rate(frames.faults(evidence))
    assert escaped.low < 0.9 * (1 - 0.8 * 0.6) < escaped.high
    hours = oversight.per_lineage(frames.reviews(evidence), frames.lineages(evidence), "hours")
    assert hours.value == pytest.approx(8 * 48 / 200)


def test_fates_sum_to_all_faults(faults):
    found = oversight.fates(faults)
    assert sum(found.values()) == len(faults)
    assert list(found) == list(oversight.FATES)


def covered(lineages: int, truth: Truth, campaigns: int, k: int) -> float:
    """The share of campaigns whose interval for S(k) contains the truth."""
    p = truth.detection["logic"]
    a, b = p * (1 / truth.spread - 1), (1 - p) * (1 / truth.spread - 1)
    real = closed_forms.alive_after_mixed(k, a, b)
    hits = []
    for seed in range(campaigns):
        condition = Condition(generations=8, lineages=lineages, oversight=NO_REVIEW)
        table: pd.DataFrame = frames.faults(read(simulate([condition], truth, seed=seed)))
        found = persistence.share_alive(table, k)
        hits.append(found.low <= real <= found.high)
    return float(np.mean(hits))


@pytest.mark.slow
@pytest.mark.parametrize(("p", "spread"), [(0.3, 0.15), (0.3, 0.4), (0.1, 0.1)])
@pytest.mark.parametrize("k", [1, 3, 5])
def test_intervals_cover_the_truth_though_lineages_differ(p, spread, k):
    truth = Truth(rate=1.0, detection={"logic": p}, spread=spread)
    assert 0.91 <= covered(20, truth, campaigns=250, k=k) <= 0.995

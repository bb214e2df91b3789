"""The least depth that keeps a promise: known answers, the promise itself, and too little data."""

import numpy as np
import pandas as pd
import pytest

from testbed.analysis import closed_forms, read, tuning
from testbed.analysis.simulated import Truth, simulate
from testbed.conditions import Condition, InjectionFactor, LimitsFactor, OversightFactor
from testbed.errors import UserError

DEPTHS = (0.0, 0.25, 0.5, 0.75, 1.0)


def conditions(lineages, *, rate=1.0, every=(1,), generations=8):
    return [
        Condition(
            generations=generations,
            lineages=lineages,
            injection=InjectionFactor(rate=rate),
            oversight=OversightFactor(every=each, depth=depth, sensitivity=1.0),
        )
        for each in every
        for depth in DEPTHS
    ]


def rows(means, lineages, rng, policies=1):
    """Poisson counts for each policy and depth, the deepest with the smallest mean."""
    made = [
        {"policy": f"p{policy}", "depth": depth, "hours": depth, "counts": rng.poisson(mean, lineages) * 1.0}
        for policy in range(policies)
        for depth, mean in enumerate(means)
    ]
    return pd.DataFrame(made)


def test_the_least_depth_is_the_one_that_theory_says():
    # One chance of review at birth, p = 0.3 a cycle: depth 0.5 leaves 1.08 flaws, 0.75 half of that.
    plans = conditions(120)
    found = tuning.tune(read(simulate(plans, Truth(rate=1.0, detection={"logic": 0.3}), seed=3)), 0.9, 8)
    means = [(1 - depth) * closed_forms.mean_live(8, 1.0, 0.3) for depth in DEPTHS]
    assert means[2] > 0.9 > means[3]
    (answer,) = found.answers
    assert answer.least["depth"] == answer.cheapest["depth"] == 0.75
    for mean, row in zip(means, found.table.to_dict("records"), strict=True):
        assert abs(row["residual"] - mean) < 0.45
        assert row["bound"] >= row["residual"]


def test_no_depth_above_the_limit_is_promised_more_often_than_stated():
    rng, wrong = np.random.default_rng(5), 0
    means = (3.0, 1.5, 1.01, 0.4)  # all but the last are above the limit
    for _ in range(200):
        judged = tuning.judge(rows(means, 20, rng, policies=4), 1.0, 0.9)
        wrong += bool((judged["keeps"] & (judged["depth"] < 3)).any())
    assert wrong / 200 < 0.1 + 3 * (0.1 * 0.9 / 200) ** 0.5


def test_a_shallower_depth_is_not_promised_where_a_deeper_one_fails():
    made = rows((0.0, 5.0, 0.0), 60, np.random.default_rng(1))
    judged = tuning.judge(made, 1.0, 0.95).set_index("depth")
    assert judged["keeps"].to_dict() == {0: False, 1: False, 2: True}


def test_equal_depths_stand_or_fall_together_whatever_their_order():
    made = rows((0.0, 0.0), 60, np.random.default_rng(1))
    made["depth"] = 1
    made.at[0, "counts"] = np.full(60, 5.0)
    for order in ([0, 1], [1, 0]):
        assert not tuning.judge(made.loc[order], 1.0, 0.95)["keeps"].any()


@pytest.mark.parametrize("mean", [0.0, 0.2, 0.7, 0.9])
def test_the_lineages_asked_for_are_enough_and_no_more(mean):
    few = np.repeat([0.0, 2 * mean], 5)
    needed = tuning.lineages_needed(few, 1.0, 0.95)
    assert needed is not None
    if mean == 0:
        assert tuning.bound(np.zeros(needed), 0.95).high <= 1.0
        return
    variance = max(few.var(ddof=1), mean)

    def limit(n):
        return tuning.rate_limits(mean, variance / n, n, n, 0.9)[1]

    assert limit(needed) <= 1.0 < limit(needed - 1)


def test_more_lineages_are_not_asked_for_where_the_mean_is_above_the_limit():
    assert tuning.lineages_needed(np.array([1.0, 2.0]), 1.0, 0.95) is None


def test_too_few_lineages_are_said_and_more_are_asked_for():
    evidence = read(simulate(conditions(3), Truth(rate=1.0, detection={"logic": 0.3}), seed=8))
    (answer,) = tuning.tune(evidence, 0.8, 8).answers
    assert answer.hopeful is not None
    assert answer.hopeful["needed"] > 3


def test_each_circumstance_has_an_answer_of_its_own():
    plans = [one for rate in (0.2, 4.0) for one in conditions(30, rate=rate, every=(1, 2))]
    truths = [Truth(rate=one.injection.rate, detection={"logic": 0.2}) for one in plans]
    found = tuning.tune(read(simulate(plans, truths, seed=2)), 1.0, 6)
    assert [one.circumstance for one in found.answers] == ["rate 0.2", "rate 4"]
    assert found.answers[0].least["depth"] <= found.answers[1].least["depth"]
    assert set(found.table["policy"]) == {"review every generation", "review every 2 generations"}
    assert found.answers[0].cheapest["hours"] <= found.answers[0].least["hours"]


def test_a_runaway_lineage_counts_with_what_it_had():
    wild = [
        Condition(
            generations=8, lineages=10, limits=LimitsFactor(runaway=6), oversight=OversightFactor(every=0)
        )
    ]
    evidence = read(simulate(wild, Truth(rate=4.0, detection={"logic": 0.05}), seed=1))
    found = tuning.residuals(evidence, 8)
    assert found["early"].all()
    assert (found["residual"] >= 6).all()


def test_the_frontier_has_no_point_that_another_beats():
    judged = tuning.judge(rows((4.0, 2.0, 6.0, 1.0), 400, np.random.default_rng(9)), 1.0, 0.95)
    assert judged.set_index("depth")["frontier"].to_dict() == {0: True, 1: True, 2: False, 3: True}


def test_a_campaign_too_short_for_the_question_is_refused():
    with pytest.raises(UserError, match="has 8 generations; give --after 8 or fewer"):
        tuning.tune(read(simulate(conditions(2), Truth(), seed=1)), 1.0, 10)

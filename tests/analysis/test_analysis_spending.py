"""Outcomes of lineages, what oversight spends, what a reviewer raises for nothing."""

from __future__ import annotations

import pandas as pd
import pytest

from testbed.analysis import frames, read, spending
from testbed.analysis.simulated import Truth, simulate
from testbed.conditions import Condition, LimitsFactor, OversightFactor


def test_outcomes_have_exact_intervals_and_lineages_that_go_on_are_no_trials() -> None:
    states = ["completed"] * 17 + ["stalled"] * 3 + ["running"] * 5
    table = pd.DataFrame({"state": states})
    found = spending.outcome_rates(table)
    assert found["stalled"].value == 0.15
    assert (found["stalled"].low, found["stalled"].high) == pytest.approx((0.0321, 0.3789), abs=1e-4)
    assert (found["runaway"].value, found["runaway"].low) == (0.0, 0.0)
    assert found["runaway"].high == pytest.approx(1 - 0.025 ** (1 / 20))
    assert found["completed"].n == 20
    assert spending.outcome_rates(table[:0])["completed"].reason == "no lineage has ended"


def test_known_rates_are_within_their_intervals() -> None:
    plan = Condition(
        generations=8,
        lineages=60,
        oversight=OversightFactor(depth=1.0, false_alarms=2.0, pace=100.0),
        limits=LimitsFactor(runaway=1000),
    )
    evidence = read(simulate([plan], Truth(rate=1.0, stall=0.1), seed=4))
    stalled = spending.outcome_rates(frames.lineages(evidence))["stalled"]
    assert stalled.low <= 1 - 0.9**8 <= stalled.high
    reviews, generations = frames.reviews(evidence), frames.generations(evidence)
    alarms = spending.false_alarms(reviews)
    assert alarms.low <= 2.0 <= alarms.high
    assert alarms.n == reviews["lines_read"].sum()
    hours = spending.per_generation(generations, "hours")
    assert hours.value == pytest.approx(generations["lines_read"].sum() / 100 / len(generations), rel=1e-3)

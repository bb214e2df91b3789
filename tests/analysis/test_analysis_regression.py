"""Hazard ratios: closed forms where there are some, and what clustering and separation do."""

import itertools

import numpy as np
import pandas as pd
import pytest

from testbed.analysis import amplification, frames, persistence, read, regression
from testbed.analysis.simulated import Truth, simulate
from testbed.conditions import Condition, OversightFactor

NO_REVIEW = OversightFactor(every=0)


def rows(hazards, lineages, per, rng, spread=0.0):
    """Level g is found with hazards[g]; the luck of a lineage multiplies the cumulative hazard."""
    made = []
    for lineage in range(lineages):
        luck = np.exp(rng.normal(0, spread))
        for level, hazard in enumerate(hazards):
            ended = rng.random(per) < 1 - (1 - hazard) ** luck
            made += [(0, lineage, f"g{level}", bool(one)) for one in ended]
    return pd.DataFrame(made, columns=["condition", "lineage", "family", "ended"])


def test_one_factor_gives_the_ratio_of_cumulative_hazards():
    table = rows((0.2, 0.5), 30, 40, np.random.default_rng(1))
    share = table.groupby("family")["ended"].mean()
    base = table["family"].value_counts().index[0]
    other = ({"g0", "g1"} - {base}).pop()
    expected = np.log1p(-share[other]) / np.log1p(-share[base])
    (found,) = regression.hazard_ratios(table, ["family"]).to_dict("records")
    assert found["level"] == other
    assert found["ratio"] == pytest.approx(expected, rel=1e-6)


def test_a_number_has_the_ratio_for_one_more_of_it():
    rng = np.random.default_rng(2)
    depth = rng.integers(0, 4, 20_000)
    rate = 0.05 * 1.7**depth
    table = pd.DataFrame(
        {
            "condition": 0,
            "lineage": np.arange(20_000) % 50,
            "depth": depth,
            "ended": rng.random(20_000) < -np.expm1(-rate),
        }
    )
    (found,) = regression.hazard_ratios(table, ["depth"]).to_dict("records")
    assert found["low"] < 1.7 < found["high"]
    assert found["ratio"] == pytest.approx(1.7, rel=0.05)


def test_lineages_of_unlike_luck_widen_the_interval_of_what_differs_between_them():
    rng = np.random.default_rng(3)

    def width(spread):
        table = rows((0.2,), 30, 60, rng, spread)
        table["half"] = table["lineage"] % 2 == 0
        (found,) = regression.hazard_ratios(table, ["half"]).to_dict("records")
        return np.log(found["high"] / found["low"])

    assert width(1.0) > 2 * width(0.0)


def test_what_cannot_be_estimated_has_a_reason_and_spoils_nothing_else():
    table = rows((0.2, 0.4), 20, 30, np.random.default_rng(4))
    never = table.assign(family="never", ended=False)
    table = pd.concat([table, never.iloc[:100]], ignore_index=True).assign(flat=1.0)
    found = regression.hazard_ratios(table, ["family", "flat"]).set_index(["term", "level"])
    assert found.loc[("family", "never"), "reason"] == "none of its faults was found"
    assert found.loc[("flat", ""), "reason"] == "it does not vary"
    assert found["ratio"].notna().sum() == 1


def test_of_two_terms_that_say_the_same_the_first_is_estimated():
    table = rows((0.2, 0.4), 20, 30, np.random.default_rng(4))
    table["twin"] = table["family"] == "g1"
    table["more"] = np.arange(len(table)) % 3
    found = regression.hazard_ratios(table, ["family", "twin", "more"]).set_index("term")
    assert found.loc[["family", "more"], "ratio"].notna().all()
    assert found.loc["twin", "reason"] == "it can't be told apart from other terms"


def test_a_level_that_is_left_with_no_end_by_another_is_left_out_too():
    table = rows((0.2, 0.4), 20, 30, np.random.default_rng(4))
    # All ends at this place are of faults of a family that each was found at once.
    sure = table.iloc[:50].assign(family="sure", place="b", ended=True)
    never = table.iloc[:30].assign(place="b", ended=False)
    table = pd.concat([table.assign(place="a"), sure, never], ignore_index=True)
    found = regression.hazard_ratios(table, ["family", "place"]).set_index(["term", "level"])
    assert found.loc[("family", "sure"), "reason"] == "each was found at once"
    assert found.loc[("place", "b"), "reason"] == "none of its faults was found"
    assert found["ratio"].notna().sum() == 1


def test_one_lineage_gives_no_interval():
    found = regression.hazard_ratios(rows((0.2, 0.4), 1, 50, np.random.default_rng(5)), ["family"])
    assert (found["reason"] == "too few lineages or ends").all()


@pytest.fixture(scope="module")
def evidence():
    truth = Truth(
        rate=4.0, detection={"logic": 0.5, "omission": 0.2}, overwritten=0.05, refused=0.2, unwitnessed=0.1
    )
    return read(simulate([Condition(generations=8, lineages=30, oversight=NO_REVIEW)], truth, seed=7))


def test_person_periods_follow_each_fault_to_its_end(evidence):
    found = regression.person_period(evidence)
    faults = frames.faults(evidence)
    faults = faults[faults["witnessed"] & (faults["cause"] != "rejected")]
    assert len(found) == faults["cycles"].sum()
    assert found["ended"].sum() == faults["cause"].isin(regression.FOUND).sum() < faults["event"].sum()
    last = found.groupby(["condition", "lineage", "fault"])["cycle"].transform("max")
    assert (found.loc[found["ended"], "cycle"] == last[found["ended"]]).all()
    assert found.loc[found["ended"], "reached"].all(), "what was revealed was reached"


def test_families_have_the_ratio_that_was_put_in_and_age_none(evidence):
    found = regression.hazard_ratios(regression.person_period(evidence), ["family", "log_cycle"]).set_index(
        "term"
    )
    family = found.loc["family"]
    expected = np.log(0.5) / np.log(0.8)
    if family["level"] == "omission":
        expected = 1 / expected
    assert family["low"] < expected < family["high"]
    assert found.loc["log_cycle", "low"] < 1 < found.loc["log_cycle", "high"]


def test_incidence_curves_are_the_incidences_and_sum_to_the_ended(evidence):
    faults = frames.faults(evidence)
    faults = faults[faults["witnessed"]]
    found = persistence.incidence_curves(faults, 5, by=["family"])
    logic = found[(found["family"] == "logic") & (found["cycle"] == 5)].set_index("cause")["share"]
    part = faults[faults["family"] == "logic"]
    assert logic.sum() == pytest.approx(1 - persistence.share_alive(part, 5).value)
    whole = persistence.incidence_curves(faults, 5)
    unit = whole[(whole["cause"] == "unit") & (whole["cycle"] == 5)].iloc[0]
    assert unit["low"] == persistence.incidence(faults, 5)["unit"].low


def test_the_chance_of_growth_agrees_with_the_interval_of_R():
    for copies, seed in ((0.0, 1), (0.35, 3), (0.6, 3)):
        truth = Truth(rate=1.0, detection={"logic": 0.2}, copies=copies)
        made = frames.generations(
            read(simulate([Condition(generations=6, lineages=12, oversight=NO_REVIEW)], truth, seed=seed))
        )
        one, sure = amplification.growth(made), amplification.chance_of_growth(made)
        assert (sure > 0.975) == (one.low > 1)
        assert (sure < 0.025) == (one.high < 1)
        assert (sure > 0.5) == (one.value > 1)


@pytest.mark.parametrize("entering", list(itertools.product(range(6), range(6))))
def test_the_chance_of_growth_is_a_chance_whatever_the_counts(entering):
    for left in itertools.product(*(range(number + 1) for number in entering)):
        rows = [
            {"condition": 0, "lineage": n, "survivors": stayed, "copies": 0, "entering": number}
            for n, (number, stayed) in enumerate(zip(entering, left, strict=True))
        ]
        chance = amplification.chance_of_growth(pd.DataFrame(rows))
        assert chance is None or 0 <= chance <= 1


def test_no_chance_of_growth_is_claimed_from_one_lineage():
    facts = simulate([Condition(generations=6, lineages=1, oversight=NO_REVIEW)], Truth(rate=3.0), seed=1)
    assert amplification.chance_of_growth(frames.generations(read(facts))) is None

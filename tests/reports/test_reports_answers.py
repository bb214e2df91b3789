"""The answer: what is claimed, and what is not."""

import pytest

from reports import answers
from testbed.analysis import summarise
from testbed.analysis.simulated import Truth, simulate
from testbed.conditions import Condition, OversightFactor


def answered(truth, *depths, lineages=12):
    conditions = [
        Condition(generations=6, lineages=lineages, oversight=OversightFactor(depth=depth))
        for depth in depths
    ]
    return answers.answer(summarise(simulate(conditions, truth, seed=9)))


def test_every_claim_about_shares_has_its_interval_and_sample_size():
    found = answered(Truth(rate=2.0), 0.0, 1.0)
    sentence = next(one for one in found.sentences if one.startswith("The share"))
    assert sentence.count("faults in 12 lineages") == 2
    assert sentence.count("–") == 2


def test_conditions_that_differ_are_told_apart():
    found = answered(Truth(rate=4.0, detection={"logic": 0.1}), 0.0, 1.0, lineages=30)
    assert any("The gap is" in one and "do not tell" not in one for one in found.sentences)


def test_conditions_that_are_the_same_are_not_told_apart():
    found = answered(Truth(rate=1.0), 0.5, 0.5)
    assert any("these data do not tell them apart" in one for one in found.sentences)


@pytest.mark.parametrize(
    ("truth", "said"),
    [
        (Truth(rate=2.0, detection={"logic": 0.5}), "without new ones they die out"),
        (Truth(rate=1.0, detection={"logic": 0.02}, copies=0.5), "they multiply unaided"),
    ],
)
def test_growth_is_judged_only_with_confidence(truth, said):
    assert any(said in one for one in answered(truth, 0.0).sentences)


def test_one_lineage_leaves_growth_open():
    found = answered(Truth(rate=3.0), 0.0, lineages=1)
    assert any("leave open" in one for one in found.sentences)
    assert any("one lineage" in one for one in found.limits)


def test_limits_shared_by_all_conditions_are_said_once():
    found = answered(Truth(rate=2.0), 0.0, 0.5, 1.0, lineages=3)
    assert sum("wide for that reason" in one for one in found.limits) == 1

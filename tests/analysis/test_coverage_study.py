"""A small run of the coverage study, so that an interval that stops covering is seen."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest

from testbed.analysis.estimates import clopper_pearson

BELOW = ("Chao, unlike chances (a lower bound)",)


@pytest.fixture(scope="module")
def study(benchmark_script: Callable[[str], ModuleType]) -> ModuleType:
    return benchmark_script("coverage")


def could_be_right(covered: int, tried: int) -> bool:
    """Whether so few or so many covered are no proof against 93 to 99%."""
    low, high = clopper_pearson(covered, tried, 0.999)
    return high > 0.93 and low < 0.99


def test_intervals_of_a_campaign_cover(study: ModuleType) -> None:
    tallies = study.campaigns(study.SCENARIOS[1], 25, 1000)
    wrong = {name: str(one) for name, one in tallies.items() if not could_be_right(one.covered, one.tried)}
    assert wrong == {}
    assert all(one.tried >= 20 for one in tallies.values())


def test_intervals_of_what_nobody_sees_cover(study: ModuleType) -> None:
    tallies = study.unseen_tallies(150)
    wrong = {name: str(one) for name, one in tallies.items() if not could_be_right(one.covered, one.tried)}
    assert set(wrong) <= set(BELOW), wrong


def test_a_tally_says_how_many_campaigns_gave_no_interval(study: ModuleType) -> None:
    from testbed.analysis.estimates import Estimate, nothing

    tally = study.Tally()
    for one in (Estimate(0.5, 0.4, 0.6, 9, 3), Estimate(0.5, 0.52, 0.6, 9, 3), nothing("no faults")):
        tally.add(one, 0.5)
    assert str(tally) == "50.0% (1 none)"

"""Two campaigns beside each other: what differs is called so, what does not is not."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from reports import compare
from testbed.analysis.simulated import Truth, simulate
from testbed.conditions import Condition, InjectionFactor, ModifierFactor, OversightFactor
from testbed.errors import UserError

CONDITIONS = [Condition(generations=8, lineages=12, oversight=OversightFactor(depth=d)) for d in (0.0, 1.0)]


def campaign(p: float, seed: int, conditions: Any = CONDITIONS) -> Any:
    return simulate(conditions, Truth(rate=2.0, detection={"logic": p}), seed)


@pytest.fixture(scope="module")
def weak() -> Any:
    return campaign(0.1, 1)


def changes(found: compare.Comparison, measure: str) -> list[compare.Change]:
    return [one for one in found.changes if one.measure == measure]


def test_better_tests_are_called_better_and_worse_ones_worse(weak: Any) -> None:
    strong = campaign(0.5, 2)
    for first, second, way in ((weak, strong, "better"), (strong, weak, "worse")):
        found = compare.compare(first, second)
        for name in ("persistence.share_alive", "amplification.live_at_end", "oversight.escape_rate"):
            assert changes(found, name)[0].direction == way, name


def test_the_same_campaign_with_another_seed_is_not_distinguishable(weak: Any) -> None:
    found = compare.compare(weak, campaign(0.1, 3))
    assert found.differing == ()
    for one in changes(found, "persistence.share_alive"):
        assert one.direction == "not distinguishable"
        assert one.change.value == pytest.approx(one.second["value"] - one.first["value"])


def test_what_is_at_one_level_in_each_is_what_the_comparison_is_about(weak: Any) -> None:
    other = [replace(one, modifier=ModifierFactor(edits=9)) for one in CONDITIONS]
    found = compare.compare(weak, campaign(0.1, 4, other))
    assert found.differing == ("modifier.edits: edits 4 → edits 9",)
    assert len({one.condition for one in found.changes}) == 2


def test_more_lineages_are_the_same_experiment(weak: Any) -> None:
    found = compare.compare(weak, campaign(0.1, 4, [replace(one, lineages=3) for one in CONDITIONS]))
    assert found.differing == ()
    assert found.only == ((), ())


def test_conditions_that_one_of_them_lacks_are_named(weak: Any) -> None:
    third = replace(CONDITIONS[0], oversight=OversightFactor(depth=0.5))
    found = compare.compare(weak, campaign(0.1, 5, [CONDITIONS[0], third]))
    assert found.only == (("depth 1",), ("depth 0.5",))
    assert any(line == "only in second: depth 0.5" for line in compare.lines(found))


def test_two_lone_conditions_are_compared_whatever_they_are() -> None:
    one = [Condition(generations=4, lineages=4)]
    other = [replace(one[0], injection=InjectionFactor(rate=9.0), oversight=OversightFactor(depth=0.0))]
    assert len(compare.compare(campaign(0.1, 1, one), campaign(0.1, 1, other)).differing) == 2


def test_campaigns_without_a_like_condition_are_refused(weak: Any) -> None:
    rates = [
        Condition(generations=8, lineages=2, injection=InjectionFactor(rate=rate)) for rate in (3.0, 5.0)
    ]
    with pytest.raises(UserError, match="no condition"):
        compare.compare(weak, campaign(0.1, 1, rates))


def test_one_lineage_has_no_interval_and_no_verdict(weak: Any) -> None:
    found = compare.compare(weak, campaign(0.1, 1, [replace(one, lineages=1) for one in CONDITIONS]))
    assert {one.direction for one in changes(found, "amplification.live_at_end")} == {"unknown"}
    assert any("it cannot be told" in line for line in compare.lines(found))


def test_each_change_has_both_figures_the_difference_and_a_verdict(weak: Any) -> None:
    found = compare.compare(weak, campaign(0.5, 2), ("before", "after"))
    told = list(compare.lines(found))
    assert told[0] == "before → after"
    assert any(line.endswith(": better") and "points [" in line and "→" in line for line in told)
    assert list(compare.lines(found, quiet=True)) == told[-1:]
    data = json.loads(json.dumps(compare.data(found), allow_nan=False))
    assert len(data["changes"]) == len(found.changes)

"""Lineages are added until intervals are narrow, and the truth stays inside all the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from testbed.analysis.estimates import share
from testbed.analysis.simulated import SimulatedFacts, Truth, simulate
from testbed.campaign import Campaign
from testbed.cli import cli
from testbed.conditions import Condition, OversightFactor
from testbed.engine.until import begin, confidence_at, further, lineages_at, look_at, read_until
from testbed.errors import UserError
from testbed.ledger import Ledger


def test_the_errors_of_all_looks_sum_to_what_is_left_of_the_confidence() -> None:
    errors = [1 - confidence_at(look, 0.95) for look in range(1, 2000)]
    assert errors[0] == pytest.approx(0.025)
    assert 0.0499 < sum(errors) < 0.05


def test_lineages_grow_by_half_up_to_the_most() -> None:
    assert [lineages_at(look, 10, 40) for look in (1, 2, 3, 4, 5, 9)] == [10, 15, 23, 34, 40, 40]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("alive_after_5 < 0.1", "is not a width"),
        ("width(alive_after_5) > 0.1", "can never be waited for"),
        ("width(alive_after_5) < 0", "can never be waited for"),
        ("width(alive_after_5)", "is not a bound"),
    ],
)
def test_what_is_no_width_is_refused(text: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        read_until(text)


def plan(depths: tuple[float, ...] = (0.0,), lineages: int = 4) -> Campaign:
    conditions = tuple(
        Condition(index, 5, lineages, oversight=OversightFactor(depth=depth))
        for index, depth in enumerate(depths)
    )
    return Campaign("until", 0, conditions)


def played(campaign: Campaign, state: dict[str, Any], truth: Truth) -> list[dict[str, Any]]:
    """The manifests of all looks, with facts that are simulated."""
    conditions, looks = list(campaign.conditions), []
    while True:
        facts: SimulatedFacts = simulate(conditions, truth, seed=5)
        facts = replace(facts, manifest={**facts.manifest, **state})
        looks.append(facts.manifest)
        wider = further(facts.manifest, look_at(facts))
        if wider is None:
            return looks
        conditions = [
            replace(one, lineages=said["lineages"])
            for one, said in zip(conditions, wider["conditions"], strict=True)
        ]
        state = {"until": wider["until"]}


def test_only_conditions_that_are_wide_get_more_lineages() -> None:
    campaign, state = begin(
        plan((0.0, 1.0)), read_until("width(alive_after_3) < 0.2 where oversight.depth = 0")
    )
    assert [one.lineages for one in campaign.conditions] == [10, 4]
    looks = played(campaign, state, Truth(rate=2.0))
    assert len(looks) > 1
    assert [one["lineages"] for one in looks[-1]["conditions"]] == [lineages_at(len(looks), 10), 4]


def test_the_most_lineages_end_it_though_the_interval_is_wide() -> None:
    campaign, state = begin(plan(), read_until("width(alive_after_3) < 0.001", most=20))
    looks = played(campaign, state, Truth(rate=1.0))
    assert looks[-1]["conditions"][0]["lineages"] == 20
    assert looks[-1]["until"]["looks"] == [3]


def test_nobody_asked_is_refused_and_so_is_a_count() -> None:
    with pytest.raises(UserError, match="no condition is asked"):
        begin(plan(), read_until("width(R) < 0.1 where oversight.depth = 0.7"))
    campaign, state = begin(plan(), read_until("width(escaped) < 0.1"))
    with pytest.raises(UserError, match="is a count"):
        played(campaign, state, Truth(rate=1.0))


def test_the_interval_that_stops_the_looks_covers_as_often_as_it_says() -> None:
    rng, truth, covered, campaigns = np.random.default_rng(8), 0.4, 0, 300
    for _ in range(campaigns):
        chances = rng.beta(truth * 4, (1 - truth) * 4, 500)  # lineages differ a lot
        hits = rng.binomial(6, chances).astype(float)
        for look in range(1, 9):
            n = lineages_at(look, 10)
            part = hits[:n]
            left_out = (part.sum() - part) / (6 * (n - 1))
            one = share(part.mean() / 6, left_out, 6 * n, confidence=confidence_at(look, 0.95))
            assert one.low is not None
            assert one.high is not None
            if one.high - one.low < 0.2:
                break
        covered += one.low <= truth <= one.high
    assert covered / campaigns > 0.95 - 2 * (0.05 * 0.95 / campaigns) ** 0.5


@pytest.mark.slow
def test_a_run_adds_lineages_until_it_is_narrow(
    tmp_path: Path, write_small_target: Callable[[Path], Path]
) -> None:
    target, out = write_small_target(tmp_path / "sums"), tmp_path / "run"
    words = ["run", "--target", str(target), "--out", str(out), "--quiet", "--most", "12"]
    size = [
        "--set",
        "generations=1",
        "--set",
        "lineages=2",
        "--set",
        "injection.rate=2.0",
        "--set",
        "oversight.depth=0.5",
    ]
    done = CliRunner().invoke(
        cli, [*words, *size, "--until", "width(escape_rate) < 0.001"], catch_exceptions=False
    )
    assert done.exit_code == 0
    assert "from 12 lineages, look 2: NOT narrow enough with the most lineages (12)" in done.output
    ledger = Ledger.open(out)
    assert len(ledger.progress()) == 12 * len(ledger.manifest["conditions"])
    assert ledger.broken() == ""
    ledger.close()

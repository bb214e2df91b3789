"""When a policy asks for a checkpoint."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from testbed.campaign.campaign import read
from testbed.campaign.presets import PRESETS
from testbed.conditions import OversightFactor
from testbed.oversight.policies import Checkpoint, Occasion, due, interval


def never() -> tuple[float, str]:
    raise AssertionError("this policy does not ask for the risk")


def reviewed(factor: OversightFactor, generations: int, findings: frozenset[int] = frozenset()) -> list[int]:
    """The generations that are reviewed where those in `findings` have something to find."""
    past: list[Checkpoint] = []
    for generation in range(1, generations + 1):
        rng = np.random.default_rng(generation)
        if due(factor, Occasion(generation, tuple(past), rng, never)):
            past.append(Checkpoint(generation, generation in findings))
    return [checkpoint.generation for checkpoint in past]


def test_fixed_intervals() -> None:
    assert reviewed(OversightFactor(every=3), 10) == [3, 6, 9]
    assert reviewed(OversightFactor(every=0), 10) == []


def test_risk_asks_at_the_threshold_and_says_which_part_it_was() -> None:
    factor = OversightFactor(policy="risk", threshold=0.4)
    said = [
        due(factor, Occasion(1, (), np.random.default_rng(1), lambda score=score: (score, "files")))
        for score in (0.39, 0.4, 1.0)
    ]
    assert said == ["", "risk 0.40 (files)", "risk 1.00 (files)"]


def test_audits_are_drawn_at_their_rate_and_end_with_their_budget() -> None:
    every = reviewed(OversightFactor(policy="audit", audits=0.3), 2000)
    assert abs(len(every) / 2000 - 0.3) < 4 * math.sqrt(0.21 / 2000)
    assert reviewed(OversightFactor(policy="audit", audits=0.3, audit_budget=5), 2000) == every[:5]


def test_adaptive_tightens_after_a_finding_and_relaxes_after_clean_ones() -> None:
    factor = OversightFactor(policy="adaptive", every=2, clean=2, relaxed=4)
    assert reviewed(factor, 20) == [2, 4, 8, 12, 16, 20]
    assert reviewed(factor, 14, frozenset({8})) == [2, 4, 8, 10, 12]
    assert reviewed(factor, 9, frozenset(range(20))) == [2, 3, 4, 5, 6, 7, 8, 9]


def test_adaptive_never_relaxes_below_where_it_began() -> None:
    factor = OversightFactor(every=10, clean=1, relaxed=4)
    assert interval(factor, [Checkpoint(10, False), Checkpoint(20, False)]) == 10


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_sets_what_the_campaign_leaves_out_and_nothing_else(name: str) -> None:
    text = f'[oversight]\npreset = "{name}"\ndepth = 0.123\n'
    condition = read(text, "one.toml", Path()).conditions[0]
    assert condition.oversight.depth == 0.123
    for address, level in PRESETS[name].items():
        if address != "oversight.depth":
            table, key = address.split(".")
            assert getattr(getattr(condition, table), key) == level
    assert condition.oversight.pace == OversightFactor().pace

"""Who verifies decides whether flaws die out: the loop against the closed form of its reproduction number."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def cyclic(benchmark_script: Callable[[str], ModuleType]) -> ModuleType:
    return benchmark_script("cyclic")


@pytest.mark.parametrize(
    ("who", "copies"), [("the reference", 0.9), ("itself", 0.43), ("itself, third", 0.6)]
)
def test_the_loop_has_the_reproduction_number_of_theory(cyclic: ModuleType, who: str, copies: float) -> None:
    made = cyclic.row(who, copies, lineages=12, generations=6, faults=6)
    assert made.measured.low <= cyclic.theory(who, copies) <= made.measured.high


def test_only_the_reference_sees_what_its_own_flaws_hide(cyclic: ModuleType) -> None:
    """The same faults and draws: with the reference they are gone, with a flawed verifier they are many."""
    seen = cyclic.row("the reference", 0.9, lineages=6, generations=7, faults=4)
    blind = cyclic.row("itself", 0.9, lineages=6, generations=7, faults=4)
    assert seen.gone.value > 0.6
    assert blind.gone.value < 0.4
    assert cyclic.theory("the reference", 0.9) < 1 < cyclic.theory("itself", 0.9)


def test_a_parent_is_as_blind_as_the_generation_for_what_it_hands_on(cyclic: ModuleType) -> None:
    assert cyclic.theory("its parent", 0.6) == cyclic.theory("itself", 0.6)
    parent = cyclic.row("its parent", 0.6, lineages=12, generations=6, faults=8)
    assert parent.measured.high > 1

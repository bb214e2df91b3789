"""Faults that were healed are followed on, so that an edit which brings one back is seen."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np
import pytest

from testbed.modifiers.outside import Edited, OpaqueModifier
from testbed.modifiers.outside.opaque import Where
from testbed.schema import guard_numbers, heal, materialise
from testbed.tracing.ghosts import carried, healed

CODE = """def clamp(value, low, high):
    if (value <= low if __fault__(1) else value < low):
        return low
    return (max(value, high) if __fault__(2) else min(value, high))
"""
NONE = frozenset[int]()
ONE = frozenset({1})


def test_a_healed_fault_is_kept_with_the_live_ones_as_plain_text() -> None:
    (ghost,) = healed({}, {"m.py": CODE}, frozenset({2})).items()
    assert ghost[0] == 1
    text = ghost[1]["m.py"]
    assert guard_numbers(text) == {1}
    assert materialise(text, NONE) == materialise(CODE, frozenset({2}))
    assert materialise(text, ONE) == materialise(CODE, frozenset({1, 2}))


def test_it_goes_along_with_edits_and_is_let_go_where_its_place_is_rewritten() -> None:
    ghosts = healed({}, {"m.py": CODE}, NONE)
    assert sorted(ghosts) == [1, 2]
    plain = materialise(CODE, NONE)
    renamed = plain.replace("value", "number")
    moved = healed(ghosts, {"m.py": renamed}, NONE)
    assert "number <= low" in materialise(moved[1]["m.py"], ONE)
    assert materialise(moved[1]["m.py"], NONE) == renamed
    rewritten = plain.replace("if value < low:", "if not low <= value:")
    assert sorted(healed(ghosts, {"m.py": rewritten}, NONE)) == [2]
    assert carried(1, ghosts[1], {"other.py": "x = 1\n"}) == {}


class Says:
    """An editor that gives back what it was made with."""

    name, version = "says", "1"

    def __init__(self, text: str) -> None:
        self.text = text

    def edit(self, files: Mapping[str, str], where: Where, rng: np.random.Generator) -> Edited:
        return Edited({"m.py": self.text})


@pytest.mark.parametrize("back", [True, False])
def test_a_fault_that_comes_back_is_a_new_one_whose_parent_is_the_old(back: bool) -> None:
    source = {"m.py": heal(CODE, ONE)}
    plain = materialise(source["m.py"], frozenset({2}))
    edited = (plain.replace("value < low", "value <= low") if back else plain) + "\n\nLIMIT = 3\n"
    modifier = OpaqueModifier(Says(edited))
    modifier.haunt(healed({}, {"m.py": CODE}, frozenset({2})))
    numbers = itertools.count(7)
    parents: dict[int, int] = {}

    def offspring(parent: int) -> int:
        number = next(numbers)
        parents[number] = parent
        return number

    made = modifier.propose(source, np.random.default_rng(0), offspring)
    assert made.turn is not None
    told = [(each.fault, each.status, each.parent) for each in made.turn.traces]
    text = made.source["m.py"]
    assert told == [(2, "carried", None)] + ([(7, "reintroduced", 1)] if back else [])
    assert guard_numbers(text) == ({2, 7} if back else {2})
    assert parents == ({7: 1} if back else {})
    assert materialise(text, guard_numbers(text)) == edited
    if back:
        assert "value < low" in materialise(text, frozenset({2}))

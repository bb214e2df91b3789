"""Profiles set the mix of edits and their number."""

from collections import Counter

import numpy as np
import pytest
from program_grammar import program

from testbed.conditions import ModifierFactor
from testbed.errors import UserErrors
from testbed.modifiers import make
from testbed.modifiers.profiles import GROUPS, PROFILES, count, draw, weights
from testbed.modifiers.refactorings import ALL
from testbed.seeds import stream


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_shares_out_all_edits_among_known_groups(name):
    assert sum(PROFILES[name].shares.values()) == 100
    assert set(PROFILES[name].shares) == set(GROUPS)
    total = weights(ModifierFactor(profile=name), ALL)
    present = {each.group for each in ALL}
    assert sum(total) == pytest.approx(sum(PROFILES[name].shares[group] for group in present))


def test_every_refactoring_belongs_to_a_group():
    assert {each.group for each in ALL} <= set(GROUPS)
    assert {each.group == "copy" for each in ALL if each.copies} == {True}


def test_without_a_profile_copies_get_their_share_and_the_others_are_alike():
    found = weights(ModifierFactor(copying=0.3), ALL)
    assert sum(w for w, each in zip(found, ALL, strict=True) if each.copies) == pytest.approx(0.3)
    others = {w for w, each in zip(found, ALL, strict=True) if not each.copies and each.group != "growth"}
    assert len(others) == 1
    assert sum(found) == pytest.approx(1)


def test_without_a_profile_there_are_as_many_edits_as_asked_for():
    assert {count(ModifierFactor(edits=5), stream(seed, "n")) for seed in range(20)} == {5}


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_draws_the_number_of_edits_around_what_is_asked_for(name):
    rng = stream(0, "n", name)
    found = [count(ModifierFactor(edits=4, profile=name), rng) for _ in range(4000)]
    assert min(found) == 1
    assert np.mean(found) == pytest.approx(4 * PROFILES[name].pace, rel=0.06)
    assert np.median(found) < np.mean(found)


def test_no_edits_are_made_where_none_are_asked_for():
    assert count(ModifierFactor(edits=0, profile="cleanup"), stream(0, "n")) == 0


def test_weights_are_drawn_in_proportion():
    rng = stream(0, "draw")
    found = Counter(draw((1.0, 0.0, 3.0), rng) for _ in range(4000))
    assert found[1] == 0
    assert found[2] / found[0] == pytest.approx(3, rel=0.15)
    assert {draw((0.0, 0.0), rng) for _ in range(40)} == {0, 1}


def test_the_mix_is_that_of_the_profile():
    factor = ModifierFactor(edits=30, profile="cleanup")
    proposal = make(factor, frozenset()).propose({"m.py": program(5)[0]}, stream(1, "mix"), lambda n: 900 + n)
    made = {edit.refactoring for edit in proposal.edits}
    assert not made & {each.name for each in ALL if each.copies}


def test_only_the_named_refactorings_are_made():
    factor = ModifierFactor(edits=6, copying=0, refactorings=("rename_local", "invert_if"))
    proposal = make(factor, frozenset()).propose({"m.py": program(5)[0]}, stream(1, "mix"), lambda n: 900 + n)
    assert {edit.refactoring for edit in proposal.edits} <= {"rename_local", "invert_if"}
    assert proposal.edits


def test_all_unknown_refactorings_are_told_at_once():
    with pytest.raises(UserErrors, match=r"(?s)'invert_iff'.*'rename_it'"):
        make(ModifierFactor(refactorings=("rename_it", "invert_iff")), frozenset())


def test_the_first_edits_of_a_proposal_are_those_of_a_shorter_one():
    factor = ModifierFactor(edits=5, profile="maintenance")
    modifier, source = make(factor, frozenset()), {"m.py": program(5)[0]}
    whole = modifier.propose(source, stream(3, "first"), lambda n: 900 + n)
    part = modifier.propose(source, stream(3, "first"), lambda n: 900 + n, most=2)
    assert part.edits == whole.edits[:2]

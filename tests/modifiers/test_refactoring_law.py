"""Refactored programs do what they did, with every set of faults that is tried."""

import pytest
from program_grammar import observe, program

from testbed.conditions import ModifierFactor
from testbed.modifiers.refactor import RefactorModifier
from testbed.seeds import stream

EDITS = 24


def _fault_sets(numbers):
    return [frozenset(), *(frozenset([n]) for n in numbers[:6]), frozenset(numbers)]


def _refactored(text, seed, edits):
    """The text after so many edits, and the parent of each copied guard."""
    parents = {}

    def offspring(parent):
        number = 1000 + len(parents)
        parents[number] = parents.get(parent, parent)
        return number

    modifier = RefactorModifier(ModifierFactor(edits=edits, copying=0.15))
    proposal = modifier.propose({"m.py": text}, stream(seed, "law"), offspring)
    assert not proposal.skipped
    return proposal, parents


def _assert_same_behaviour(seed):
    text, numbers = program(seed)
    proposal, parents = _refactored(text, seed, EDITS)
    assert len(proposal.edits) > 10
    for faults in _fault_sets(numbers):
        copies = {number for number, parent in parents.items() if parent in faults}
        assert observe(proposal.source["m.py"], faults | copies) == observe(text, faults)


@pytest.mark.parametrize("seed", range(6))
def test_two_dozen_edits_keep_what_a_program_does_for_no_fault_each_and_all(seed):
    _assert_same_behaviour(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 120))
def test_two_dozen_edits_keep_what_many_programs_do(seed):
    _assert_same_behaviour(seed)


def test_the_programs_show_their_faults():
    """Without this the law above could hold for programs in which no guard is ever reached."""
    text, numbers = program(0)
    assert any(observe(text, {n}) != observe(text, set()) for n in numbers)

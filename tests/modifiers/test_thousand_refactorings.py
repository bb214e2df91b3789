"""Refactored again and again, a program goes on doing what it did: a thousand edits one on the other."""

import pytest
from program_grammar import observe, program
from smith_programs import smith_program

from testbed.conditions import ModifierFactor
from testbed.modifiers.refactor import RefactorModifier
from testbed.seeds import stream

AT_ONCE = 25
"""Edits between two looks at what the program does."""


def _survives(text, numbers, edits, seed):
    """Makes so many edits in a row; after each round nothing is different, with no fault on and with all."""
    parents = {}

    def offspring(parent):
        number = 1000 + len(parents)
        parents[number] = parents.get(parent, parent)
        return number

    modifier = RefactorModifier(ModifierFactor(edits=AT_ONCE, copying=0.02))
    wanted = {faults: observe(text, faults) for faults in (frozenset(), frozenset(numbers))}
    source, made, rounds = {"m.py": text}, 0, 0
    while made < edits:
        proposal = modifier.propose(source, stream(seed, "chain", rounds), offspring)
        assert proposal.edits
        assert not proposal.skipped
        source, rounds, made = dict(proposal.source), rounds + 1, made + len(proposal.edits)
        for faults, before in wanted.items():
            copies = {number for number, parent in parents.items() if parent in faults}
            assert observe(source["m.py"], faults | copies) == before, [e.refactoring for e in proposal.edits]


def test_a_program_of_our_own_grammar_survives():
    _survives(*program(3), edits=2 * AT_ONCE, seed=3)


def test_a_program_of_hypothesmith_survives():
    _survives(smith_program(1, functions=1), (), edits=2 * AT_ONCE, seed=1)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", [3, 11])
def test_a_program_of_our_own_grammar_survives_a_thousand(seed):
    _survives(*program(seed), edits=1000, seed=seed)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(4))
def test_programs_of_hypothesmith_survive_a_thousand_together(seed):
    _survives(smith_program(seed), (), edits=250, seed=seed)


def test_a_program_of_hypothesmith_comes_to_its_end():
    """Without this its functions could all fail at once, and little would be shown."""
    seen = observe(smith_program(1, functions=1), ())
    assert any(outcome.startswith("tuple[") for _name, _which, outcome, _values, _log in seen)

"""Fifty faults through forty generations: guards, parentage and meaning stay what they were at birth."""

import re

import pytest
from program_grammar import observe, program

from testbed.conditions import ModifierFactor
from testbed.modifiers import make
from testbed.schema import guard_numbers, materialise
from testbed.seeds import stream

FAULTS = 50
GENERATIONS = 40
EACH_TIME = 4
"""Faults whose meaning is looked at in every generation, in turn; in the last one all are."""


def _source(faults):
    """Modules with at least so many guards in all, numbered through."""
    files, number = {}, 0
    for seed in range(200, 260):
        text, own = program(seed)
        for old in sorted(own, reverse=True):
            text = text.replace(f"__fault__({old})", f"__fault__(#{number + old})")
        files[f"m{seed}.py"] = text.replace("__fault__(#", "__fault__(")
        number += len(own)
        if number >= faults:
            return files, number
    raise AssertionError("too few guards")


def _does(text, faults):
    """What a module does. A name that the chosen version never binds is unbound in one way or another."""
    return [
        (name, which, re.sub(r"^(NameError|UnboundLocalError): .*", "unbound", str(outcome)), values, log)
        for name, which, outcome, values, log in observe(text, faults)
    ]


def _seen(source, fault):
    """What every module does with this fault on: in switchable form, and materialised."""
    switched = {path: _does(text, {fault}) for path, text in source.items()}
    plain = {path: _does(materialise(text, frozenset([fault])), ()) for path, text in source.items()}
    assert plain == switched
    return switched


def test_a_few_faults_keep_their_guards_their_parentage_and_their_meaning():
    _keeps_faults(faults=8, generations=5, profile="agentic")


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("profile", ["even", "agentic"])
def test_fifty_faults_keep_their_guards_their_parentage_and_their_meaning(profile):
    _keeps_faults(FAULTS, GENERATIONS, profile)


def _keeps_faults(faults, generations, profile):
    source, count = _source(faults)
    numbers = range(1, count + 1)
    birth = {fault: _seen(source, fault) for fault in numbers}
    clean = {path: _does(text, ()) for path, text in source.items()}
    telling = [fault for fault in numbers if birth[fault] != clean]
    assert len(telling) > faults // 4
    parents = {}

    def offspring(parent):
        parents[1000 + len(parents)] = parent
        return 999 + len(parents)

    modifier = make(ModifierFactor(edits=3, profile=profile), frozenset())
    for generation in range(1, generations + 1):
        source = dict(modifier.propose(source, stream(0, profile, generation), offspring).source)
        present = {number for text in source.values() for number in guard_numbers(text)}
        assert present == {*numbers, *parents}
        assert {path: _does(materialise(text, frozenset()), ()) for path, text in source.items()} == clean
        at = generation * EACH_TIME
        asked = [telling[place % len(telling)] for place in range(at, at + EACH_TIME)]
        for fault in telling if generation == generations else asked:
            assert _with_offspring(source, fault, parents) == birth[fault]


def _with_offspring(source, fault, parents):
    """What the modules do with a fault and all that descends from it."""
    family = {fault}
    for child, parent in parents.items():
        if parent in family:
            family.add(child)
    return {path: _does(materialise(text, frozenset(family)), ()) for path, text in source.items()}

"""The modifier self, on a program of three lines that rebuilds itself, and on the ledger's facts."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pytest

from testbed.analysis.recursion import Descent, descent, recursion
from testbed.conditions import ModifierFactor
from testbed.errors import UserError
from testbed.facts import BirthFact, EndFact, OutcomeFact, OutsideFact, RefusedFact
from testbed.modifiers import make
from testbed.modifiers.outside.itself import SelfModifier
from testbed.protocols import Proposal
from testbed.schema import guard_numbers, materialise

TOOL = """def rebuild(files):
    return {path: better(text) for path, text in files.items()}


def better(text):
    mark = "on" + "ce"
    return text.replace(mark, "twice")


def greeting():
    return "once"
"""
CLEAN = TOOL.replace('return "once"', 'return "twice"')


def propose(tool: str, second: int = 0) -> tuple[Proposal, dict[int, int]]:
    factor = ModifierFactor("self", edits=0, entry="tool:rebuild", second=second, seconds=60)
    made = make(factor, frozenset())
    assert isinstance(made, SelfModifier)
    made.begin({"tool.py": TOOL})
    made.situate(0, 2, 1)
    numbers, parents = itertools.count(10), {}

    def offspring(parent: int) -> int:
        number = next(numbers)
        parents[number] = parent
        return number

    return made.propose({"tool.py": tool}, np.random.default_rng(0), offspring), parents


def faulty(old: str, new: str) -> str:
    assert TOOL.count(old) == 1
    return TOOL.replace(old, f"({new} if __fault__(1) else {old})")


def test_without_a_fault_the_successor_is_what_the_reference_builds() -> None:
    proposal, parents = propose(TOOL)
    assert proposal.source == {"tool.py": CLEAN}
    assert not parents


def test_a_fault_that_does_no_harm_to_the_build_is_carried() -> None:
    tool = TOOL.replace('return "once"', 'return ("never" if __fault__(1) else "once")')
    proposal, parents = propose(tool)
    assert not parents
    assert materialise(proposal.source["tool.py"], frozenset()) == CLEAN
    assert '"never"' in materialise(proposal.source["tool.py"], frozenset({1}))


def test_a_fault_whose_code_the_builder_rewrites_is_entangled_beside_another() -> None:
    """The builder changes the very words that the fault changes; the file has another fault already."""
    tool = TOOL.replace('return "once"', 'return ("never once" if __fault__(1) else "once")')
    tool = tool.replace("in files.items()", "in (sorted(files.items()) if __fault__(2) else files.items())")
    proposal, parents = propose(tool)
    text = proposal.source["tool.py"]
    assert not parents
    assert materialise(text, frozenset()) == CLEAN
    assert 'return "never twice"' in materialise(text, frozenset({1}))
    assert "sorted(files.items())" in materialise(text, frozenset({1, 2}))
    assert proposal.turn is not None
    assert [(each.fault, each.status) for each in proposal.turn.traces] == [(1, "entangled"), (2, "carried")]


def test_a_fault_that_the_build_undoes_is_overwritten() -> None:
    tool = TOOL.replace('return "once"', 'return ("twice" if __fault__(1) else "once")')
    proposal, _parents = propose(tool)
    assert proposal.source == {"tool.py": CLEAN}
    assert proposal.turn is not None
    assert [each.status for each in proposal.turn.traces] == ["overwritten"]


def test_a_builders_fault_breeds_a_fault_in_its_successor() -> None:
    proposal, parents = propose(faulty('"twice"', '"thrice"'))
    text = proposal.source["tool.py"]
    assert parents == {10: 1}
    assert materialise(text, frozenset()) == CLEAN
    assert materialise(text, frozenset({1})).count("thrice") == 1
    assert 'return "thrice"\n' in materialise(text, frozenset({10}))
    assert guard_numbers(text) == {1, 10}


@pytest.mark.parametrize("new", ["1 // 0", "__import__('os')._exit(3)"])
def test_a_generation_that_cannot_rebuild_itself_has_no_successor(new: str) -> None:
    proposal, _parents = propose(faulty('"twice"', new))
    assert proposal.ends.startswith("cannot rebuild itself: ")


@pytest.mark.parametrize(("new", "found"), [('"thrice"', 1), ("1 // 0", 1), ('("tw" + "ice")', 0)])
def test_a_second_builder_finds_the_builders_faults(new: str, found: int) -> None:
    proposal, parents = propose(faulty('"twice"', new), second=2)
    assert proposal.turn is not None
    assert (proposal.turn.found, parents, proposal.ends) == (found, {}, "")
    assert materialise(proposal.source["tool.py"], frozenset()) == CLEAN
    assert guard_numbers(proposal.source["tool.py"]) == ({1} if not found else set())


def test_an_entry_is_a_module_and_a_function() -> None:
    with pytest.raises(UserError, match=r"modifier\.entry"):
        make(ModifierFactor("self", entry="rebuild"), frozenset())


def birth(fault: int, generation: int, parent: int | None = None) -> BirthFact:
    origin = "seeded" if parent is None else "offspring"
    return BirthFact(
        fault, generation, 1, origin, parent, "o", "logic", "a.py", "", 1, "", 1, False, (), 0, True
    )


def lineage(died: bool = False) -> Iterator[object]:
    yield birth(1, 1)
    yield birth(2, 2, parent=1)
    yield EndFact(1, 3, "overwritten", "", 2)
    yield birth(3, 3, parent=2)
    yield OutsideFact(3, 1, "rebuild", "", 0, 0, 0, 2, ())
    if died:
        yield RefusedFact(4, 1, "sound", "cannot rebuild itself: ValueError", ())
    yield OutcomeFact(3, "stalled" if died else "completed", (2, 3))


def test_descent_is_read_from_the_facts() -> None:
    expected = Descent(seeded=1, induced=2, orphans=1, deepest=3, died=False, found=2)
    assert descent(lineage()) == expected  # type: ignore[arg-type]
    assert descent(lineage(died=True)).died  # type: ignore[arg-type]


def test_lineages_are_taken_together() -> None:
    made = recursion([descent(lineage()), descent(lineage(died=True)), descent([birth(1, 1)])])  # type: ignore[arg-type]
    assert (made.seeded, made.induced, made.orphans, made.deepest) == (3, 4, 2, 3)
    assert made.offspring.value == pytest.approx(4 / 7)
    assert made.died.value == pytest.approx(1 / 3)
    assert made.found.value == pytest.approx(4 / 3)

"""What a proposal holds: edits drawn from the generator alone, guards whole, files left alone named."""

import re

import pytest

from testbed.conditions import ModifierFactor
from testbed.modifiers.refactor import RefactorModifier
from testbed.modifiers.refactorings import ALL
from testbed.protocols import Modifier
from testbed.schema import guard_numbers, materialise
from testbed.seeds import stream

HELPERS = '''"""Sums."""

LIMIT = 10


def _clip(value, bound):
    # Never more than the bound.
    return (bound if __fault__(7) else min(value, bound))


def total(values):
    result = 0
    for value in values:
        if value is not None and value > 0:
            result += _clip(value, LIMIT)
    if __fault__(9):
        pass
    else:
        result = result + 1
    return result
'''
OTHER = """def describe(name, values):
    shown = [str(value) for value in values]
    if not name:
        return "nobody"
    else:
        return f"{name}: {shown}"
"""
SOURCE = {"pkg/sums.py": HELPERS, "pkg/text.py": OTHER}


def propose(source, seed=1, edits=4, copying=0.2, frozen=frozenset(), number=None):
    modifier = RefactorModifier(ModifierFactor(edits=edits, copying=copying), frozen)
    return modifier.propose(source, stream(seed, "test"), number or Numbers())


class Numbers:
    """Gives the next number, and remembers whose offspring it is."""

    def __init__(self):
        self.parents = {}

    def __call__(self, parent):
        number = 100 + len(self.parents)
        self.parents[number] = parent
        return number


def test_the_modifier_has_the_protocol():
    assert isinstance(RefactorModifier(ModifierFactor()), Modifier)


def test_equal_source_and_generator_give_equal_proposals():
    for seed in range(5):
        assert propose(SOURCE, seed) == propose(dict(reversed(SOURCE.items())), seed)


def test_different_generators_give_different_proposals():
    assert len({str(propose(SOURCE, seed).edits) for seed in range(10)}) > 5


def test_a_proposal_makes_as_many_edits_as_asked_and_says_where():
    proposal = propose(SOURCE, edits=6)
    assert len(proposal.edits) == 6
    for edit in proposal.edits:
        assert edit.path in SOURCE
        assert edit.refactoring in {refactoring.name for refactoring in ALL}


def test_the_given_source_stays_as_it_is():
    source = dict(SOURCE)
    assert propose(source).source != SOURCE
    assert source == SOURCE


def test_where_nothing_applies_the_proposal_is_the_source():
    proposal = propose({"a.py": "x = 1\n"})
    assert proposal.source == {"a.py": "x = 1\n"}
    assert proposal.edits == ()


def test_with_copying_1_a_refactoring_is_made_where_nothing_can_be_copied():
    assert propose({"text.py": OTHER}, copying=1.0).edits


def test_with_copying_0_nothing_is_copied():
    numbers = Numbers()
    edits = [
        e.refactoring for seed in range(20) for e in propose(SOURCE, seed, copying=0, number=numbers).edits
    ]
    assert not any(name.startswith("copy_") for name in edits)
    assert numbers.parents == {}


def test_a_copied_guard_gets_the_number_that_offspring_gives():
    numbers = Numbers()
    proposal = propose(SOURCE, edits=1, copying=1.0, number=numbers)
    assert [edit.refactoring for edit in proposal.edits] == ["copy_function"]
    assert numbers.parents == {100: 7}
    assert guard_numbers(proposal.source["pkg/sums.py"]) == {7, 9, 100}


def test_every_guard_survives_a_long_lineage():
    numbers = Numbers()
    source = dict(SOURCE)
    for generation in range(12):
        source = dict(propose(source, generation, number=numbers).source)
    found = guard_numbers(source["pkg/sums.py"])
    assert found == {7, 9, *numbers.parents}
    assert "__fault__" not in materialise(source["pkg/sums.py"], found)


def test_frozen_names_are_never_renamed_and_keep_their_calls():
    names = frozenset(["result", "value", "shown", "_clip", "total", "values"])
    for seed in range(40):
        proposal = propose(SOURCE, seed, edits=1, copying=0.4, frozen=names)
        assert not {edit.refactoring for edit in proposal.edits} & {"rename_local", "copy_function"}


def test_untouched_code_keeps_its_bytes():
    odd = "x   =  [ 1,2 ,3]   # odd\n\n\n\nclass  A :\n\n   y=1;z  = 2\n\n"
    proposal = propose({"a.py": odd + OTHER}, edits=3)
    assert proposal.edits
    assert odd in proposal.source["a.py"]


def test_inserted_code_has_the_files_own_indentation():
    tabs = OTHER.replace("    ", "\t")
    for seed in range(15):
        text = propose({"a.py": tabs}, seed, edits=6).source["a.py"]
        assert not re.search(r"^\t* ", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("def f(:\n", "not parsed by LibCST"),
        ("def f():\n    return 1\nreturn 2\n", "does not compile"),
        ("x = 1\x00", "not parsed by LibCST"),
    ],
)
def test_a_file_that_cannot_be_read_is_left_alone_and_named(text, reason):
    proposal = propose({**SOURCE, "pkg/bad.py": text})
    assert list(proposal.skipped) == ["pkg/bad.py"]
    assert reason in proposal.skipped["pkg/bad.py"]
    assert proposal.source["pkg/bad.py"] == text
    assert proposal.edits


def test_refusals_are_counted_by_refactoring():
    source = {"a.py": "def f(a):\n    a.b()\n    c = a.d\n    e = c\n    return lambda: (c, e)\n"}
    refused = [propose(source, seed).refused for seed in range(10)]
    assert any(found.get("extract_function") for found in refused)


def test_files_that_have_to_do_with_one_that_reads_the_frames_of_others_are_left_alone():
    spy = "import sys\nfrom . import seen\n\n\ndef spy():\n    return sys._getframe(1).f_locals\n"
    user = "from pkg.spy import spy\n\n\ndef use(a):\n    b = a + 1\n    return spy(b)\n"
    above = "from . import user\n\n\ndef go(a):\n    b = a + 1\n    return user.use(b)\n"
    seen = "def show(a):\n    b = a + 1\n    return b\n"
    files = {"pkg/spy.py": spy, "pkg/user.py": user, "pkg/above.py": above, "pkg/seen.py": seen}
    for seed in range(5):
        proposal = propose({**SOURCE, **files}, seed)
        assert set(proposal.skipped) == set(files)
        assert {edit.path for edit in proposal.edits} <= set(SOURCE)
    assert "reads the variables of others" in proposal.skipped["pkg/above.py"]


def test_a_word_that_only_contains_one_that_reads_frames_is_harmless():
    assert propose({"a.py": OTHER.replace("shown", "self_code")}).edits


def test_every_result_compiles():
    for seed in range(10):
        for path, text in propose(SOURCE, seed, edits=8).source.items():
            compile(text, path, "exec")

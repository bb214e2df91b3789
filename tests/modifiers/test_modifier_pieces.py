"""A module read statement by statement is the module that LibCST reads, and no cache decides anything."""

import inspect
import json.decoder
import textwrap

import libcst as cst
import pytest
from program_grammar import program

from testbed.conditions import ModifierFactor
from testbed.modifiers import parts, pieces, project, view
from testbed.modifiers.graph import cyclic
from testbed.modifiers.project import Project
from testbed.modifiers.refactor import RefactorModifier
from testbed.modifiers.view import view_of
from testbed.seeds import stream

ODD = [
    "x = 1\n",
    "x = 1; y = 2\nz = 3\n",
    "# head\n\n# above\nx = 1\n\n\n# tail\n",
    "def f():\n    pass\n    # inside\n# outside\nx = 1\n",
    "pass\npass\n\npass\n",
    "x = 1",
    "if x:\n  y = 1\nelse:\n  y = 2\n",
    "def f():\n\treturn 1\n",
    "x = 1\r\ny = 2\r\n",
    '"""Doc."""\n\nfrom __future__ import annotations\n\nx: int = (\n    1\n)\n',
    "@d\n# between\ndef f(): return 1\nx = '''a\n    # no comment\nb'''\n",
    "",
    "# nothing\n",
]


def _texts():
    return [*ODD, inspect.getsource(json.decoder), inspect.getsource(textwrap), program(3)[0]]


@pytest.mark.parametrize("text", _texts())
def test_the_pieces_are_written_as_they_were_read(text):
    found = pieces.parsed(text)
    assert found.module.code == text
    assert pieces.code(found.module, found) == text
    assert len(found.pieces) == len(found.module.body)


@pytest.mark.parametrize("text", _texts())
def test_the_statements_are_those_of_the_whole_module(text):
    whole, found = cst.parse_module(text), pieces.parsed(text).module

    def shown(module):
        empty = cst.Module([])
        return [empty.code_for_node(s.with_changes(leading_lines=())).rstrip() for s in module.body]

    def code(module):
        return [line for statement in shown(module) for line in statement.splitlines()]

    # A comment may belong to the statement before it or to the one after it.
    bare = [[line for line in code(m) if line.strip()[:1] != "#"] for m in (whole, found)]
    assert bare[0] == bare[1]


def _forget():
    """Empties every cache."""
    for module in (parts, pieces, project, view):
        for value in vars(module).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()


def _proposed(source, seed):
    numbers = iter(range(1000, 2000))
    modifier = RefactorModifier(ModifierFactor(edits=5), frozenset())
    return modifier.propose(source, stream(seed, "cache"), lambda parent: next(numbers))


def test_proposals_are_the_same_with_cold_and_with_warm_caches():
    source = {"a.py": program(1)[0], "b.py": program(2)[0]}
    for seed in range(6):
        _forget()
        cold = _proposed(source, seed)
        assert _proposed(source, seed) == cold
        source = dict(cold.source)


def test_equal_statements_of_a_module_are_different_nodes():
    body = view_of("x = f(1)\nx = f(1)\n").module.body
    assert body[0] is not body[1]
    assert body[0].body[0] is not body[1].body[0]


def test_a_finding_holds_as_long_as_the_answers_that_it_rests_on():
    before = Project({"a.py": "def f():\n    g()\n\n\ndef g():\n    pass\n"})
    with before.noted() as answers:
        assert not before.recursive("f")
    assert before.holds(answers)
    assert Project({"a.py": "def f():\n    g()\n", "b.py": "x = 1\n"}).holds(answers)
    assert not Project({"a.py": "def f():\n    g()\n", "b.py": "def g():\n    f()\n"}).holds(answers)


def test_what_comes_back_to_itself_is_found():
    edges = {"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"d"}, "e": {"a", "unknown"}}
    assert cyclic(edges) == {"b", "c", "d"}
    assert cyclic({}) == frozenset()


def test_what_does_not_compile_is_told_by_its_parts_too():
    assert parts.compiles("x = 1\n\n\ndef f():\n    return 1\n")
    assert not parts.compiles("x = 1\nreturn 2\n")
    assert not parts.compiles("x = 1\nfrom __future__ import annotations\n")
    assert not parts.compiles("'''d'''\nx = 1\nfrom __future__ import annotations\ny = 1\n")
    assert parts.compiles("'''d'''\nfrom __future__ import annotations\ny = 1\n")
    assert not parts.compiles("x = (\n")

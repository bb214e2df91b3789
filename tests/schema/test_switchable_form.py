"""The switchable form: what goes in comes out again, to the byte."""

from __future__ import annotations

import ast
import csv
import heapq
import inspect
import textwrap
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from testbed.schema import (
    MalformedGuard,
    NotPlaceable,
    TextEdit,
    find_guards,
    guard,
    heal,
    insert,
    materialise,
    render,
    resolve,
    together,
)
from testbed.schema.text import SourceText

ON, OFF = frozenset({1}), frozenset[int]()


def edit(text: str, old: str, new: str) -> TextEdit:
    start = text.encode().index(old.encode())
    return TextEdit(start, start + len(old.encode()), new)


def seeded(text: str, old: str, new: str, number: int = 1) -> str:
    return insert(text, number, [edit(text, old, new)])


EXPRESSIONS = [
    ("def f(a, b):\n    return a < b  # why\n", "<", "<="),
    ("def f(a):\n    if a and (a or 1):\n        return 2\n", "or", "and"),
    ("x = [1,\n     2 + 3,\n     4]\n", "2", "9"),
    ("def f(*, k=1):\n    return 'é' * (k + 1)\n", "k + 1", "k - 1"),
    ("y = not(1 or 2)\n", "or", "and"),
    ("def f(g):\n    return g.find(1)\n", "find", "index"),
]
STATEMENTS = [
    ("def f(a):\n    a.append(1)\n    return a\n", "a.append(1)", ""),
    ("def f(a):\n    # first\n    a += 1  # inline\n    return a\n", "+=", "-="),
    ('def f(a):\n    if a:\n        s = """x\n  y\n"""\n        a.use(s)\n    return a\n', "a.use(s)", ""),
    ("def f(a):\n    for i in a:\n        if i:\n            continue\n        print(i)\n", "continue", ""),
    ("class C:\n\tdef f(self):\n\t\tself.x = 1\n\t\treturn self.x\n", "self.x = 1", "self.x = None"),
]


@pytest.mark.parametrize(("text", "old", "new"), EXPRESSIONS + STATEMENTS)
def test_a_fault_that_is_off_leaves_every_byte(text: str, old: str, new: str) -> None:
    switchable = seeded(text, old, new)
    assert switchable != text
    assert materialise(switchable, OFF) == text
    assert heal(switchable, ON) == text


@pytest.mark.parametrize(("text", "old", "new"), EXPRESSIONS + STATEMENTS)
def test_a_fault_that_is_on_is_the_edited_program(text: str, old: str, new: str) -> None:
    on = materialise(seeded(text, old, new), ON)
    assert "__fault__" not in on
    if new:
        assert ast.dump(ast.parse(on)) == ast.dump(ast.parse(text.replace(old, new, 1)))


def test_a_block_that_loses_its_only_statement_keeps_a_pass() -> None:
    text = "def f(a):\n    if a:\n        a.go()\n    return a\n"
    assert materialise(seeded(text, "a.go()", ""), ON) == "def f(a):\n    if a:\n        pass\n    return a\n"


def test_a_dropped_statement_leaves_no_pass_where_others_remain() -> None:
    text = "def f(a):\n    a.go()\n    return a\n"
    assert materialise(seeded(text, "a.go()", ""), ON) == "def f(a):\n    return a\n"


def test_parentheses_appear_only_where_the_place_needs_them() -> None:
    text = "def f(a, b):\n    return a * (b + 1 if __fault__(1) else b)\n"
    assert materialise(text, ON) == "def f(a, b):\n    return a * (b + 1)\n"
    assert materialise(text, OFF) == "def f(a, b):\n    return a * b\n"


def test_places_are_lines_of_the_materialised_source() -> None:
    text = "def f(a):\n    x = a\n    if a < 1:\n        x = 2\n    return x\n"
    both = insert(seeded(text, "x = 2", "x = 3", 1), 2, [edit(seeded(text, "x = 2", "x = 3", 1), "<", ">")])
    assert render(both, OFF).places == {1: ((4, 4),), 2: ((3, 3),)}


def test_one_of_two_guards_can_go() -> None:
    text = "def f(a):\n    x = a\n    if a < 1:\n        x = 2\n    return x\n"
    one = seeded(text, "<", "<=", 1)
    two = insert(one, 2, [edit(one, "x = 2", "x = 3")])
    assert heal(two, frozenset({2})) == one
    assert [guard.number for guard in find_guards(resolve(two, {1: True}))] == [2]


@pytest.mark.parametrize(
    ("text", "old", "new", "reason"),
    [
        ("def f():\n    x = 1\n    return x\n", "x = 1", "", "scope of x"),
        ("def f():\n    yield 1\n", "yield 1", "", "generator"),
        ("def f(a): return a + 1\n", "a + 1", "", "not an expression"),
        ("def f(a: int) -> int:\n    return a\n", "int", "str", "no expression or statement"),
        ("def f(a):\n    return a + 1\n", "1", "1 ", "same program"),
        ("def f(a):\r\n    return a + 1\r\n", "1", "2", "carriage"),
    ],
)
def test_what_no_guard_can_hold_exactly_is_refused(text: str, old: str, new: str, reason: str) -> None:
    with pytest.raises(NotPlaceable, match=reason):
        seeded(text, old, new)


def test_nothing_is_seeded_inside_a_guard() -> None:
    once = seeded("def f(a, b):\n    return a < b\n", "<", "<=")
    with pytest.raises(NotPlaceable, match="guard"):
        insert(once, 2, [edit(once, "a < b)", "a > b)")])


def test_a_guard_without_its_parentheses_is_malformed() -> None:
    with pytest.raises(MalformedGuard):
        find_guards("x = 1 if __fault__(1) else 2\n")


def _candidates(module: ModuleType) -> tuple[str, list[TextEdit]]:
    text = inspect.getsource(module)
    source = SourceText(text)
    edits: list[TextEdit] = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Compare):
            edits.append(TextEdit(source.span(node.left)[1], source.span(node.comparators[0])[0], " in "))
        elif isinstance(node, ast.Expr | ast.Assign | ast.Return | ast.If | ast.Raise):
            edits.append(TextEdit(*source.span(node), ""))
        elif isinstance(node, ast.Call):
            edits.append(TextEdit(*source.span(node), "None"))
    return text, edits


MODULES = [_candidates(module) for module in (textwrap, heapq, csv)]


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(MODULES), st.lists(st.integers(0, 10_000), min_size=1, max_size=6), st.data())
def test_many_faults_in_real_code_come_out_again(
    module: tuple[str, list[TextEdit]], picks: list[int], data: st.DataObject
) -> None:
    text, edits = module
    current, number = text, 0
    # From the end to the start, so that earlier offsets stay right.
    for chosen in sorted({edits[pick % len(edits)] for pick in picks}, key=lambda e: -e.start):
        try:
            current = insert(current, number + 1, [chosen])
        except (NotPlaceable, SyntaxError):
            continue
        number += 1
    assert materialise(current, OFF) == text
    on = frozenset(data.draw(st.sets(st.integers(1, max(number, 1)))))
    rendered = render(current, on)
    ast.parse(rendered.text)
    assert set(rendered.places) == set(range(1, number + 1))


@pytest.mark.parametrize(
    ("clean", "old", "new"),
    [
        ("x = a is None", "None", "not None"),  # `a is not None`, not `a is (not None)`
        ("x = a ** b", "a", "-a"),
        ("x = a * b + c", "a", "a + b"),
        ("x = a, b", "a, b", "None"),
        ("x = (a or b) and c", "a or b", "b"),
        ("x = a.real", "a", "1 + a"),
        ("x = 2 ** 2", "2 ** 2", "-2 ** 2"),
    ],
)
@pytest.mark.parametrize("alone", [True, False])
def test_switched_on_it_means_what_the_edited_text_means(clean: str, old: str, new: str, alone: bool) -> None:
    text = f"def f(a, b, c):\n    {clean}\n    return x\n"
    start = text.index(old, text.index("x ="))
    made = guard(text, 1, [TextEdit(start, start + len(old), new)], alone=alone)
    result = text[: made.start] + made.new + text[made.end :]
    wanted = text[:start] + new + text[start + len(old) :]
    assert ast.dump(ast.parse(materialise(result, frozenset({1})))) == ast.dump(ast.parse(wanted))
    assert together(text, result)


def test_guards_that_do_not_come_apart_are_not_together() -> None:
    text = "def f(a):\n    return a\n"
    assert not together(text, "def f(a):\n    return (b if __fault__(1) else c)\n")
    assert not together(text, "def f(a):\n    return b if __fault__(1) else a\n")

"""The safe interpreter: where it says anything, it says what Python says."""

from __future__ import annotations

import ast
import sys
import types
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from testbed.worker.interpret import Interpreter
from testbed.worker.lookup import Undecided

ATOMS = st.sampled_from(
    [
        "a",
        "b",
        "c",
        "s",
        "t",
        "xs",
        "d",
        "o.n",
        "o.xs",
        "0",
        "1",
        "-2",
        "2.5",
        "'ab'",
        "None",
        "True",
        "(1, 'a')",
    ]
)
BINARY = ["+", "-", "*", "/", "//", "%", "**", "<<", ">>", "&", "|", "^"]
COMPARISONS = ["==", "!=", "<", "<=", ">", ">=", "in", "not in", "is", "is not"]
FUNCTIONS = ["len", "abs", "int", "float", "bool", "str", "min", "max", "sorted", "range"]


def _grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, st.sampled_from(BINARY), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(inner, st.sampled_from(COMPARISONS), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(st.sampled_from(["not ", "-", "+", "~"]), inner).map(lambda t: f"({t[0]}{t[1]})"),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})"),
        st.tuples(inner, inner).map(lambda t: f"{t[0]}[{t[1]}]" if t[0][0] in "axsdto(" else t[0]),
        st.tuples(st.sampled_from(FUNCTIONS), inner).map(lambda t: f"{t[0]}({t[1]})"),
        st.tuples(st.sampled_from(["s", "xs", "t"]), inner).map(lambda t: f"{t[0]}[{t[1]}:]"),
        st.tuples(inner, st.sampled_from(["int", "str", "(int, float)"])).map(
            lambda t: f"isinstance({t[0]}, {t[1]})"
        ),
    )


EXPRESSIONS = st.recursive(ATOMS, _grow, max_leaves=5)


class Thing:
    def __init__(self) -> None:
        self.n, self.xs = 3, [1, 2]


def in_a_frame(text: str) -> tuple[Any, Any]:
    """(what the interpreter says, what Python says where the interpreter says anything)."""

    def body(a: int, b: int, c: float, s: str, t: tuple[int, ...], xs: list[int], d: Any, o: Thing) -> Any:
        frame = sys._getframe()
        interpreted = outcome(lambda: interpret(text, frame))
        if interpreted is Undecided:
            return Undecided, None
        return interpreted, outcome(lambda: eval(text, globals(), dict(frame.f_locals)))

    return body(3, 0, 1.5, "ab", (1, 2), [3, 4], {1: "x", "a": 2}, Thing())  # type: ignore[no-any-return]


def interpret(text: str, frame: types.FrameType) -> Any:
    return Interpreter(frame).value(ast.parse(text, mode="eval").body)


def outcome(compute: Any) -> Any:
    try:
        value = compute()
    except Undecided:
        return Undecided
    except Exception as trouble:
        return type(trouble)
    return type(value), repr(value)


@given(EXPRESSIONS)
@settings(max_examples=400, deadline=None)
@pytest.mark.filterwarnings("ignore")
def test_what_is_decided_is_what_python_says(text: str) -> None:
    interpreted, evaluated = in_a_frame(text)
    assert interpreted in (evaluated, Undecided)


DECIDED = """
a + 1; a < 2 < b; s[0]; xs[-1]; d['a']; len(xs) > 1; o.n + 1; min(xs); max(a, b); a in t; s[1:]; a // b
(1 if a else 2); isinstance(a, int); range(3)[1]; o.xs[0]; sorted(xs)[0]; a is None; a in [1, 3]; -c
s * 2; (a, b); not xs
"""
UNDECIDED = """
s.upper(); xs + xs; 10 ** 10 ** 10; 1 << 10 ** 9; 'a' * 10 ** 9; '%999999999d' % 1; [a]; f''; {a: b}
lambda: a; [x for x in xs]; print(a); len(o); o.__class__; ~True; len(xs, xs); o + 1; sorted([o])
isinstance(o, __import__); min(key=a); xs[o]; o == o; xs == xs; (z := a); (*xs, a)
"""


def each(texts: str) -> list[str]:
    return [text.strip() for text in texts.replace("\n", ";").split(";") if text.strip()]


@pytest.mark.parametrize("text", each(DECIDED))
def test_the_usual_expressions_are_decided(text: str) -> None:
    interpreted, evaluated = in_a_frame(text)
    assert interpreted == evaluated


@pytest.mark.parametrize("text", each(UNDECIDED))
def test_what_may_have_effects_or_take_long_is_undecided(text: str) -> None:
    assert in_a_frame(text)[0] is Undecided


class Guarded:
    """Everything here says so when it is called."""

    plain = 5

    def __init__(self) -> None:
        self.value = 1

    @property
    def computed(self) -> int:
        raise AssertionError

    def method(self) -> int:
        raise AssertionError

    def __bool__(self) -> bool:
        raise AssertionError

    def __eq__(self, other: object) -> bool:
        raise AssertionError

    __hash__ = None  # type: ignore[assignment]


class Dynamic:
    def __getattr__(self, name: str) -> int:
        raise AssertionError(name)


class Overridden:
    def __getattribute__(self, name: str) -> int:
        raise AssertionError(name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("g.value", 1),
        ("g.plain", 5),
        ("G.plain", 5),
        ("g.computed", Undecided),
        ("g.method", Undecided),
        ("g.missing", AttributeError),
        ("dynamic.anything", Undecided),
        ("overridden.anything", Undecided),
        ("not g", Undecided),
        ("g == 1", Undecided),
        ("g is g", True),
        ("1 in [g]", Undecided),
        ("g and 1", Undecided),
        ("module.maxsize", sys.maxsize),
        ("module.nothing", Undecided),
    ],
)
def test_nothing_of_the_program_runs(text: str, expected: Any) -> None:
    def body(g: Any, dynamic: Any, overridden: Any, module: Any, G: Any) -> Any:
        frame = sys._getframe()
        try:
            return interpret(text, frame)
        except (Undecided, AttributeError) as trouble:
            return type(trouble)

    assert body(Guarded(), Dynamic(), Overridden(), sys, Guarded) == expected

"""Outcomes as canonical text: equal exactly where values and types are equal all the way down."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import itertools
import math
import operator
from typing import Any, ClassVar, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testbed.worker.encode import digest_of, encode

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from([0.0, -0.0, 1.0, math.nan, math.inf]),
    st.sampled_from(["", "1", "a"]),
    st.sampled_from([b"", b"1"]),
)
HASHABLE = st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from(["", "1", "a"]))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(HASHABLE, inner, max_size=3),
        st.frozensets(HASHABLE, max_size=3),
    ),
    max_leaves=6,
)


def alike(a: Any, b: Any) -> bool:
    if type(a) is not type(b):
        return False
    if isinstance(a, float):
        return (math.isnan(a) and math.isnan(b)) or (a == b and math.copysign(1, a) == math.copysign(1, b))
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(alike, a, b))
    if isinstance(a, dict):
        return alike(list(a.items()), list(b.items()))
    if isinstance(a, frozenset):
        kinds = [sorted((type(member).__name__, repr(member)) for member in members) for members in (a, b)]
        return kinds[0] == kinds[1]
    return bool(a == b)


@given(VALUES, VALUES)
def test_texts_are_equal_exactly_where_values_and_types_are(a: Any, b: Any) -> None:
    assert (encode(a) == encode(b)) is alike(a, b)


@given(VALUES)
def test_encoding_is_stable(value: Any) -> None:
    assert encode(value) == encode(value)


class Point:
    def __init__(self, x: Any) -> None:
        self.x = x


class Slotted:
    __slots__ = ("a", "b")


class Lying:
    def __init__(self, x: int) -> None:
        self.x = x

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        raise AssertionError("nothing of the program is called")

    def __getattribute__(self, name: str) -> Any:
        raise AssertionError("nothing of the program is called")


class Number(int):
    def __int__(self) -> int:
        raise AssertionError("nothing of the program is called")


class Named(NamedTuple):
    x: int


class Color(enum.Enum):
    RED = 1


@dataclasses.dataclass
class Data:
    x: int
    kind: ClassVar[int] = 3


def _slotted(a: int) -> Slotted:
    made = Slotted()
    made.a = a
    return made


HERE = __name__


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Point([1]), f"{HERE}.Point(x=[1])"),
        (_slotted(1), f"{HERE}.Slotted(a=1)"),
        (Data(1), f"{HERE}.Data(x=1)"),
        (Number(3), f"{HERE}.Number(3)"),
        (Named(1), f"{HERE}.Named((1,))"),
        (Color.RED, f"{HERE}.Color.RED"),
        (ValueError("x"), "<ValueError>"),
        ([KeyError], "[<class KeyError>]"),
        (operator.add, "<function _operator.add>"),
        (Point, f"<class {HERE}.Point>"),
        (iter([1, 2]), "list_iterator[1, 2]"),
        ((n for n in (1, 2)), "generator[1, 2]"),
        (itertools.count(1), None),
        (collections.OrderedDict(a=1), "collections.OrderedDict({'a': 1})"),
        (collections.deque([1], 3), "deque([1], 3)"),
        (decimal.Decimal("1.0"), "decimal.Decimal(Decimal('1.0'))"),
        (datetime.date(2020, 1, 1), "datetime.date(datetime.date(2020, 1, 1))"),
        (fractions.Fraction(1, 2), "fractions.Fraction(_denominator=2, _numerator=1)"),
        (math, "<module math>"),
        (range(3), "range(0, 3)"),
        (b"x", "b'x'"),
        ({3, 1}, "set(1, 3)"),
        (object(), "object()"),
    ],
)
def test_objects_are_told_by_type_and_state(value: Any, text: str | None) -> None:
    if text is None:
        assert encode(value).endswith("<...>]")
    else:
        assert encode(value) == text


def test_an_iterator_that_raises_tells_how_far_it_came() -> None:
    assert encode(1 // n for n in (1, 0)) == "generator[1, raises ZeroDivisionError]"


def test_cycles_end() -> None:
    value: list[Any] = [1]
    value.append(value)
    assert encode(value) == "[1, <cycle 1>]"
    assert encode(value) != encode([1, [1, value]])


def test_nothing_of_an_object_s_class_is_called() -> None:
    assert encode(Lying(3)) == f"{HERE}.Lying(x=3)"


def test_values_that_differ_in_one_attribute_differ() -> None:
    assert encode(Lying(1)) != encode(Lying(2))
    assert encode(Point(1)) != encode(Point(True))


def test_deep_and_large_values_are_cut_off() -> None:
    deep: list[Any] = []
    for _ in range(10_000):
        deep = [deep]
    assert len(encode(deep)) < 200
    assert len(encode([0] * 1_000_000)) < 10_000_000
    assert len(encode(10**10_000)) < 10_000


def test_a_digest_is_sixteen_hexadecimal_digits_also_of_lone_surrogates() -> None:
    assert len(digest_of(encode("\ud800"))) == 16
    assert digest_of("a") != digest_of("b")

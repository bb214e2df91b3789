"""Recorded calls: packed, unpacked, and perturbed."""

from __future__ import annotations

import json
import math
import operator
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testbed.worker.differential import parse, resolve
from testbed.worker.encode import encode
from testbed.worker.perturb import perturb, recorded_call
from testbed.worker.plain import NotPlain, Packer, address_of, unpack

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.binary(max_size=5)
)
KEYS = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=3))
PLAIN = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(KEYS, inner, max_size=4),
        st.sets(KEYS, max_size=4),
        st.frozensets(KEYS, max_size=4),
    ),
    max_leaves=8,
)


def no_functions(_: Any) -> None:
    return None


def packed(value: Any) -> Any:
    return json.loads(json.dumps(Packer(no_functions).pack(value)))


@given(PLAIN)
def test_plain_data_survives_with_its_types(value: Any) -> None:
    assert encode(unpack(packed(value), resolve)) == encode(value)


@given(PLAIN)
def test_equal_data_packs_equally(value: Any) -> None:
    assert json.dumps(packed(value)) == json.dumps(packed(unpack(packed(value), resolve)))


@pytest.mark.parametrize(
    "value", [object(), [object()], len, "x" * 3_000, list(range(300)), 1 << 300, {1: ...}]
)
def test_what_is_not_plain_or_too_large_is_refused(value: Any) -> None:
    with pytest.raises(NotPlain):
        Packer(no_functions).pack(value)


@pytest.mark.parametrize("function", [len, abs, operator.add, math.sqrt, ValueError, no_functions])
def test_importable_functions_travel_by_address(function: Any) -> None:
    packer = Packer(lambda value: address_of(value, lambda module: module == __name__))
    assert unpack(packer.pack([function]), resolve) == [function]


@pytest.mark.parametrize("value", [lambda: 1, "x".upper, random.Random().random, json.dumps])
def test_other_functions_have_no_address(value: Any) -> None:
    address = address_of(value, lambda module: False)
    assert address is None


@given(
    st.tuples(st.lists(PLAIN, max_size=3).map(tuple), st.dictionaries(st.text(max_size=3), PLAIN)),
    st.integers(),
)
def test_perturbing_is_deterministic_and_leaves_the_call_alone(call: Any, seed: int) -> None:
    before = encode(call)
    one, other = perturb(call, random.Random(seed)), perturb(call, random.Random(seed))
    assert encode(one) == encode(other)
    assert encode(call) == before
    assert len(one[0]) == len(call[0])
    assert list(one[1]) == list(call[1])


def test_perturbing_reaches_neighbours_and_the_empty_value() -> None:
    found = {encode(perturb(((5, [1, 2]), {}), random.Random(seed))[0]) for seed in range(200)}
    expected = {"(4, [1, 2],)", "(6, [1, 2],)", "(0, [1, 2],)", "(-5, [1, 2],)", "(5, [],)", "(5, [2, 1],)"}
    assert expected <= found


def test_a_recorded_call_is_mostly_changed_and_sometimes_not() -> None:
    generate, call = recorded_call(resolve, "operator:add", ['[{"t":[{"i":"1"},{"i":"2"}]},{"d":[]}]'])
    inputs = [generate(random.Random(seed)) for seed in range(100)]
    assert call(((1, 2), {})) == 3
    assert 20 < sum(value == ((1, 2), {}) for value in inputs) < 70


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("diff:a#1", ("a", 1)),
        ("diff:m:f#12", ("m:f", 12)),
        ("diff:a#b#1", ("a#b", 1)),
        ("diff:a", None),
        ("diff:a#", None),
        ("diff:a#-1", None),
        ("tests/a.py::b", None),
        ("x#1", None),
    ],
)
def test_an_input_is_named_by_entry_and_seed(test: str, expected: tuple[str, int] | None) -> None:
    assert parse(test) == expected

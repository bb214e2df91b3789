"""Inputs made from recorded calls: one of them, often changed a little."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from typing import Any

from .plain import unpack

_CHANGED = 0.6


def recorded_call(
    resolve: Callable[[str], Any], address: str, calls: Sequence[str]
) -> tuple[Callable[[random.Random], Any], Callable[[Any], Any]]:
    """(generate, call) for the recorded calls of one function."""
    function = resolve(address)
    if not calls:
        raise ValueError("no recorded calls")

    def generate(rng: random.Random) -> Any:
        args, kwargs = unpack(json.loads(rng.choice(calls)), resolve)
        if rng.random() < _CHANGED:
            args, kwargs = perturb((args, kwargs), rng)
        return args, kwargs

    return generate, lambda value: function(*value[0], **value[1])


def perturb(call: Any, rng: random.Random) -> Any:
    """The call's (args, kwargs) with one argument, or a part of it, changed."""
    args, kwargs = list(call[0]), dict(call[1])
    places = len(args) + len(kwargs)
    if places == 0:
        return tuple(args), kwargs
    place = rng.randrange(places)
    if place < len(args):
        args[place] = _changed(args[place], rng)
    else:
        name = list(kwargs)[place - len(args)]
        kwargs[name] = _changed(kwargs[name], rng)
    return tuple(args), kwargs


def _changed(value: Any, rng: random.Random) -> Any:
    change = _CHANGES.get(type(value))
    return value if change is None else change(value, rng)


def _number(value: Any, rng: random.Random) -> Any:
    return rng.choice([value + 1, value - 1, type(value)(0), -value])


def _text(value: Any, rng: random.Random) -> Any:
    empty = value[:0]
    if not value:
        return empty + (b"a" if isinstance(value, bytes) else "a")
    at = rng.randrange(len(value))
    other = rng.choice(["a", "Z", "0", " ", "-", "."])
    new = other.encode() if isinstance(value, bytes) else other
    piece = value[at : at + 1]
    choices = [new + value[at + 1 :], value[at + 1 :], piece + value[at:]]
    return rng.choice([empty, *(value[:at] + choice for choice in choices)])


def _sequence(value: Any, rng: random.Random) -> Any:
    items = list(value)
    if not items:
        return value
    at, other = rng.randrange(len(items)), rng.randrange(len(items))
    kind = rng.randrange(5)
    if kind == 0:
        items = []
    elif kind == 1:
        del items[at]
    elif kind == 2:
        items.insert(at, items[at])
    elif kind == 3:
        items[at], items[other] = items[other], items[at]
    else:
        items[at] = _changed(items[at], rng)
    return type(value)(items)


def _mapping(value: Any, rng: random.Random) -> Any:
    if not value:
        return value
    key = rng.choice(list(value))
    kind = rng.randrange(3)
    if kind == 0:
        return {}
    if kind == 1:
        return {other: item for other, item in value.items() if other != key}
    return {**value, key: _changed(value[key], rng)}


def _members(value: Any, rng: random.Random) -> Any:
    items = sorted(value, key=repr)
    return type(value)(_sequence(items, rng)) if items else value


_CHANGES: dict[type, Callable[[Any, random.Random], Any]] = {
    bool: lambda value, rng: not value,
    int: _number,
    float: _number,
    str: _text,
    bytes: _text,
    list: _sequence,
    tuple: _sequence,
    dict: _mapping,
    set: _members,
    frozenset: _members,
}

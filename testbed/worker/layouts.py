"""Whether this interpreter keeps its containers as `memory` reads them: each layout is tried once.

A trial changes a container in every way there is, by the interpreter's own quick paths too, and has to
see each change, and none where nothing was changed. What fails it is never looked at in memory.
"""

from __future__ import annotations

import ctypes
import functools
import sys
from collections.abc import Callable, Sequence
from typing import Any

from . import memory
from .contents import dict_behind
from .memory import WORD, Memory, Spot, word

_LARGEST = 100_000  # bytes: more of them may lie where the system can take them back
_Change = Callable[[Any], object]


def spot_of_list(value: list[Any]) -> Spot | None:
    """Where a list keeps its items; None where that is not known, as in all that follow."""
    return memory.of_list(value) if _lists() else None


def spot_of_set(value: set[Any]) -> Spot | None:
    """Where a set keeps its items."""
    return memory.of_set(value) if _sets() else None


def spot_of_cell(value: Any) -> Spot | None:
    """Where a cell keeps what it refers to."""
    return memory.of_cell(value) if _cells() else None


def spot_of_dict(value: dict[Any, Any]) -> Spot | None:
    """Where a dict keeps its keys and values, or their version."""
    if _versions():
        return memory.of_version(value)
    spot = memory.of_entries(value) if _entries() else None
    return spot if spot is not None and memory.size(spot) < _LARGEST else None


def spot_of_names(names: Any) -> Spot | None:
    """Where a module or a class keeps its names, given what `vars` says of it."""
    inside = dict_behind(names)
    return None if inside is None else spot_of_dict(inside)


def spot_of_reference(value: Any, held: Any) -> Spot | None:
    """Where an object keeps its reference to `held`."""
    return memory.of_reference(value, held) if _is_plain() else None


@functools.cache
def _is_plain() -> bool:
    """Whether objects begin with a count of one word and then their class."""
    return (
        sys.implementation.name == "cpython"
        and sys.version_info < (3, 14)
        and ctypes.sizeof(ctypes.c_void_p) == WORD
        and all(word(id(each) + WORD) == id(type(each)) for each in _OF_ALL_KINDS)
    )


@functools.cache
def _lists() -> bool:
    return _is_plain() and _shows([], memory.of_list, _OF_LIST)


@functools.cache
def _sets() -> bool:
    return _is_plain() and _shows(set(), memory.of_set, _OF_SET)


@functools.cache
def _cells() -> bool:
    return _is_plain() and _shows(_cell(), memory.of_cell, _OF_CELL)


@functools.cache
def _versions() -> bool:
    return _is_plain() and sys.version_info < (3, 13) and _dicts_show(memory.of_version)


@functools.cache
def _entries() -> bool:
    return _is_plain() and sys.version_info >= (3, 13) and _dicts_show(memory.of_entries)


def _dicts_show(spot: Callable[[dict[Any, Any]], Spot]) -> bool:
    def of_attributes(value: Any) -> Spot:
        return spot(vars(value))

    return (
        _shows({}, spot, _OF_DICT)
        and _shows(_Held(), of_attributes, _OF_ATTRIBUTES)
        and _shows({"__builtins__": {}}, spot, _OF_NAMES)
    )


def _shows(value: Any, spot: Callable[[Any], Spot], changes: Sequence[_Change]) -> bool:
    looked = Memory([spot(value)])
    for change in changes:
        repr(value)
        if looked.differing():
            return False
        change(value)
        if looked.differing() != [0]:
            return False
        looked.take([0])
    return True


class _Held:
    """Its attributes lie in its dict."""


def _cell() -> Any:
    inside = object()
    return (lambda: inside).__closure__[0]  # type: ignore[index]


def _refers(cell: Any) -> None:
    cell.cell_contents = object()


def _sets_attribute(held: Any) -> None:
    held.first = object()


def _sets_another(held: Any) -> None:
    held.second = object()


_GLOBAL = compile("name = list()", "trial", "exec")
_ONE, _TWO = object(), object()
_OF_ALL_KINDS: list[Any] = [[], {}, set(), 1.5, _sets_attribute, _Held, _Held()]
_OFTEN = 40  # by then the interpreter takes its quick path

_OF_LIST: list[_Change] = [
    *[lambda value: value.append(object())] * 20,
    lambda value: value.__setitem__(3, object()),
    lambda value: value.reverse(),
    lambda value: value.pop(),
    lambda value: value.insert(0, None),
    lambda value: value.__delitem__(slice(2, 5)),
    lambda value: value.__setitem__(slice(None), [object()] * 7),
    lambda value: value.clear(),
]
_OF_SET: list[_Change] = [
    *[lambda value: value.add(object())] * 20,
    lambda value: value.pop(),
    lambda value: value.add(_ONE),
    lambda value: value.discard(_ONE),
    lambda value: value.clear(),
    lambda value: value.update((_ONE, _TWO)),
    lambda value: value.symmetric_difference_update((_ONE, object())),
]
_OF_CELL: list[_Change] = [_refers, _refers, lambda cell: cell.__delattr__("cell_contents"), _refers]
_OF_DICT: list[_Change] = [
    lambda value: value.__setitem__("a", _ONE),
    lambda value: value.__setitem__("a", _TWO),
    lambda value: value.setdefault("b", _ONE),
    lambda value: value.__setitem__("a", value.pop("a")),
    lambda value: value.__setitem__(1, _ONE),
    lambda value: value.update({"a": _ONE, 1: _TWO}),
    lambda value: value.popitem(),
    lambda value: value.__delitem__("b"),
    lambda value: value.clear(),
    *[lambda value: value.__setitem__(object(), _ONE)] * 20,
    *[lambda value: value.__setitem__(next(iter(value)), object())] * _OFTEN,
]
_OF_ATTRIBUTES: list[_Change] = [
    _sets_attribute,
    _sets_another,
    *[_sets_attribute] * _OFTEN,
    *[_sets_another] * _OFTEN,
    lambda value: value.__delattr__("first"),
    _sets_attribute,
    lambda value: value.__dict__.__setitem__("second", object()),
    lambda value: value.__dict__.__setitem__("third", object()),
    lambda value: value.__dict__.clear(),
    _sets_attribute,
]
_OF_NAMES: list[_Change] = [
    lambda value: value.__setitem__("list", object),
    *[lambda value: exec(_GLOBAL, value)] * _OFTEN,
    lambda value: exec("del name", value),
]

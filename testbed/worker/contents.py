"""What is in the containers that a world is made of, and how it is put back there."""

from __future__ import annotations

import collections
import gc
import types
from collections.abc import Callable
from typing import Any

Content = Callable[[Any], "list[Any]"]
_SLOTS: dict[int, tuple[type, list[Any]]] = {}  # by the id of the class: its own hash may be anything


def dict_behind(names: Any) -> dict[Any, Any] | None:
    """The dict that a module or a class keeps its names in, given what `vars` says of it."""
    inside: list[Any] = [names] if type(names) is dict else gc.get_referents(names)
    return inside[0] if len(inside) == 1 and type(inside[0]) is dict else None


def of_dict(value: dict[Any, Any]) -> list[Any]:
    """Its keys, then its values."""
    return [*dict.keys(value), *dict.values(value)]


def of_class(cls: type) -> list[Any]:
    """Its names, then what they stand for."""
    return [*vars(cls).keys(), *vars(cls).values()]


def of_cell(cell: Any) -> list[Any]:
    """What it holds; nothing where it is empty."""
    try:
        return [cell.cell_contents]
    except ValueError:
        return []


def of_signature(signature: Any) -> list[Any]:
    """The default values."""
    return [each.default for each in signature.parameters.values()]


def of_slots(value: Any) -> list[Any]:
    """What is in them, in the order of the classes; for an empty one its descriptor."""
    return [inside for _name, inside in named_slots(value)]


def named_slots(value: Any) -> list[tuple[str, Any]]:
    """The same with the slots' names."""
    found = []
    for slot in _slots(type(value)):
        try:
            found.append((slot.__name__, slot.__get__(value)))
        except AttributeError:
            found.append((slot.__name__, slot))
    return found


def _slots(kind: type) -> list[Any]:
    known = _SLOTS.get(id(kind))
    if known is None:
        members = [each for base in kind.__mro__ for each in vars(base).values()]
        slots = [each for each in members if type(each) is types.MemberDescriptorType]
        known = _SLOTS[id(kind)] = (kind, slots)
    return known[1]


CONTENTS: dict[type, Content] = {
    collections.OrderedDict: lambda value: list(collections.OrderedDict.keys(value)),
    dict: of_dict,
    list: lambda value: [*list.__iter__(value)],
    set: lambda value: [*set.__iter__(value)],
    collections.deque: lambda value: [*collections.deque.__iter__(value)],
    bytearray: lambda value: [*bytearray.__iter__(value)],
    tuple: lambda value: [*tuple.__iter__(value)],
    frozenset: lambda value: [*frozenset.__iter__(value)],
}


def _dict_again(names: dict[Any, Any], values: list[Any]) -> None:
    half = len(values) // 2
    names.clear()
    names.update(zip(values[:half], values[half:]))


def _list_again(items: list[Any], values: list[Any]) -> None:
    items[:] = values


def _cell_again(cell: Any, values: list[Any]) -> None:
    if values:
        cell.cell_contents = values[0]
    else:
        del cell.cell_contents


PUT_BACK: dict[type, Callable[[Any, list[Any]], None]] = {
    dict: _dict_again,
    list: _list_again,
    types.CellType: _cell_again,
}
PLAIN = (object, collections.defaultdict, int, str, bytes, float, complex)

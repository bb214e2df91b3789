"""Attributes and truth of objects, found without running anything of their classes."""

from __future__ import annotations

import types
from typing import Any

_MISSING = object()
_PLAIN_TRUTH = (int, float, bool, str, bytes, complex, list, tuple, dict, set, frozenset, range, type(None))


class Undecided(Exception):
    """It cannot be known without running code of the program."""


def truth(value: Any) -> bool:
    """The truth value. Raises Undecided where a method of the program's would decide."""
    if type(value) in _PLAIN_TRUTH:
        return bool(value)
    if any("__bool__" in vars(base) or "__len__" in vars(base) for base in type(value).__mro__):
        raise Undecided
    return True


def attribute(value: Any, name: str) -> Any:
    """A plain attribute: of an instance, in a slot, of a module, or a plain value of a class.

    Raises Undecided for what is computed, AttributeError for what is not there.
    """
    if name.startswith("__"):
        raise Undecided
    if types.ModuleType in type(value).__mro__:
        return _of_module(value, name)
    if type(value) is type:
        return _of_class(value, name)
    return _of_instance(value, name)


def _of_module(module: types.ModuleType, name: str) -> Any:
    if type(module) is not types.ModuleType or name not in vars(module):
        raise Undecided
    return vars(module)[name]


def _in_classes(classes: tuple[type, ...], name: str) -> Any:
    for cls in classes:
        if name in vars(cls):
            return vars(cls)[name]
    return _MISSING


def _is_descriptor(value: Any) -> bool:
    return _in_classes(type(value).__mro__, "__get__") is not _MISSING


def _of_class(cls: type, name: str) -> Any:
    found = _in_classes(cls.__mro__, name)
    if found is _MISSING or name in vars(type) or _is_descriptor(found):
        raise Undecided
    return found


def _of_instance(value: Any, name: str) -> Any:
    classes = type(value).__mro__
    if _in_classes(classes, "__getattribute__") is not object.__getattribute__:
        raise Undecided
    in_class = _in_classes(classes, name)
    if type(in_class) is types.MemberDescriptorType:
        return _in_slot(in_class, value, classes)
    if in_class is not _MISSING and _is_descriptor(in_class):
        raise Undecided
    own = _own(value, classes)
    if name in own:
        return own[name]
    if in_class is not _MISSING:
        return in_class
    if _in_classes(classes, "__getattr__") is not _MISSING:
        raise Undecided
    raise AttributeError(name)


def _in_slot(slot: types.MemberDescriptorType, value: Any, classes: tuple[type, ...]) -> Any:
    if _in_classes(classes, "__getattr__") is not _MISSING:
        raise Undecided
    return slot.__get__(value)


def _own(value: Any, classes: tuple[type, ...]) -> dict[str, Any]:
    getter = _in_classes(classes, "__dict__")
    if getter is _MISSING:
        return {}
    if type(getter) is not types.GetSetDescriptorType:
        raise Undecided
    own = getter.__get__(value)
    return own if type(own) is dict else {}

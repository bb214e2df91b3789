"""What a call did, as canonical text: equal texts mean equal values of equal types, all the way down.

Nothing of the program under test is called to encode a value, except that iterators are consumed.
"""

from __future__ import annotations

import enum
import hashlib
import itertools
import types
from collections import deque
from collections.abc import Callable
from io import IOBase
from typing import Any

from .words import type_name

_DEEPEST = 24
_MOST_NODES = 20_000
_MOST_ITEMS = 1_000
_LONGEST = 100_000
_BY_REPR = {
    "datetime": ("datetime", "date", "time", "timedelta", "timezone"),
    "decimal": ("Decimal",),
    "uuid": ("UUID",),
    "pathlib": ("PosixPath", "PurePosixPath", "PureWindowsPath"),
    "pathlib._local": ("PosixPath", "PurePosixPath", "PureWindowsPath"),
}


def digest_of(text: str) -> str:
    """Sixteen hexadecimal digits of the text's SHA-256."""
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:16]


def encode(value: Any) -> str:
    """The canonical text of a value."""
    return _Encoder().encode(value, 0)


def _integer(value: int) -> str:
    return repr(value) if value.bit_length() < 2_000 else hex(value)


def _quoted(value: Any) -> str:
    if len(value) <= _LONGEST:
        return repr(value)
    return f"{value[:100]!r}...{len(value)}:{digest_of(repr(value))}"


class _Encoder:
    def __init__(self) -> None:
        self._nodes = 0
        self._path: list[int] = []

    def encode(self, value: Any, depth: int) -> str:
        self._nodes += 1
        if depth > _DEEPEST or self._nodes > _MOST_NODES:
            return "<...>"
        simple = _SIMPLE.get(type(value))
        if simple is not None:
            return simple(value)
        if id(value) in self._path:
            return f"<cycle {len(self._path) - self._path.index(id(value))}>"
        self._path.append(id(value))
        try:
            return self._compound(value, depth + 1)
        finally:
            self._path.pop()

    def _compound(self, value: Any, depth: int) -> str:
        cls = type(value)
        builtin = _CONTAINERS.get(cls)
        if builtin is not None:
            return builtin(self, value, depth)
        for base, encoded in _KINDS.items():
            if base in cls.__mro__:
                return encoded(value)
        if cls.__name__ in _BY_REPR.get(cls.__module__, ()):
            return f"{type_name(cls)}({value!r})"
        if _is_iterator(cls):
            return self._consumed(value, depth)
        return self._object(value, depth)

    def _items(self, values: Any, depth: int) -> str:
        return ", ".join(self.encode(value, depth) for value in values)

    def _list(self, value: Any, depth: int) -> str:
        return f"[{self._items(list.__iter__(value), depth)}]"

    def _tuple(self, value: Any, depth: int) -> str:
        return f"({self._items(tuple.__iter__(value), depth)},)"

    def _dict(self, value: Any, depth: int) -> str:
        pairs = (f"{self.encode(k, depth)}: {self.encode(v, depth)}" for k, v in dict.items(value))
        return "{" + ", ".join(pairs) + "}"

    def _set(self, value: Any, depth: int) -> str:
        members = set.__iter__(value) if set in type(value).__mro__ else frozenset.__iter__(value)
        return f"{type(value).__name__}({', '.join(sorted(self.encode(v, depth) for v in members))})"

    def _deque(self, value: Any, depth: int) -> str:
        return f"deque([{self._items(deque.__iter__(value), depth)}], {value.maxlen})"

    def _consumed(self, value: Any, depth: int) -> str:
        parts: list[str] = []
        try:
            for item in itertools.islice(value, _MOST_ITEMS):
                parts.append(self.encode(item, depth))
            if len(parts) == _MOST_ITEMS:
                parts.append("<...>")
        except Exception as trouble:
            parts.append(f"raises {type_name(type(trouble))}")
        return f"{type_name(type(value))}[{', '.join(parts)}]"

    def _object(self, value: Any, depth: int) -> str:
        cls = type(value)
        parts = [] if (base := self._base(value, depth)) is None else [base]
        for name, attribute in sorted(_state(value).items()):
            parts.append(f"{name}={self.encode(attribute, depth)}")
        return f"{type_name(cls)}({', '.join(parts)})"

    def _base(self, value: Any, depth: int) -> Any:
        """What a subclass of a builtin holds as that builtin; None for any other object."""
        bases = type(value).__mro__
        for base, simple in _SIMPLE_BASES.items():
            if base in bases:
                return simple(value)
        for base, compound in _CONTAINERS.items():
            if base in bases:
                return compound(self, value, depth)
        return None


def _is_iterator(cls: type) -> bool:
    return IOBase not in cls.__mro__ and all(
        any(name in vars(base) for base in cls.__mro__) for name in ("__iter__", "__next__")
    )


def _function(value: Any) -> str:
    module = getattr(value, "__module__", None) or ""
    return f"<function {module}.{getattr(value, '__qualname__', '?')}>"


def _state(value: Any) -> dict[str, Any]:
    """An object's attributes, read without running anything of its class."""
    state: dict[str, Any] = {}
    for cls in reversed(type(value).__mro__):
        for name, member in vars(cls).items():
            if type(member) is types.MemberDescriptorType and cls.__module__ != "builtins":
                try:
                    state[name] = member.__get__(value)
                except AttributeError:
                    continue
    try:
        own = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return state
    if isinstance(own, dict):
        state.update((str(name), attribute) for name, attribute in dict.items(own))
    return state


_KINDS: dict[type, Callable[[Any], str]] = {
    enum.Enum: lambda value: f"{type_name(type(value))}.{value._name_}",
    type: lambda value: f"<class {type_name(value)}>",
    types.FunctionType: _function,
    types.BuiltinFunctionType: _function,
    types.MethodType: _function,
    types.ModuleType: lambda value: f"<module {value.__name__}>",
    BaseException: lambda value: f"<{type_name(type(value))}>",
}
_SIMPLE: dict[type, Callable[[Any], str]] = {
    type(None): repr,
    bool: repr,
    int: _integer,
    float: repr,
    complex: repr,
    str: _quoted,
    bytes: _quoted,
    bytearray: lambda value: f"bytearray({bytes(value)!r})",
    range: repr,
    type(Ellipsis): repr,
    type(NotImplemented): repr,
}
_SIMPLE_BASES: dict[type, Callable[[Any], str]] = {  # by the builtin's own methods, not overriding ones
    int: lambda value: _integer(int.__int__(value)),
    float: lambda value: repr(float.__float__(value)),
    complex: lambda value: repr(complex.__pos__(value)),
    str: lambda value: _quoted(str.__str__(value)),
    bytes: lambda value: _quoted(bytes.__getitem__(value, slice(None))),
}
_CONTAINERS: dict[type, Callable[[_Encoder, Any, int], str]] = {
    list: _Encoder._list,
    tuple: _Encoder._tuple,
    dict: _Encoder._dict,
    set: _Encoder._set,
    frozenset: _Encoder._set,
    deque: _Encoder._deque,
}

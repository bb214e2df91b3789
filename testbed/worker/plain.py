"""Plain data as JSON text, with its exact types: what a recorded call's arguments may be made of."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

_MOST_NODES = 200
_LONGEST = 2_000
_FUNCTION_MODULES = ("builtins", "operator", "math")


class NotPlain(Exception):
    """A value is not plain data, or too large to record."""


class Packer:
    """Turns values into JSON data; functions are allowed where `importable` says so."""

    def __init__(self, importable: Callable[[Any], str | None]) -> None:
        self._importable = importable
        self._nodes = 0

    def pack(self, value: Any) -> Any:
        """The value as JSON data. Raises NotPlain."""
        self._nodes += 1
        if self._nodes > _MOST_NODES:
            raise NotPlain
        cls = type(value)
        if value is None or cls is bool:
            return value
        if cls is int and abs(value) < 1 << 200:
            return {"i": str(value)}
        if cls is float:
            return {"f": value.hex()}
        if cls in (str, bytes) and len(value) <= _LONGEST:
            return value if cls is str else {"b": value.decode("latin-1")}
        return self._collection(cls, value)

    def _collection(self, cls: type, value: Any) -> Any:
        if cls is list:
            return [self.pack(item) for item in value]
        if cls is tuple:
            return {"t": [self.pack(item) for item in value]}
        if cls is dict:
            return {"d": [[self.pack(key), self.pack(item)] for key, item in value.items()]}
        if cls in (set, frozenset):
            return {cls.__name__: sorted((self.pack(item) for item in value), key=json.dumps)}
        address = self._importable(value)
        if address is None:
            raise NotPlain
        return {"g": address}


def unpack(data: Any, resolve: Callable[[str], Any]) -> Any:
    """The value that `Packer.pack` packed."""
    if isinstance(data, list):
        return [unpack(item, resolve) for item in data]
    if not isinstance(data, dict):
        return data
    ((kind, body),) = data.items()
    if kind == "d":
        return {unpack(key, resolve): unpack(item, resolve) for key, item in body}
    if kind in _SCALARS:
        return _SCALARS[kind](body)
    if kind == "g":
        return resolve(body)
    return _SEQUENCES[kind](unpack(item, resolve) for item in body)


_SCALARS: dict[str, Callable[[str], Any]] = {
    "i": int,
    "f": float.fromhex,
    "b": lambda text: text.encode("latin-1"),
}
_SEQUENCES: dict[str, Callable[[Any], Any]] = {"t": tuple, "set": set, "frozenset": frozenset}


def address_of(value: Any, modules: Callable[[str], bool]) -> str | None:
    """`module:qualname` of an importable function or builtin class, or None."""
    module = getattr(value, "__module__", None)
    name = getattr(value, "__qualname__", None)
    if not callable(value) or not isinstance(module, str) or not isinstance(name, str) or "." in name:
        return None
    module = "operator" if module == "_operator" else module
    if module in _FUNCTION_MODULES or modules(module):
        return f"{module}:{name}"
    return None

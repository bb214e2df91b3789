"""Default values that faults change: set when the fault is switched on, where nobody has looked before.

A default value is evaluated where its function is defined. Until somebody calls the function, reads its
defaults or sets them, it makes no difference to anything, so that setting it after loading is as good as
loading with it. Calls evaluate a marker, a guard that stands first in the function. Whoever reads or sets the
defaults of a function, or looks through the collector, raises an audit event
(https://docs.python.org/3/library/audit_events.html), on which the marker is evaluated as well. A generator
has its values from its call on, though it begins later: one that is there after loading was called.
"""

from __future__ import annotations

import ast
import builtins
import gc
import os
import sys
import types
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from .guards import NAME

_ATTRIBUTES = ("__defaults__", "__kwdefaults__")
_EVENTS = ("object.__getattr__", "object.__setattr__", "object.__delattr__")


class _Place(NamedTuple):
    """A function's parameter, and its value with the fault."""

    function: Any
    parameter: Any
    value: Any


class Defaults:
    """The default values that can be switched in this process, and who looked at them."""

    def __init__(self, told: Sequence[Sequence[Any]] = ()) -> None:
        self._told = told
        self._seen: set[int] = set()  # the ids of functions at whose defaults somebody looked while loading
        self._all_seen = False
        self._markers: dict[int, int] | None = None  # by the id of their function, once all is loaded
        self._places: dict[int, _Place] = {}
        self._is_own = False

    def watch(self) -> None:
        """Listens from now on, for as long as this process and its children live."""
        if self._told:
            sys.addaudithook(self._hook)
            _ = self.watch.__func__.__defaults__  # type: ignore[attr-defined]
            self._all_seen = id(self.watch.__func__) not in self._seen  # type: ignore[attr-defined]

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in _EVENTS:
            if not self._is_own and arguments[1] in _ATTRIBUTES:
                self._looked(arguments[0])
        elif event.startswith("gc.get_") and not self._is_own:
            self._looked(None)

    def _looked(self, function: Any) -> None:
        """Somebody looks at the defaults of a function; None stands for all of them."""
        if self._markers is None:
            self._all_seen = self._all_seen or function is None
            self._seen.add(id(function))
            return
        for number, marker in self._markers.items():
            if function is None or number == id(function):
                getattr(builtins, NAME)(marker)

    @property
    def marked(self) -> bool:
        """Whether from now on everybody who looks at one of these functions' defaults is noticed."""
        return bool(self._markers)

    def settle(self, root: str, evaluated: Collection[int]) -> list[int]:
        """The faults that can be switched now that all is loaded; `evaluated` are the guards so far."""
        alive = self._alive() if self._told and not self._all_seen else []
        functions = self._functions(alive, root)
        begun = {id(each.gi_code) for each in alive if type(each) is types.GeneratorType}
        markers: dict[int, int] = {}
        for fault, marker, path, line, name, parameter, value in self._told:
            found = functions.get((os.path.join(root, path), line, name), [])
            markers.update((id(each), marker) for each in found)
            if len(found) != 1 or marker in evaluated or id(found[0]) in self._seen:
                continue
            place = _Place(found[0], parameter, _literal(value))
            if id(found[0].__code__) not in begun and self._holds(place):
                self._places[fault] = place
        self._markers = markers
        return sorted(self._places)

    def _alive(self) -> list[Any]:
        with self.unheard():
            return gc.get_objects()

    def _functions(self, alive: Iterable[Any], root: str) -> dict[tuple[str, int, str], list[Any]]:
        """The functions of the files below `root`, by file, line and name."""
        found: dict[tuple[str, int, str], list[Any]] = {}
        for each in alive:
            if type(each) is types.FunctionType and each.__code__.co_filename.startswith(root):
                code = each.__code__
                place = (code.co_filename, code.co_firstlineno, code.co_name)
                found.setdefault(place, []).append(each)
        return found

    def _holds(self, place: _Place) -> bool:
        with self.unheard():
            function, parameter = place.function, place.parameter
            if isinstance(parameter, str):
                return parameter in (function.__kwdefaults__ or ())
            return int(parameter) < len(function.__defaults__ or ())

    @contextmanager
    def on(self, faults: Collection[int]) -> Iterator[None]:
        """With those of the faults that are known here. In the end the very objects are there again."""
        places = [self._places[fault] for fault in sorted(faults) if fault in self._places]
        with self.unheard():
            before = [(each.function.__defaults__, each.function.__kwdefaults__) for each in places]
            for place in places:
                _set(*place)
        try:
            yield
        finally:
            with self.unheard():
                for place, (values, named) in zip(reversed(places), reversed(before)):
                    place.function.__defaults__, place.function.__kwdefaults__ = values, named

    @contextmanager
    def unheard(self) -> Iterator[None]:
        """While it is the worker that looks, which makes no difference to the program."""
        self._is_own = True
        try:
            yield
        finally:
            self._is_own = False


def _set(function: Any, parameter: Any, value: Any) -> None:
    if isinstance(parameter, str):
        named: Mapping[str, Any] = function.__kwdefaults__
        function.__kwdefaults__ = {**named, parameter: value}
        return
    values = list(function.__defaults__)
    values[parameter] = value
    function.__defaults__ = tuple(values)


def _literal(text: str) -> Any:
    """The value; names among the strings are the one object that they are in compiled code."""
    value = ast.literal_eval(text)
    is_name = type(value) is str and value.isascii() and value.replace("_", "a").isalnum()
    return sys.intern(value) if is_name else value

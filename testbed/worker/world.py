"""The state that a test could leave behind: everything mutable that the target and its tests can reach.

What is reachable is found once, before anything runs. A new object becomes reachable only by a change of
one that was reachable before, so comparing those, each for itself, tells whether anything changed.
"""

from __future__ import annotations

import functools
import gc
import os
import random
import sys
import threading
import types
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from .contents import CONTENTS, PUT_BACK, Content, of_cell, of_class, of_dict
from .gate import is_standard
from .guards import NAME
from .layouts import spot_of_cell, spot_of_dict, spot_of_list, spot_of_names, spot_of_reference, spot_of_set
from .memory import Memory, Spot
from .processes import state
from .shapes import ATOMS, FROZEN, MOST, NOT_IN_MODULE, SHOWN, NotComparable, Shape, shape_of

_NOTES = frozenset(("__warningregistry__", "__slotnames__"))
_CACHE: Any = type(functools.lru_cache(int).cache_info())

_RANDOM = (random.Random, random.SystemRandom)  # the second one has no state
_LOCAL = threading.local


class _Kept(NamedTuple):
    """A container, what is in it, and what was in it: held here, so that nothing else gets its place."""

    container: Any
    content: Content
    before: list[int]
    values: list[Any]

    def is_as_before(self) -> bool:
        """Whether it holds the same, but for what Python itself notes there."""
        return list(map(id, self.content(self.container))) == self.before or self._is_only_noted()

    def _is_only_noted(self) -> bool:
        names = vars(self.container) if isinstance(self.container, type) else self.container
        if not isinstance(self.container, (type, dict)) or not _NOTES.intersection(names):
            return False
        rest = {key: value for key, value in names.items() if key not in _NOTES}
        return list(map(id, of_dict(rest))) == self.before


class World:
    """A snapshot of everything that these modules and objects reach. Raises NotComparable."""

    def __init__(self, modules: Iterable[types.ModuleType], others: Iterable[Any]) -> None:
        modules = list(modules)
        self._own = {module.__name__ for module in modules}
        self._known: dict[int, Any] = {}
        self._kept: list[_Kept] = []  # looked at in memory, each by the spot of the same number
        self._spots: list[Spot] = []
        self._others: list[_Kept] = []  # looked at one by one
        self._shapes: dict[type, Shape] = {}
        self._infos: list[tuple[Callable[[], Any], Any]] = []
        held = [value for module in modules for value in vars(module).values()]
        self._imported = {each.__name__ for each in held if type(each) is types.ModuleType} | {
            "builtins",
            "sys",
        }
        waiting: list[Any] = [*modules, *others]
        while waiting:
            value = waiting.pop()
            if id(value) not in self._known and type(value) not in ATOMS:
                self._known[id(value)] = value
                waiting.extend(self._inside(value))
                if len(self._known) > MOST:
                    raise NotComparable("too much is reachable")
        for name, module in list(sys.modules.items()):
            if self._is_other(name):
                names = vars(module)
                self._keep(names, of_names, None if NAME in names else spot_of_dict(names))
        self._keep(sys.modules, of_modules, spot_of_dict(sys.modules))
        self._memory = Memory(self._spots)
        self.begin()

    def begin(self) -> None:
        """Takes what others have, and the state of the process as a whole, as they are now."""
        self._others = [_again(kept) if kept.content in FOREIGN else kept for kept in self._others]
        differing = self._memory.differing()
        foreign = [number for number in differing if self._kept[number].content in FOREIGN]
        for number in foreign:
            self._kept[number] = _again(self._kept[number])
        if foreign:
            self._memory.take(foreign)
        self._process = state()

    def accept(self, changed: Iterable[type]) -> None:
        """What these classes hold now is how they were."""
        accepted = set(map(id, changed))
        for number, kept in enumerate(self._kept):
            if id(kept.container) in accepted:
                self._kept[number] = _again(kept)
        self._others = [_again(kept) if id(kept.container) in accepted else kept for kept in self._others]
        self.begin()

    def _is_other(self, name: str) -> bool:
        return is_standard(name) and name not in self._own and name in self._imported

    def _keep(self, container: Any, content: Content, spot: Spot | None) -> list[Any]:
        kept = _kept(container, content)
        if spot is None:
            self._others.append(kept)
        else:
            self._kept.append(kept)
            self._spots.append(spot)
        return kept.values

    def _keep_own(self, value: Any) -> Iterable[Any]:
        """The dict of an object, and that it is this one."""
        own = getattr(value, "__dict__", None)
        if type(own) is not dict:
            return ()
        if of_own(value)[0] is not own:  # it makes one for whoever asks
            return (own,)
        return self._keep(value, of_own, spot_of_reference(value, own))

    def _inside(self, value: Any) -> Iterable[Any]:
        kind = type(value)
        if isinstance(value, types.ModuleType):
            if value.__name__ not in self._own:
                return ()
            self._keep(vars(value), of_dict, spot_of_dict(vars(value)))
            return [each for name, each in vars(value).items() if name not in NOT_IN_MODULE]
        if isinstance(value, type):
            if value.__module__ not in self._own:
                return ()
            return [*self._keep(value, of_class, spot_of_names(vars(value))), *value.__bases__, kind]
        if kind is types.FunctionType:
            return self._of_function(value)
        if isinstance(value, FROZEN):
            return gc.get_referents(value)
        if kind is types.CellType:
            return self._keep(value, of_cell, spot_of_cell(value))
        if kind is functools._lru_cache_wrapper:
            self._infos.append((value.cache_info, value.cache_info()))
            return (value.__wrapped__, *self._keep_own(value))
        if kind is random.Random:
            self._infos.append((value.getstate, value.getstate()))
        if kind in _RANDOM:
            return self._keep_own(value)
        if kind is _LOCAL:
            return (value.__dict__,)  # that of the thread in which tests run
        if kind.__module__ == "_thread" or kind in SHOWN:
            self._infos.append((value.__repr__, repr(value)))
            return ()
        return self._of_instance(value, kind)

    def _of_function(self, function: Any) -> Iterable[Any]:
        if function.__globals__.get("__name__") not in self._own:
            return [*self._keep_own(function), *(function.__closure__ or ())]
        held = (function.__defaults__, function.__kwdefaults__, function.__closure__)
        return [*self._keep_own(function), *(each for each in held if each)]

    def _of_instance(self, value: Any, kind: type) -> Iterable[Any]:
        shape = self._shapes.get(kind)
        if shape is None:
            shape = self._shapes[kind] = shape_of(kind)
        found: list[Any] = []
        for content, frozen in shape.contents:
            spot = SPOTS[content](value) if content in SPOTS else None
            found += content(value) if frozen else self._keep(value, content, spot)
        if not shape.opaque:
            found += self._keep_own(value)
        return found

    def unchanged(self) -> bool:
        """Whether everything that is reachable, and the process, are as they were."""
        if not all(kept.is_as_before() for kept in self._others):
            return False
        differing = self._memory.differing()
        if not all(self._kept[number].is_as_before() for number in differing):
            return False
        if differing:
            self._memory.take(differing)
        return all(info() == before for info, before in self._infos) and state() == self._process

    def restored(self) -> bool:
        """Puts back what changed in lists, in dicts and behind closures; whether all is as it was then.

        What they held is still there, since nothing that was reachable is given up here. The order of a set
        depends on what has been in it, so a changed set is left as it is, as are classes.
        """
        gone: list[Any] = []  # whatever has to end does so when all is in place again
        for kept in [*self._others, *(self._kept[number] for number in self._memory.differing())]:
            put_back = None if kept.content in FOREIGN else PUT_BACK.get(type(kept.container))
            if put_back is not None and not kept.is_as_before():
                gone.append(kept.content(kept.container))
                put_back(kept.container, kept.values)
        for info, was in self._infos:
            if (
                isinstance(was, _CACHE)
                and (was.hits, was.misses, was.currsize) == (0, 0, 0)
                and info() != was
            ):
                info.__self__.cache_clear()  # type: ignore[attr-defined]
        gone.clear()
        return self.unchanged()


def _kept(container: Any, content: Content) -> _Kept:
    values = content(container)
    return _Kept(container, content, list(map(id, values)), values)


def _again(kept: _Kept) -> _Kept:
    return _kept(kept.container, kept.content)


def of_names(names: dict[str, Any]) -> list[Any]:
    """What is in a module that is not the target's, but for what is not its own."""
    if names.get("__name__") == "tempfile":  # with its first use it only finds out where that is
        found = None if names.get("tempdir") == os.environ.get("TMPDIR") else names.get("tempdir")
        names = {**names, "tempdir": found, "_name_sequence": None}
    if NAME in names:  # the guard function, which every test has of its own
        names = {name: value for name, value in names.items() if name not in (NAME, "_")}
    return of_dict(names)


def of_modules(modules: dict[str, types.ModuleType]) -> list[Any]:
    """The modules that are not of the standard library."""
    return of_dict({name: module for name, module in modules.items() if not is_standard(name)})


def of_own(value: Any) -> list[Any]:
    """The dict of its attributes."""
    return [getattr(value, "__dict__", None)]


FOREIGN = (of_names, of_modules)
SPOTS: dict[Content, Callable[[Any], Spot | None]] = {
    CONTENTS[dict]: spot_of_dict,
    CONTENTS[list]: spot_of_list,
    CONTENTS[set]: spot_of_set,
}

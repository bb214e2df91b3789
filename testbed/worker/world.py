"""The state that a test could leave behind: everything mutable that the target and its tests can reach.

What is reachable is found once, before anything runs. A new object becomes reachable only by a change of
one that was reachable before, so comparing those, each for itself, tells whether anything changed.
"""

from __future__ import annotations

import functools
import gc
import itertools
import operator
import os
import random
import sys
import threading
import types
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from .contents import (
    PUT_BACK,
    Content,
    dict_of,
    of_cell,
    of_class,
    of_dict,
)  # fmt: skip
from .gate import is_standard
from .guards import NAME
from .processes import state
from .shapes import ATOMS, FROZEN, MOST, NOT_IN_MODULE, SHOWN, NotComparable, Shape, shape_of

_NOTES = frozenset(("__warningregistry__", "__slotnames__"))
_Kept = tuple[Any, Content, "list[int]", "list[Any]"]
_CACHE: Any = type(functools.lru_cache(int).cache_info())

_IN_CELL = operator.attrgetter("cell_contents")
_RANDOM = (random.Random, random.SystemRandom)  # the second one has no state
_LOCAL = threading.local


class World:
    """A snapshot of everything that these modules and objects reach. Raises NotComparable."""

    def __init__(self, modules: Iterable[types.ModuleType], others: Iterable[Any]) -> None:
        modules = list(modules)
        self._own = {module.__name__ for module in modules}
        self._known: dict[int, Any] = {}
        self._dicts: list[dict[Any, Any]] = []  # of modules, classes and objects: looked at all together
        self._empty: list[Any] = []
        self._full: list[_Kept] = []
        self._lists: list[list[Any]] = []  # of `_full`: looked at all together
        self._cells: list[Any] = []  # and these
        self._others: list[_Kept] = []  # and these one by one
        self._named: list[_Kept] = []  # what the dicts belong to
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
        self._held = _held(self._lists, self._cells)
        self.begin()

    def begin(self) -> None:
        """Takes the state of the process as a whole as it is now."""
        self._modules = set(sys.modules)
        modules = [module for name, module in list(sys.modules.items()) if self._is_other(name)]
        self._foreign = [(vars(module), _ids_of_names(vars(module))) for module in modules]
        self._looked_at = [*self._dicts, *(names for names, _ids in self._foreign if NAME not in names)]
        self._seen = _together(self._looked_at)
        self._process = state()

    def accept(self, changed: Iterable[type]) -> None:
        """What these classes hold now is how they were."""
        accepted = set(map(id, changed))
        self._named = [
            (each[0], each[1], list(map(id, each[1](each[0]))), each[1](each[0]))
            if id(each[0]) in accepted
            else each
            for each in self._named
        ]
        self.begin()

    def _is_other(self, name: str) -> bool:
        return is_standard(name) and name not in self._own and name in self._imported

    def _keep(self, container: Any, content: Content) -> list[Any]:
        values = content(container)
        names = dict_of(container)
        if names is not None:
            self._dicts.append(names)
            self._named.append((container, content, list(map(id, values)), values))
            return values
        if values or type(container) not in (dict, list, set):
            kept = (container, content, list(map(id, values)), values)
            self._full.append(kept)
            if type(container) is list:
                self._lists.append(container)
            elif type(container) is types.CellType and values:
                self._cells.append(container)
            else:
                self._others.append(kept)
        else:
            self._empty.append(container)
        return values

    def _inside(self, value: Any) -> Iterable[Any]:
        kind = type(value)
        if isinstance(value, types.ModuleType):
            if value.__name__ not in self._own:
                return ()
            self._keep(vars(value), of_dict)
            return [each for name, each in vars(value).items() if name not in NOT_IN_MODULE]
        if isinstance(value, type):
            if value.__module__ not in self._own:
                return ()
            return [*self._keep(value, of_class), *value.__bases__, kind]
        if kind is types.FunctionType:
            return self._of_function(value)
        if isinstance(value, FROZEN):
            return gc.get_referents(value)
        if kind is types.CellType:
            return self._keep(value, of_cell)
        if kind is functools._lru_cache_wrapper:
            self._infos.append((value.cache_info, value.cache_info()))
            return (value.__wrapped__, value.__dict__)
        if kind is random.Random:
            self._infos.append((value.getstate, value.getstate()))
        if kind in _RANDOM:
            return (value.__dict__,)
        if kind is _LOCAL:
            return (value.__dict__,)  # that of the thread in which tests run
        if kind.__module__ == "_thread" or kind in SHOWN:
            self._infos.append((value.__repr__, repr(value)))
            return ()
        return self._of_instance(value, kind)

    def _of_function(self, function: Any) -> Iterable[Any]:
        if function.__globals__.get("__name__") not in self._own:
            return [function.__dict__, *(function.__closure__ or ())]
        held = (function.__defaults__, function.__kwdefaults__, function.__closure__)
        return [function.__dict__, *(each for each in held if each)]

    def _of_instance(self, value: Any, kind: type) -> Iterable[Any]:
        shape = self._shapes.get(kind)
        if shape is None:
            shape = self._shapes[kind] = shape_of(kind)
        found: list[Any] = []
        for content, frozen in shape.contents:
            found += content(value) if frozen else self._keep(value, content)
        own = None if shape.opaque else getattr(value, "__dict__", None)
        if type(own) is dict:
            found.append(own)
        return found

    def unchanged(self) -> bool:
        """Whether everything that is reachable, and the process, are as they were."""
        if any(self._empty) or not self._contents_unchanged():
            return False
        if not self._names_unchanged():
            return False
        if len(sys.modules) != len(self._modules):
            if not all(map(is_standard, self._modules ^ set(sys.modules))):
                return False
            self._modules = set(sys.modules)
        return all(info() == before for info, before in self._infos) and state() == self._process

    def _contents_unchanged(self) -> bool:
        """Whether what is not in dicts is as it was."""
        try:
            now = _held(self._lists, self._cells)
        except ValueError:  # a cell is empty
            return False
        same = now.sizes == self._held.sizes and all(map(operator.is_, now.contents, self._held.contents))
        return same and all(_is_as_before(*each) for each in self._others)

    def restored(self) -> bool:
        """Puts back what changed in lists, in dicts and behind closures; whether all is as it was then.

        What they held is still there, since nothing that was reachable is given up here. The order of a set
        depends on what has been in it, so a changed set is left as it is, as are classes.
        """
        gone: list[Any] = []  # whatever has to end does so when all is in place again
        for container in self._empty:
            if container and type(container) is list:
                gone.extend(container)
                container.clear()
        for container, content, before, values in (*self._full, *self._named):
            put_back = PUT_BACK.get(type(container))
            if put_back is not None and not _is_as_before(container, content, before, values):
                gone.append(content(container))
                put_back(container, values)
        for info, was in self._infos:
            if (
                isinstance(was, _CACHE)
                and (was.hits, was.misses, was.currsize) == (0, 0, 0)
                and info() != was
            ):
                info.__self__.cache_clear()  # type: ignore[attr-defined]
        gone.clear()
        return self.unchanged()

    def _names_unchanged(self) -> bool:
        """Whether all dicts are as they were: at once where nothing came to any of them, else one by one."""
        if not all(_ids_of_names(names) == before for names, before in self._foreign if NAME in names):
            return False
        now = _together(self._looked_at)
        if now.sizes == self._seen.sizes and all(map(operator.is_, now.contents, self._seen.contents)):
            return True
        if not all(_is_as_before(*each) for each in self._named):
            return False
        if not all(_ids_of_names(names) == before for names, before in self._foreign):
            return False
        self._seen = now
        return True


class _Together(NamedTuple):
    """Many containers as they are now: how long each is, and all that they hold."""

    sizes: list[int]
    contents: list[Any]


def _held(lists: list[list[Any]], cells: list[Any]) -> _Together:
    """What lists and cells hold. Raises ValueError where a cell is empty."""
    inside = itertools.chain.from_iterable(map(list.__iter__, lists))
    return _Together(list(map(list.__len__, lists)), [*inside, *map(_IN_CELL, cells)])


def _together(dicts: list[dict[Any, Any]]) -> _Together:
    keys = itertools.chain.from_iterable(map(dict.keys, dicts))
    values = itertools.chain.from_iterable(map(dict.values, dicts))
    return _Together(list(map(dict.__len__, dicts)), [*keys, *values])


def _is_as_before(container: Any, content: Content, before: list[int], _values: list[Any]) -> bool:
    return list(map(id, content(container))) == before or _only_noted(container, before)


def _ids_of_names(names: dict[str, Any]) -> list[int]:
    if names.get("__name__") == "tempfile":  # with its first use it only finds out where that is
        found = None if names.get("tempdir") == os.environ.get("TMPDIR") else names.get("tempdir")
        names = {**names, "tempdir": found, "_name_sequence": None}
    if NAME in names:  # the guard function, which every test has of its own
        return [id(value) for name, value in names.items() if name not in (NAME, "_")]
    return list(map(id, names.values()))


def _only_noted(container: Any, before: list[int]) -> bool:
    """Whether only Python's own notes came to it: of the warnings given, of the slots to pickle."""
    names = vars(container) if isinstance(container, type) else container
    if not isinstance(container, (type, dict)) or not _NOTES.intersection(names):
        return False
    return list(map(id, of_dict({key: value for key, value in names.items() if key not in _NOTES}))) == before

"""Notices when code under test changed what judges it: pytest's own steps, or the worker's.

A test that puts things back in its teardown, as monkeypatch does, is not noticed. What a target's
plug-ins changed before anything ran is taken as it is.
"""

from __future__ import annotations

import operator
import sys
import types
from collections.abc import Iterator
from itertools import compress
from typing import Any

from .layouts import spot_of_names, spot_of_reference
from .memory import Memory

_JUDGES = (
    "_pytest.assertion",
    "_pytest.main",
    "_pytest.outcomes",
    "_pytest.python",
    "_pytest.reports",
    "_pytest.runner",
    "_pytest.skipping",
    "_pytest.unittest",
    "hypothesis.core",
    "hypothesis.internal.conjecture.engine",
    "pluggy._callers",
    "pluggy._hooks",
    "pluggy._manager",
    "unittest.case",
)
_OWN = __name__.partition(".")[0] + "."
_CODE = operator.attrgetter("__code__")
_KINDS = (types.FunctionType, classmethod, staticmethod)


def _places() -> Iterator[tuple[str, Any]]:
    """The namespaces that are watched: those of modules, and of the classes that they define."""
    for name, module in list(sys.modules.items()):
        if not (name in _JUDGES or name.startswith(_OWN)) or not isinstance(module, types.ModuleType):
            continue
        yield name, vars(module)
        for value in list(vars(module).values()):
            if isinstance(value, type) and value.__module__ == name:
                yield f"{name}.{value.__name__}", vars(value)


class Watch:
    """Every function that has a part in a verdict, as it was when this was made."""

    def __init__(self) -> None:
        known = [
            (f"{place}.{key}", names, key, value)
            for place, names in _places()
            for key, value in list(names.items())
            if isinstance(value, _KINDS)
        ]
        self._places = [place for place, _names, _key, _value in known]
        self._lookups = [(names.get, key) for _place, names, key, _value in known]
        self._values = [value for _place, _names, _key, value in known]
        functions = [getattr(value, "__func__", value) for value in self._values]
        coded = [
            (place, function)
            for place, function in zip(self._places, functions)
            if isinstance(function, types.FunctionType)
        ]
        self._functions = [function for _place, function in coded]
        self._codes = list(map(_CODE, self._functions))
        self._coded = [place for place, _function in coded]
        self._memory = self._looked_at()

    def _looked_at(self) -> Memory | None:
        """All of it in memory; None where not all can be looked at there."""
        spots = [spot_of_names(names) for _place, names in _places()]
        spots += map(spot_of_reference, self._functions, self._codes)
        found = [spot for spot in spots if spot is not None]
        return Memory(found) if len(found) == len(spots) else None

    def changes(self) -> list[str]:
        """The functions that are others now, or execute something else: looked at after every test."""
        differing = [] if self._memory is None else self._memory.differing()
        if self._memory is not None and not differing:
            return []
        now = [get(key) for get, key in self._lookups]
        found = [
            *compress(self._places, map(operator.is_not, now, self._values)),
            *compress(self._coded, map(operator.is_not, map(_CODE, self._functions), self._codes)),
        ]
        if not found and self._memory is not None:  # what changed takes no part in a verdict
            self._memory.take(differing)
        return found

    def changed(self) -> str:
        """The first of them; "" when all are as they were."""
        return next(iter(self.changes()), "")

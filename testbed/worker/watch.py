"""Notices when code under test changed what judges it: pytest's own steps, or the worker's.

A test that puts things back in its teardown, as monkeypatch does, is not noticed. What a target's
plug-ins changed before anything ran is taken as it is.
"""

from __future__ import annotations

import operator
import sys
import types
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

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


class _Namespace(NamedTuple):
    """The watched functions of one namespace, by name, as they were."""

    place: str
    names: Mapping[str, Any]
    keys: tuple[str, ...]
    values: tuple[Any, ...]


class Watch:
    """Every function that has a part in a verdict, as it was when this was made.

    It is asked after every test, so it compares whole namespaces at once, and looks for a name only where
    one has changed.
    """

    def __init__(self) -> None:
        self._known = []
        for place, names in _places():
            found = {key: value for key, value in list(names.items()) if isinstance(value, _KINDS)}
            self._known.append(_Namespace(place, names, tuple(found), tuple(found.values())))
        values = [value for each in self._known for value in each.values]
        plain = [getattr(value, "__func__", value) for value in values]
        self._functions = [each for each in plain if isinstance(each, types.FunctionType)]
        self._codes = list(map(_CODE, self._functions))

    def changes(self) -> Iterator[str]:
        """The functions that are others now."""
        codes = dict(zip(map(id, self._functions), self._codes))
        for each in self._known:
            for key, value in zip(each.keys, each.values):
                now = each.names.get(key)
                plain = getattr(now, "__func__", now)
                if now is not value or getattr(plain, "__code__", None) is not codes.get(id(plain)):
                    yield f"{each.place}.{key}"

    def changed(self) -> str:
        """The first of them; "" when all are as they were."""
        same = all(
            all(map(operator.is_, map(each.names.get, each.keys), each.values)) for each in self._known
        ) and all(map(operator.is_, map(_CODE, self._functions), self._codes))
        return "" if same else next(self.changes(), "")


_CODE = operator.attrgetter("__code__")

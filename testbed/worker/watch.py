"""Notices when code under test changed what judges it: pytest's own steps, or the worker's.

A test that puts things back in its teardown, as monkeypatch does, is not noticed. What a target's
plug-ins changed before anything ran is taken as it is.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from typing import Any

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


class Watch:
    """Every function that has a part in a verdict, as it was when this was made."""

    def __init__(self) -> None:
        self._known = [
            (place, key, value, getattr(getattr(value, "__func__", value), "__code__", None), names)
            for place, names in _places()
            for key, value in list(names.items())
            if isinstance(value, _KINDS)
        ]

    def changes(self) -> Iterator[str]:
        """The functions that are others now."""
        for place, key, value, code, names in self._known:
            now = names.get(key)
            if now is not value or getattr(getattr(now, "__func__", now), "__code__", None) is not code:
                yield f"{place}.{key}"

    def changed(self) -> str:
        """The first of them; "" when all are as they were."""
        return next(self.changes(), "")

"""What fixtures of wider scope do: the guards of their setup belong to every test that uses them.

Such a fixture is set up in the first test that asks for it. A fault that is met only there can show in
any of the tests that come later.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


class Shared:
    """A pytest plugin that keeps the guards met in the setup of each fixture of wider scope."""

    def __init__(self) -> None:
        self.guard: Any = None  # of the test that runs
        self._met: dict[int, tuple[Any, set[int]]] = {}

    @pytest.hookimpl(hookwrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Iterator[None]:
        """Notes the guards that a setup evaluates."""
        if self.guard is None or fixturedef.scope == "function":
            yield
            return
        seen: set[int] = self.guard.seen
        before = set(seen)
        seen.clear()
        yield
        self._met[id(fixturedef)] = (fixturedef, set(seen))
        seen |= before

    def of(self, item: Any) -> set[int]:
        """The guards met in the setups that this item shares with others."""
        info = getattr(item, "_fixtureinfo", None)
        found: set[int] = set()
        if info is None or not self._met:
            return found
        for definitions in info.name2fixturedefs.values():
            for definition in definitions:
                met = self._met.get(id(definition))
                if met is not None:
                    found |= met[1]
        return found

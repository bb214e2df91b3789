"""Clean runs in which no test finds what another one left: what a test reaches is then its own doing.

A cache that one test has filled hides from the next what it would have reached by itself. So all state that
can be compared is compared after each test, and what cannot be put back ends the process: the next test runs
in another one, as loaded. Inputs of an entry point, which are many and short, are compared together, and one
by one from when they were found to leave something. Where nothing can be compared each test has a process,
and so have the inputs of each entry point.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .differential import entry_of
from .world import World


class Isolation:
    """Keeps the tests of one process apart, by the state of the generation; None where that is not known."""

    def __init__(self, world: World | None, items: Mapping[str, Any]) -> None:
        self._world = world
        self._shared = {name for name, item in items.items() if _is_shared(item)}
        self._singly = False
        self._told: list[str] = []  # inputs since the state was looked at

    @property
    def compares(self) -> bool:
        """Whether state is compared."""
        return self._world is not None

    def order(self, tests: Sequence[str]) -> list[str]:
        """Those first that are kept apart: the others need what is set up for several of them."""
        return sorted(tests, key=self._shared.__contains__)

    def begin(self) -> None:
        """Nothing has run yet in this process."""
        if self._world is not None:
            self._world.begin()

    def accept(self, changed: Iterable[type]) -> None:
        """These classes were changed on purpose."""
        if self._world is not None:
            self._world.accept(changed)

    def is_apart(self, test: str) -> bool:
        """Whether all that a test does is its own doing."""
        return test not in self._shared

    def look_at_each(self) -> None:
        """From now on at each input."""
        self._singly = True

    def after(self, test: str, following: str, acted: bool) -> list[str] | None:
        """None where `following` may run here, too; else the tests to run once more, elsewhere, before it.

        `acted` says that the test did what cannot be compared.
        """
        if test in self._shared:
            return None
        entry = entry_of(test)
        if entry and not (self._singly and self._world):
            self._told.append(test)
            return None if entry_of(following) == entry else self._after_inputs()
        if self._world is None or acted or not (self._world.unchanged() or self._world.restored()):
            return []
        return None

    def _after_inputs(self) -> list[str] | None:
        told, self._told = self._told, []
        if self._world is None:
            return []
        return None if self._world.unchanged() else told


def _is_shared(item: Any) -> bool:
    """Whether the target sets up something around the test that others share."""
    information = getattr(item, "_fixtureinfo", None)
    if information is None:
        return True
    definitions = [each for found in information.name2fixturedefs.values() for each in found]
    return any(each.scope != "function" and not _is_of_pytest(each.func) for each in definitions)


def _is_of_pytest(function: Any) -> bool:
    return str(getattr(function, "__module__", "")).startswith("_pytest.")

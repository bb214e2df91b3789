"""Which attributes of which objects a test reads, of some that are watched.

Only objects of ordinary classes are watched, whose attributes are read in one way: by `__getattribute__`,
which is replaced here in their classes, for as long as this process lives.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Sequence
from typing import Any

from .portrait import Portrait

_AROUND = (
    "gc.get_objects", "gc.get_referrers", "gc.get_referents", "os.fork", "os.forkpty", "subprocess.Popen",
)  # fmt: skip
"""Events after which anything may be read unseen: through the collector, or in a process of its own."""


class Touch:
    """The watched attributes, each with its number: `cells` are [place, attribute]."""

    def __init__(self, portrait: Portrait, cells: Sequence[Sequence[str]]) -> None:
        self.classes: list[type] = []
        self.complete = True  # whether all of them can be watched here
        self._own: list[Any] = []  # what stands in them
        self._found: set[int] = set()
        self._on = False
        self._numbers: dict[int, dict[str, int]] = {}  # by object, then by attribute
        self._objects: list[tuple[Any, type]] = []
        for number, (place, attribute) in enumerate(cells):
            if place not in portrait.watchable:
                self.complete = False
                continue
            value = portrait.objects[place]
            if id(value) not in self._numbers:
                self._objects.append((value, type(value)))
            self._numbers.setdefault(id(value), {})[attribute] = number
        self._watch()

    def _watch(self) -> None:
        self.classes = list({id(kind): kind for _value, kind in self._objects}.values())
        try:
            for kind in self.classes:
                self._own.append(self._reading())
                type.__setattr__(kind, "__getattribute__", self._own[-1])
                type.__setattr__(kind, "__delattr__", self._deleting())
            checked = inspect._check_instance  # type: ignore[attr-defined]
        except (AttributeError, TypeError):
            self.complete = False
            return
        numbers, everything = self._numbers, self._everything

        def check(value: Any, attribute: str) -> Any:  # it looks past `__getattribute__`
            if id(value) in numbers:
                everything()
            return checked(value, attribute)

        inspect._check_instance = check  # type: ignore[attr-defined]
        sys.addaudithook(self._hook)

    def _reading(self) -> Callable[[Any, str], Any]:
        numbers, found, plain = self._numbers, self._found, object.__getattribute__

        def __getattribute__(self: Any, name: str) -> Any:
            own = numbers.get(id(self))
            if own is not None:
                if name in own:
                    found.add(own[name])
                elif name[:2] == "__" and name != "__class__":
                    found.update(own.values())
            return plain(self, name)

        return __getattribute__

    def _deleting(self) -> Callable[[Any, str], None]:
        numbers, found, plain = self._numbers, self._found, object.__delattr__

        def __delattr__(self: Any, name: str) -> None:
            found.update(numbers.get(id(self), {}).values())
            plain(self, name)

        return __delattr__

    def _hook(self, event: str, _arguments: tuple[Any, ...]) -> None:
        if self._on and event in _AROUND:
            self._everything()

    def _everything(self) -> None:
        for own in self._numbers.values():
            self._found.update(own.values())

    def begin(self) -> None:
        """From here on it is one test that reads."""
        self._found.clear()
        self._on = True

    def end(self) -> list[int] | None:
        """The numbers of what was read since; None where that is not known."""
        self._on = False
        if not self.complete or any(type(value) is not kind for value, kind in self._objects):
            return None
        if any(vars(kind).get("__getattribute__") is not own for kind, own in zip(self.classes, self._own)):
            return None
        return sorted(self._found)

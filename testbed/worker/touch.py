"""Which attributes of which objects a test reads.

Only objects of ordinary classes are watched, whose attributes are read in one way: by `__getattribute__`,
which is replaced here in their classes, for as long as this process lives.
"""

from __future__ import annotations

import inspect
import operator
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from .portrait import Portrait

Cell = tuple[str, str]
"""(place, attribute)"""

_MOST = 10_000
_ALL = "*"  # in place of an attribute's name: any of them
_AROUND = (
    "gc.get_objects", "gc.get_referrers", "gc.get_referents", "os.fork", "os.forkpty", "subprocess.Popen",
)  # fmt: skip
"""Events after which anything may be read unseen: through the collector, or in a process of its own."""


def places_of(portrait: Portrait) -> list[str]:
    """Where what is watched lies; its numbers are places in this list."""
    return sorted(portrait.watchable)


class Touch:
    """Everything that can be watched, each object with its number."""

    def __init__(self, portrait: Portrait) -> None:
        places = places_of(portrait)
        self.classes: list[type] = []
        self.complete = len(places) <= _MOST  # whether all of them can be watched here
        self._own: list[Any] = []  # what stands in them
        self._found: set[tuple[int, str]] = set()
        self._on = False
        self._objects = [portrait.objects[place] for place in places]
        self._kinds = list(map(type, self._objects))
        self._numbers = {id(value): number for number, value in enumerate(self._objects)}
        if self.complete:
            self._watch()

    def _watch(self) -> None:
        self.classes = list({id(kind): kind for kind in self._kinds}.values())
        reading, deleting = self._reading(), self._deleting()
        try:
            for kind in self.classes:
                self._own.append(reading)
                type.__setattr__(kind, "__getattribute__", reading)
                type.__setattr__(kind, "__delattr__", deleting)
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
                found.add((own, _ALL if name[:2] == "__" and name != "__class__" else name))
            return plain(self, name)

        return __getattribute__

    def _deleting(self) -> Callable[[Any, str], None]:
        numbers, found, plain = self._numbers, self._found, object.__delattr__

        def __delattr__(self: Any, name: str) -> None:
            own = numbers.get(id(self))
            if own is not None:
                found.add((own, _ALL))
            plain(self, name)

        return __delattr__

    def _hook(self, event: str, _arguments: tuple[Any, ...]) -> None:
        if self._on and event in _AROUND:
            self._everything()

    def _everything(self) -> None:
        self._found.update((number, _ALL) for number in self._numbers.values())

    def begin(self) -> None:
        """From here on it is one test that reads."""
        self._found.clear()
        self._on = True

    def end(self) -> list[tuple[int, list[str]]] | None:
        """What was read since, as (object, attributes); None where that is not known."""
        self._on = False
        if not self.complete or not all(map(operator.is_, map(type, self._objects), self._kinds)):
            return None
        if any(vars(kind).get("__getattribute__") is not own for kind, own in zip(self.classes, self._own)):
            return None
        read: dict[int, list[str]] = {}
        for number, name in sorted(self._found):
            read.setdefault(number, []).append(name)
        return sorted(read.items())


def _is_known(result: Mapping[str, Any]) -> bool:
    """Whether a result tells what the test reads."""
    return bool(result["v"] == "pass") and result.get("a") is not None


class Readers:
    """Who reads what, from the results of a run with nothing on in which everything was watched.

    Tests for which something is set up that they share read what any of them reads.
    """

    def __init__(self, places: Sequence[str], results: Sequence[Mapping[str, Any]]) -> None:
        self._places = frozenset(places)
        self._tests: dict[Cell, set[str]] = {}
        sharing = [result for result in results if result.get("b", 1)]
        together = {result["t"] for result in sharing} if all(map(_is_known, sharing)) else set[str]()
        known = [each for each in results if _is_known(each) and (not each["b"] or together)]
        self._known = {result["t"] for result in known}
        for result in known:
            who = together if result["b"] else {result["t"]}
            for number, names in result["a"]:
                for name in names:
                    self._tests.setdefault((places[number], name), set()).update(who)

    def among(self, tests: Iterable[str], cells: Collection[Cell]) -> list[str]:
        """Those of the tests that may read one of the cells."""
        if not all(place in self._places for place, _name in cells):
            return list(tests)
        keys = {*cells, *((place, _ALL) for place, _name in cells)}
        found = set[str]().union(*(self._tests.get(key, ()) for key in keys))
        return [test for test in tests if test in found or test not in self._known]

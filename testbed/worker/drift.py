"""How the state after loading with a fault drifts from the one without, as far as tests could notice.

A test can notice a difference only if it reads it. What an object of an ordinary class holds is read by its
attributes, which can be watched (`touch.py`); default values are read by calling the function, whose marker
tells. A difference anywhere else, to which a single way leads, is read only by who goes that way. So each
difference is followed back to an attribute or to a function's defaults; where that is not possible, every
test might notice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from .frames import Message
from .portrait import SEP, Portrait
from .shapes import NotComparable

_DEFAULTS = ("__defaults__", "__kwdefaults__")
Functions = Collection["tuple[Any, ...]"]
"""(file, line, name) of functions."""

_MOST = 400  # attributes that differ; beyond that every test is asked


def sketch(portrait: Portrait) -> Message:
    """A portrait as it travels."""
    return {
        "cells": portrait.cells,
        "shared": sorted(portrait.shared),
        "watchable": sorted(portrait.watchable),
        "functions": portrait.functions,
    }


class Sketch:
    """What is known of another process's portrait."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self.cells: dict[str, int] = told["cells"]
        self.shared = frozenset(told["shared"])
        self.watchable = frozenset(told["watchable"])
        self.functions: dict[str, list[Any]] = told["functions"]
        self.unsteady: frozenset[str] = frozenset()

    def steadied(self, again: Sketch) -> Sketch:
        """This one, knowing what is another in each process: times, process ids, random numbers."""
        both = {**self.cells, **again.cells}
        self.unsteady = frozenset(key for key in both if self.cells.get(key) != again.cells.get(key))
        return self


def drift(
    before: Sketch, after: Portrait, early: Mapping[str, int], marked: Functions
) -> list[tuple[str, str]]:
    """The cells, (place, attribute), to which all differences lead back but those in defaults of `marked`.

    `early` is what cells held when the fault was first met: what is another in each process, and has been
    as it is since then, is not its doing. Raises NotComparable with the place of a difference that leads
    back to neither.
    """
    ways = _Ways(before, after, marked)
    for key in {**before.cells, **after.cells}:
        is_older = key in before.unsteady and key in early and early[key] == after.cells.get(key)
        if before.cells.get(key) != after.cells.get(key) and not is_older:
            ways.follow(key)
    if len(ways.cells) > _MOST:
        raise NotComparable("too much differs")
    return sorted(ways.cells)


class _Ways:
    def __init__(self, before: Sketch, after: Portrait, marked: Functions) -> None:
        self._both: Sequence[Sketch | Portrait] = (before, after)
        self._marked = marked
        self.cells: set[tuple[str, str]] = set()

    def follow(self, key: str) -> None:
        """Goes back from a cell to what has to be read for it."""
        while True:
            place, _, step = key.rpartition(SEP)
            if not place:
                raise NotComparable(key)
            if self._are_alike(place) and self._is_told(place, step):
                return
            if any(place in each.shared for each in self._both) or SEP not in place:
                raise NotComparable(f"{place.replace(SEP, chr(46))} {step}")
            key = place

    def _are_alike(self, place: str) -> bool:
        head = place + SEP
        return all(head in each.cells for each in self._both)

    def _is_told(self, place: str, step: str) -> bool:
        if step.isidentifier() and all(place in each.watchable for each in self._both):
            self.cells.add((place, step))
            return True
        if step in _DEFAULTS:
            found = [each.functions.get(place) for each in self._both]
            return found[0] is not None and found[0] == found[1] and tuple(found[0]) in self._marked
        return False


def marked(faults: Collection[int], late: Sequence[Sequence[Any]], root: str) -> Functions:
    """The functions whose default values these faults change: whoever calls one evaluates its marker."""
    return {(f"{root}/{each[2]}", each[3], each[4]) for each in late if each[0] in faults}

"""Infection: at every evaluation of a guard, would its two alternatives have differed?"""

from __future__ import annotations

import sys
import types
from typing import Any, Callable

from .guards import Guard
from .interpret import SCALARS, Interpreter
from .lookup import Undecided
from .sites import Pair, Sites

_MOST_PROBES = 500


class ProbingGuard(Guard):
    """The guard function of one test in which nothing is on: notes which guards were infected.

    A guard that was seen and is in neither set had equal alternatives every time.
    """

    def __init__(self, sites: Sites, budget: int, exhausted: Callable[[set[int]], None]) -> None:
        super().__init__(frozenset(), budget, exhausted)
        self.infected: set[int] = set()
        self.undecided: set[int] = set()
        self._sites = sites
        self._probes: dict[int, int] = {}
        plain, closed, getframe = self.guard, self._closed, sys._getframe

        def guard(number: int) -> bool:
            if not closed(number):
                self._probe(number, getframe(1))
            return plain(number)

        self.guard = guard

    def _closed(self, number: int) -> bool:
        return number in self.infected or number in self.undecided

    def _probe(self, number: int, frame: types.FrameType) -> None:
        pair = self._sites.get((frame.f_code.co_filename, frame.f_lineno, number))
        probes = self._probes[number] = self._probes.get(number, 0) + 1
        if pair is None or probes > _MOST_PROBES:
            self.undecided.add(number)
            return
        try:
            if differs(pair, frame):
                self.infected.add(number)
        except Undecided:
            self.undecided.add(number)


def differs(pair: Pair, frame: types.FrameType) -> bool:
    """Whether the two alternatives differ in value or type, here and now. Raises Undecided."""
    interpreter = Interpreter(frame)
    faulty, clean = _outcome(interpreter, pair.faulty), _outcome(interpreter, pair.clean)
    return not _same(faulty, clean)


def _outcome(interpreter: Interpreter, node: Any) -> Any:
    try:
        return (True, interpreter.value(node))
    except Undecided:
        raise
    except RecursionError:
        raise Undecided from None
    except Exception as trouble:
        return (False, (type(trouble).__name__, str(trouble)))


def _same(one: tuple[bool, Any], other: tuple[bool, Any]) -> bool:
    if one[0] is not other[0]:
        return False
    return _equal(one[1], other[1])


def _equal(one: Any, other: Any) -> bool:
    if one is other:
        return True
    if type(one) is tuple and type(other) is tuple:
        return len(one) == len(other) and all(map(_equal, one, other))
    if type(one) not in SCALARS or type(other) not in SCALARS:
        raise Undecided
    return type(one) is type(other) and (
        repr(one) == repr(other) if isinstance(one, (float, complex)) else one == other
    )

"""`builtins.__fault__`: says whether a fault is on, notes which guards were evaluated, and counts.

Every test gets a new guard function, so that what it notes and counts belongs to that test alone.
"""

from __future__ import annotations

import builtins
import mmap
from collections.abc import Callable

NAME = "__fault__"
_SIZE = 1 << 14  # guards with higher numbers leave no trace
_trace: mmap.mmap | None = None


def share_trace() -> None:
    """Has the guards evaluated in children leave a trace here, which outlives a child that is killed."""
    global _trace
    _trace = mmap.mmap(-1, _SIZE)


def traced() -> list[int]:
    """The guards that the last test evaluated, as far as they left a trace."""
    return [] if _trace is None else [number for number, mark in enumerate(_trace[:]) if mark]


def clear_trace() -> None:
    """Forgets the last test."""
    if _trace is not None:
        _trace[:] = bytes(_SIZE)


class Guard:
    """The guard function of one test (or of importing), with its notes."""

    def __init__(self, on: frozenset[int], budget: int, exhausted: Callable[[set[int]], None]) -> None:
        self.seen: set[int] = set()
        self.elsewhere = 0  # evaluations in other processes, as far as known
        self._budget = budget
        seen, add = self.seen, self.seen.add
        left = budget
        trace = _trace
        clear_trace()

        def guard(number: int) -> bool:
            nonlocal left
            left -= 1
            if left < 0:
                exhausted(seen)
            if number not in seen:
                add(number)
                if trace is not None and 0 <= number < _SIZE:
                    trace[number] = 1
            return number in on

        self.guard: Callable[[int], bool] = guard
        self._left: Callable[[], int] = lambda: left

    @property
    def hits(self) -> int:
        """How often any guard was evaluated."""
        return self._budget - self._left() + self.elsewhere

    def install(self) -> None:
        """Makes this the guard that the program sees."""
        setattr(builtins, NAME, self.guard)

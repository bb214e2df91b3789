"""Containers compared by how they lie in memory, without touching what they hold.

Whoever looks at an object in Python counts a reference, which writes to it, and in a forked process every
page that is written to is copied first: looking at all state once then takes longer than a test. So where a
container keeps its references is read as numbers. Whoever asks has to hold on to all that was held at
first, so that no other object can come to lie at the same place. Layouts are those of CPython 3.9 to 3.13;
whether they are this interpreter's, `layouts` says, which nobody else may do without.
"""

from __future__ import annotations

import ctypes
import operator
import sys
from collections.abc import Callable, Iterable, Sequence
from itertools import compress, count
from typing import Any, NamedTuple

WORD = 8
_HALF = sys.maxsize // 2 + 1  # of what can be addressed; programs have less
_WORDS: Any = (ctypes.c_uint64 * (_HALF // WORD)).from_address(0)
_BYTES = memoryview((ctypes.c_uint8 * _HALF).from_address(0)).cast("B")
_MANAGED = 1 << 4  # the flag of classes whose objects have their dict in front of them


class Spot(NamedTuple):
    """The numbers of the words that say where a container has its contents, and how to find these."""

    words: tuple[int, ...]
    contents: Callable[[int], tuple[int, int]] | None = None  # of the address: first byte, one past the last
    address: int = 0


def word(address: int) -> int:
    """The word that begins there."""
    return int(_WORDS[address // WORD])


def _spot(address: int, offsets: Iterable[int], contents: Any = None) -> Spot:
    return Spot(tuple((address + offset) // WORD for offset in offsets), contents, address)


def of_list(value: list[Any]) -> Spot:
    """Its size and its items."""
    return _spot(id(value), (16, 24), _items)


def of_set(value: set[Any]) -> Spot:
    """Its sizes and its table."""
    return _spot(id(value), (16, 24, 32, 40), _table)


def of_cell(value: Any) -> Spot:
    """What it refers to."""
    return _spot(id(value), (16,))


def of_version(value: dict[Any, Any]) -> Spot:
    """The version of a dict, which every change of it makes another (PEP 509; up to 3.12)."""
    return _spot(id(value), (24,))


def of_entries(value: dict[Any, Any]) -> Spot:
    """The size of a dict, where its keys and values are, and these (3.13)."""
    return _spot(id(value), (16, 32, 40), _entries)


def of_reference(value: Any, held: Any) -> Spot | None:
    """Where an object keeps `held`, in itself or in front of it; None where that is not certain."""
    before = 32 if type(value).__flags__ & _MANAGED else 0
    places = range(-before, type(value).__basicsize__, WORD)
    found = [place for place in places if not -16 <= place < 16 and word(id(value) + place) == id(held)]
    return _spot(id(value), found) if len(found) == 1 else None


def size(spot: Spot) -> int:
    """How many bytes its contents have."""
    start, end = spot.contents(spot.address) if spot.contents is not None else (0, 0)
    return end - start


def _items(address: int) -> tuple[int, int]:
    start = word(address + 24)
    return start, start + WORD * word(address + 16)


def _table(address: int) -> tuple[int, int]:
    start = word(address + 40)
    return start, start + 2 * WORD * (word(address + 32) + 1)


def _entries(address: int) -> tuple[int, int]:
    """The values of a dict that shares its keys, with their order, or else its own keys with all."""
    keys, values = word(address + 32), word(address + 40)
    if values:
        return values, values + WORD + (WORD + 1) * _BYTES[values]
    entry = 16 if _BYTES[keys + 10] else 24
    return keys + 16, keys + 32 + (1 << _BYTES[keys + 9]) + entry * word(keys + 24)


class Memory:
    """What many spots hold, as it was when it was last taken."""

    def __init__(self, spots: Sequence[Spot]) -> None:
        self._spots = spots
        self._words = [word for spot in spots for word in spot.words]
        self._owners = [number for number, spot in enumerate(spots) for _word in spot.words]
        self._look = _gather(self._words)
        self._heads = self._look(_WORDS)
        self._views: dict[int, memoryview] = {}
        self._contents: dict[int, bytes] = {}
        self.take(range(len(spots)))

    def take(self, numbers: Iterable[int]) -> None:
        """These spots hold what they should, as they are now."""
        taken = set(numbers)
        heads = list(self._heads)
        for at in compress(count(), map(taken.__contains__, self._owners)):
            heads[at] = _WORDS[self._words[at]]
        self._heads = tuple(heads)
        for number in taken:
            spot = self._spots[number]
            if spot.contents is not None:
                start, end = spot.contents(spot.address)
                self._views[number] = _BYTES[start:end]
                self._contents[number] = bytes(self._views[number])
        self._joined = b"".join(self._contents.values())

    def differing(self) -> list[int]:
        """The numbers of the spots that hold something else, or hold it elsewhere.

        Contents are read only where the words say that they are still there.
        """
        now, before = self._look(_WORDS), self._heads
        if now == before:
            if b"".join(self._views.values()) == self._joined:
                return []
            return [number for number in self._views if self._views[number] != self._contents[number]]
        moved = set(compress(self._owners, map(operator.ne, now, before)))
        others = self._views.keys() - moved
        return sorted(moved) + [number for number in others if self._views[number] != self._contents[number]]


def _gather(words: Sequence[int]) -> Callable[[Any], tuple[int, ...]]:
    if len(words) < 2:  # of one alone the getter would not make a tuple
        return lambda memory: tuple(memory[word] for word in words)
    return operator.itemgetter(*words)

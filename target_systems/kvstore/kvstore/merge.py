"""Several sorted streams of entries as one; of equal keys the newest stream's entry counts."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence

from .record import Entry


def merge(streams: Sequence[Iterable[Entry]]) -> Iterator[Entry]:
    """The entries of all streams by key, each key once. The first stream is the newest."""
    heap: list[tuple[bytes, int, Entry]] = []
    sources = [iter(stream) for stream in streams]
    for age, source in enumerate(sources):
        _push(heap, age, source)
    last: bytes | None = None
    while heap:
        key, age, entry = heapq.heappop(heap)
        _push(heap, age, sources[age])
        if key != last:
            yield entry
        last = key


def _push(heap: list[tuple[bytes, int, Entry]], age: int, source: Iterator[Entry]) -> None:
    entry = next(source, None)
    if entry is not None:
        heapq.heappush(heap, (entry.key, age, entry))


def readable(entries: Iterable[Entry], now: int) -> Iterator[tuple[bytes, bytes]]:
    """(key, value) of the entries that a reader at the time `now` sees."""
    for entry in entries:
        if entry.alive(now) and entry.value is not None:
            yield entry.key, entry.value


def compacted(entries: Iterable[Entry], now: int, *, oldest: bool) -> Iterator[Entry]:
    """What has to be kept of merged entries.

    Where nothing older lies below (`oldest`), entries that are dead can go; else a dead one stays
    as a tombstone, since it hides what is older.
    """
    for entry in entries:
        if entry.alive(now):
            yield entry
        elif not oldest:
            yield Entry(entry.key, None)

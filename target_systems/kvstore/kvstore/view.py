"""Reading: a memtable over segments, as of one moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .errors import UsageError
from .memtable import Memtable
from .merge import merge, readable
from .record import Entry
from .segment import Segment


def find(key: bytes, table: Memtable, segments: Sequence[Segment]) -> Entry | None:
    """The newest entry of a key; segments come newest first."""
    entry = table.get(key)
    if entry is not None:
        return entry
    for segment in segments:
        entry = segment.get(key)
        if entry is not None:
            return entry
    return None


def successor(prefix: bytes) -> bytes | None:
    """The least key behind all keys with this prefix; None where there is no such key."""
    trimmed = prefix.rstrip(b"\xff")
    if not trimmed:
        return None
    return trimmed[:-1] + bytes([trimmed[-1] + 1])


def select(
    table: Memtable,
    segments: Sequence[Segment],
    now: int,
    start: bytes = b"",
    stop: bytes | None = None,
    limit: int | None = None,
) -> Iterator[tuple[bytes, bytes]]:
    """(key, value) from `start` up to but without `stop`, at most `limit` of them."""
    if limit is not None and limit < 0:
        raise UsageError(f"a limit of {limit}")
    streams = [table.scan(start), *(segment.scan(start) for segment in segments)]
    for count, (key, value) in enumerate(readable(merge(streams), now)):
        if stop is not None and key >= stop:
            return
        if limit is not None and count >= limit:
            return
        yield key, value

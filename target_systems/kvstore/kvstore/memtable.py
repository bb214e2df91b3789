"""The newest entries, in memory, by key."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator

from .record import Entry


class Memtable:
    """A sorted table with the number of bytes that it holds."""

    def __init__(self) -> None:
        self._entries: dict[bytes, Entry] = {}
        self._keys: list[bytes] = []
        self.size = 0

    def __len__(self) -> int:
        return len(self._keys)

    def set(self, entry: Entry) -> None:
        """Puts an entry in place of an older one of its key."""
        before = self._entries.get(entry.key)
        if before is None:
            insort(self._keys, entry.key)
        else:
            self.size -= before.size()
        self._entries[entry.key] = entry
        self.size += entry.size()

    def get(self, key: bytes) -> Entry | None:
        """What the table knows of a key."""
        return self._entries.get(key)

    def scan(self, start: bytes = b"") -> Iterator[Entry]:
        """All entries from the key `start` on, by key."""
        for place in range(bisect_left(self._keys, start), len(self._keys)):
            yield self._entries[self._keys[place]]

    def copy(self) -> Memtable:
        """A table of its own with the same entries."""
        other = Memtable()
        other._entries = dict(self._entries)
        other._keys = list(self._keys)
        other.size = self.size
        return other

"""Sorted files that are never changed: written once, searched through a sparse index, then removed.

frame of each entry, by key | frame of index | frame of Bloom filter | footer
footer: where the index begins (8 bytes) | where the filter begins (8) | checksum of both (4)
"""

from __future__ import annotations

import os
import struct
import zlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from .bloom import Bloom
from .errors import CorruptionError
from .files import read_file, replacing
from .record import Damaged, Entry, Torn, decode_body, encode_body, frame, unframe
from .varint import decode_varint, encode_varint

EVERY = 8  # entries for each one in the index
FOOTER = struct.Struct(">QQI")


def _encode_index(index: list[tuple[bytes, int]]) -> bytes:
    parts = [encode_varint(len(index))]
    for key, offset in index:
        parts += [encode_varint(len(key)), key, encode_varint(offset)]
    return b"".join(parts)


def _decode_index(body: bytes) -> list[tuple[bytes, int]]:
    count, offset = decode_varint(body)
    index = []
    for _ in range(count):
        length, offset = decode_varint(body, offset)
        key = body[offset : offset + length]
        place, offset = decode_varint(body, offset + length)
        index.append((key, place))
    return index


def _encode_footer(index_start: int, bloom_start: int) -> bytes:
    places = FOOTER.pack(index_start, bloom_start, 0)[:-4]
    return places + zlib.crc32(places).to_bytes(4, "big")


def _decode_footer(data: bytes) -> tuple[int, int]:
    """Where the index and the filter begin. Raises ValueError."""
    if len(data) < FOOTER.size:
        raise ValueError("cut off")
    index_start, bloom_start, _ = FOOTER.unpack_from(data, len(data) - FOOTER.size)
    if _encode_footer(index_start, bloom_start) != data[-FOOTER.size :]:
        raise ValueError("wrong footer")
    return index_start, bloom_start


def write_segment(path: str, entries: Iterable[Entry], sync: bool = True) -> int:
    """Writes entries, which come by key, to a new file in one step; returns how many."""
    index: list[tuple[bytes, int]] = []
    keys: list[bytes] = []
    with replacing(path, sync) as file:
        for entry in entries:
            if keys and entry.key <= keys[-1]:
                raise ValueError("entries out of order")
            if len(keys) % EVERY == 0:
                index.append((entry.key, file.tell()))
            keys.append(entry.key)
            file.write(frame(encode_body(entry)))
        index_start = file.tell()
        file.write(frame(_encode_index(index)))
        bloom_start = file.tell()
        file.write(frame(Bloom.of(keys).to_bytes()))
        file.write(_encode_footer(index_start, bloom_start))
    return len(keys)


class Segment:
    """One sorted file, open for reading. It is read as a whole: segments are small."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._data = read_file(path)
        try:
            self._end, bloom_start = _decode_footer(self._data)
        except ValueError as problem:
            raise CorruptionError(path, len(self._data), str(problem)) from None
        try:
            self._index = _decode_index(self._body(self._end)[0])
        except ValueError as problem:
            raise CorruptionError(path, self._end, str(problem)) from None
        self._bloom = Bloom.from_bytes(self._body(bloom_start)[0])

    @property
    def name(self) -> str:
        """The file's name without its folder."""
        return os.path.basename(self.path)

    @property
    def size(self) -> int:
        """The file's bytes."""
        return len(self._data)

    def _body(self, offset: int) -> tuple[bytes, int]:
        try:
            return unframe(self._data, offset)
        except (Torn, Damaged) as problem:
            raise CorruptionError(self.path, offset, str(problem)) from None

    def _entries_from(self, offset: int) -> Iterator[Entry]:
        while offset < self._end:
            body, end = self._body(offset)
            try:
                entry, _ = decode_body(body)
            except ValueError as problem:
                raise CorruptionError(self.path, offset, str(problem)) from None
            yield entry
            offset = end

    def _start(self, key: bytes) -> int:
        """The offset of the last indexed entry that is not behind `key`."""
        place = bisect_right([first for first, _ in self._index], key) - 1
        return self._index[max(place, 0)][1] if self._index else self._end

    def get(self, key: bytes) -> Entry | None:
        """What the segment knows of a key."""
        if not self._bloom.may_hold(key):
            return None
        for entry in self._entries_from(self._start(key)):
            if entry.key == key:
                return entry
            if entry.key > key:
                break
        return None

    def scan(self, start: bytes = b"") -> Iterator[Entry]:
        """All entries from the key `start` on, by key."""
        for entry in self._entries_from(self._start(start)):
            if entry.key >= start:
                yield entry

    def check(self) -> int:
        """Reads every entry, and looks it up; returns how many. Raises CorruptionError."""
        count = 0
        last = b""
        for entry in self._entries_from(0):
            if count and entry.key <= last:
                raise CorruptionError(self.path, 0, "entries out of order")
            if not self._bloom.may_hold(entry.key):
                raise CorruptionError(self.path, 0, "a key that the filter lacks")
            last = entry.key
            count += 1
        return count

"""Changes that are made together or not at all."""

from __future__ import annotations

from collections.abc import Iterator

from .errors import UsageError
from .record import Entry, decode_body, encode_body
from .varint import decode_varint, encode_varint

LONGEST_KEY = 1024
LARGEST_VALUE = 1 << 20


def check_key(key: bytes) -> bytes:
    """The key, if it may be one. Raises UsageError."""
    if not isinstance(key, bytes):
        raise UsageError(f"a key must be bytes, not {type(key).__name__}")
    if not key:
        raise UsageError("a key must not be empty")
    if len(key) > LONGEST_KEY:
        raise UsageError(f"a key of {len(key)} bytes is too long")
    return key


def check_value(value: bytes) -> bytes:
    """The value, if it may be one. Raises UsageError."""
    if not isinstance(value, bytes):
        raise UsageError(f"a value must be bytes, not {type(value).__name__}")
    if len(value) > LARGEST_VALUE:
        raise UsageError(f"a value of {len(value)} bytes is too large")
    return value


class Batch:
    """Collects changes; the last one of a key counts."""

    def __init__(self) -> None:
        self._entries: dict[bytes, Entry] = {}

    def put(self, key: bytes, value: bytes, expires: int = 0) -> Batch:
        """Sets a key, until the time `expires` unless that is 0."""
        if expires < 0:
            raise UsageError(f"{expires} is no time")
        self._add(Entry(check_key(key), check_value(value), expires))
        return self

    def delete(self, key: bytes) -> Batch:
        """Removes a key, whether it is there or not."""
        self._add(Entry(check_key(key), None))
        return self

    def _add(self, entry: Entry) -> None:
        self._entries.pop(entry.key, None)
        self._entries[entry.key] = entry

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def encode(self) -> bytes:
        """All changes as one body, for one record of the log."""
        bodies = [encode_body(entry) for entry in self]
        return encode_varint(len(bodies)) + b"".join(bodies)


def decode_batch(body: bytes) -> list[Entry]:
    """The entries of a batch's body. Raises ValueError for bytes that are none."""
    count, offset = decode_varint(body)
    entries = []
    for _ in range(count):
        entry, offset = decode_body(body, offset)
        entries.append(entry)
    if offset != len(body):
        raise ValueError("bytes left over")
    return entries

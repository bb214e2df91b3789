"""One record: a key with its value and its time to die, in a frame with checksums.

frame: length of body (4 bytes) | checksum of body (4) | checksum of these two (4) | body
body: flags | length of key | key | [expiry] | [length of value | value]

The header has a checksum of its own, so that a damaged length is not taken for a write cut short.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from .varint import decode_varint, encode_varint

TOMBSTONE = 1
EXPIRES = 2
HEADER = struct.Struct(">III")
CHECKED = 8  # bytes of a header that its own checksum is of


@dataclass(frozen=True)
class Entry:
    """What is known of a key: its value, or None when it was deleted; `expires` 0 means never."""

    key: bytes
    value: bytes | None
    expires: int = 0

    @property
    def deleted(self) -> bool:
        """Whether the entry says that the key is gone."""
        return self.value is None

    def alive(self, now: int) -> bool:
        """Whether a reader at the time `now` sees a value."""
        if self.deleted:
            return False
        return self.expires == 0 or now < self.expires

    def size(self) -> int:
        """The bytes of key and value, as limits count them."""
        return len(self.key) + len(self.value or b"")


def _sized(data: bytes) -> bytes:
    return encode_varint(len(data)) + data


def encode_body(entry: Entry) -> bytes:
    """The body of an entry, without its checksum."""
    flags = 0
    if entry.deleted:
        flags |= TOMBSTONE
    if entry.expires:
        flags |= EXPIRES
    parts = [bytes([flags]), _sized(entry.key)]
    if entry.expires:
        parts.append(encode_varint(entry.expires))
    if entry.value is not None:
        parts.append(_sized(entry.value))
    return b"".join(parts)


def _take(data: bytes, offset: int) -> tuple[bytes, int]:
    length, start = decode_varint(data, offset)
    end = start + length
    if end > len(data):
        raise ValueError("cut off in a field")
    return data[start:end], end


def decode_body(data: bytes, offset: int = 0) -> tuple[Entry, int]:
    """(entry, offset behind it). Raises ValueError for bytes that are no body."""
    if offset >= len(data):
        raise ValueError("an empty body")
    flags = data[offset]
    if flags & ~(TOMBSTONE | EXPIRES):
        raise ValueError(f"unknown flags {flags}")
    key, offset = _take(data, offset + 1)
    expires = 0
    if flags & EXPIRES:
        expires, offset = decode_varint(data, offset)
    if flags & TOMBSTONE:
        return Entry(key, None, expires), offset
    value, offset = _take(data, offset)
    return Entry(key, value, expires), offset


def frame(body: bytes) -> bytes:
    """A body with its header in front."""
    checksum = zlib.crc32(body)
    check = zlib.crc32(HEADER.pack(len(body), checksum, 0)[:CHECKED])
    return HEADER.pack(len(body), checksum, check) + body


class Torn(Exception):
    """A frame that ends before it should: the mark of a write that was cut off."""


class Damaged(Exception):
    """A frame with a checksum that is wrong."""


def unframe(data: bytes, offset: int) -> tuple[bytes, int]:
    """(body, offset behind the frame). Raises Torn or Damaged."""
    start = offset + HEADER.size
    if start > len(data):
        raise Torn("cut off in a header")
    length, checksum, check = HEADER.unpack_from(data, offset)
    if zlib.crc32(data[offset : offset + CHECKED]) != check:
        raise Damaged("wrong checksum of a header")
    end = start + length
    if end > len(data):
        raise Torn("cut off in a body")
    if zlib.crc32(data[start:end]) != checksum:
        raise Damaged("wrong checksum")
    return data[start:end], end

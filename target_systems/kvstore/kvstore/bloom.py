"""A Bloom filter: which keys are surely not in a segment."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

BITS_PER_KEY = 10
HASHES = 4


class Bloom:
    """A set of bits. A key that was added is always found, another one seldom."""

    def __init__(self, bits: bytearray) -> None:
        self._bits = bits

    @classmethod
    def of(cls, keys: Iterable[bytes]) -> Bloom:
        """The filter of these keys."""
        known = list(keys)
        size = max(8, len(known) * BITS_PER_KEY)
        bloom = cls(bytearray((size + 7) // 8))
        for key in known:
            for place in bloom._places(key):
                bloom._bits[place // 8] |= 1 << (place % 8)
        return bloom

    def _places(self, key: bytes) -> list[int]:
        first = zlib.crc32(key)
        step = zlib.adler32(key) | 1
        size = len(self._bits) * 8
        return [(first + number * step) % size for number in range(HASHES)]

    def may_hold(self, key: bytes) -> bool:
        """False when the key was surely not added."""
        return all(self._bits[place // 8] & (1 << (place % 8)) for place in self._places(key))

    def to_bytes(self) -> bytes:
        """The bits, for a file."""
        return bytes(self._bits)

    @classmethod
    def from_bytes(cls, data: bytes) -> Bloom:
        """The filter that `to_bytes` wrote."""
        return cls(bytearray(data))

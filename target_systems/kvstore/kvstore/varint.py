"""Whole numbers in as few bytes as they need: seven bits a byte, the lowest first."""

from __future__ import annotations

MORE = 0x80
LOW_BITS = 0x7F
LONGEST = 10


def encode_varint(number: int) -> bytes:
    """The bytes of a number from 0 up. Raises ValueError for a negative one."""
    if number < 0:
        raise ValueError(f"{number} is negative")
    out = bytearray()
    while number > LOW_BITS:
        out.append((number & LOW_BITS) | MORE)
        number >>= 7
    out.append(number)
    return bytes(out)


def decode_varint(data: bytes, offset: int = 0) -> tuple[int, int]:
    """(number, offset behind it). Raises ValueError where the bytes end too early or go on too long."""
    number = 0
    shift = 0
    for place in range(offset, min(len(data), offset + LONGEST)):
        byte = data[place]
        number |= (byte & LOW_BITS) << shift
        if byte < MORE:
            return number, place + 1
        shift += 7
    if len(data) - offset >= LONGEST:
        raise ValueError("a number that does not end")
    raise ValueError("cut off in a number")

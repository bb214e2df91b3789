"""Messages between processes: four bytes of length (big endian), then that much JSON in ASCII."""

from __future__ import annotations

import json
import os
import struct
from typing import Any

LARGEST = 64 << 20
Message = dict[str, Any]


class BadFrame(Exception):
    """The other side sent what is no message."""


def pack(message: Message) -> bytes:
    """The message as bytes."""
    body = json.dumps(message, separators=(",", ":")).encode("ascii")
    return struct.pack(">I", len(body)) + body


def unpack(body: bytes) -> Message:
    """The message of a frame's body. Raises BadFrame."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as trouble:
        raise BadFrame(str(trouble)) from None
    if not isinstance(message, dict):
        raise BadFrame("a message must be an object")
    return message


def write_all(fd: int, data: bytes) -> None:
    """Writes everything to a blocking descriptor."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def send(fd: int, message: Message) -> None:
    """Sends one message."""
    write_all(fd, pack(message))


def _read_exactly(fd: int, size: int) -> bytes | None:
    parts: list[bytes] = []
    while size:
        part = os.read(fd, min(size, 1 << 20))
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def receive_body(fd: int, largest: int = LARGEST) -> bytes | None:
    """The body of the next frame, or None when the other side has closed. Raises BadFrame."""
    head = _read_exactly(fd, 4)
    if head is None:
        return None
    size = struct.unpack(">I", head)[0]
    if size > largest:
        raise BadFrame(f"a frame of {size} bytes")
    return _read_exactly(fd, size)


def receive(fd: int, largest: int = LARGEST) -> Message | None:
    """The next message, or None when the other side has closed. Raises BadFrame."""
    body = receive_body(fd, largest)
    return None if body is None else unpack(body)


class Inbox:
    """Puts messages together from pieces as they arrive."""

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._buffer = bytearray()

    def feed(self, piece: bytes) -> list[Message]:
        """The messages that are complete with this piece. Raises BadFrame."""
        self._buffer += piece
        found: list[Message] = []
        while len(self._buffer) >= 4:
            size = struct.unpack(">I", self._buffer[:4])[0]
            if size > self._largest:
                raise BadFrame(f"a frame of {size} bytes")
            if len(self._buffer) < 4 + size:
                break
            found.append(unpack(bytes(self._buffer[4 : 4 + size])))
            del self._buffer[: 4 + size]
        return found

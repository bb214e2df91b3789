"""The write-ahead log: every batch is on disk before anyone can read it."""

from __future__ import annotations

import os
from collections.abc import Iterator

from .batch import decode_batch
from .errors import CorruptionError
from .files import read_file, sync_folder
from .record import Damaged, Entry, Torn, frame, unframe


class Log:
    """An append-only file of batches."""

    def __init__(self, path: str, sync: bool = True) -> None:
        self.path = path
        self._sync = sync
        new = not os.path.exists(path)
        self._file = open(path, "ab")  # noqa: SIM115 (it stays open)
        if sync and new:
            sync_folder(os.path.dirname(path))

    @property
    def size(self) -> int:
        """The bytes written so far."""
        return self._file.tell()

    def append(self, body: bytes) -> int:
        """Writes a batch's body; returns the offset at which it begins."""
        offset = self._file.tell()
        self._file.write(frame(body))
        self._file.flush()
        if self._sync:
            os.fsync(self._file.fileno())
        return offset

    def close(self) -> None:
        """Closes the file; more than once does no harm."""
        self._file.close()


def read_log(path: str) -> tuple[list[list[Entry]], int]:
    """(batches, bytes up to the end of the last whole one).

    A torn record at the end is what a crash leaves behind and is not returned. Raises
    CorruptionError for a damaged record, which no crash explains.
    """
    batches: list[list[Entry]] = []
    good = 0
    for body, end in _frames(path, read_file(path)):
        try:
            batches.append(decode_batch(body))
        except ValueError as problem:
            raise CorruptionError(path, good, str(problem)) from None
        good = end
    return batches, good


def _frames(path: str, data: bytes) -> Iterator[tuple[bytes, int]]:
    offset = 0
    while offset < len(data):
        try:
            body, end = unframe(data, offset)
        except Torn:
            return
        except Damaged as problem:
            raise CorruptionError(path, offset, str(problem)) from None
        yield body, end
        offset = end


def recover_log(path: str) -> list[list[Entry]]:
    """The batches of a log, whose torn tail is cut off the file. A missing log is an empty one."""
    if not os.path.exists(path):
        return []
    batches, good = read_log(path)
    if good < os.path.getsize(path):
        os.truncate(path, good)
    return batches

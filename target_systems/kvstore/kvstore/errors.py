"""What can go wrong with a store."""

from __future__ import annotations


class KvError(Exception):
    """The base of all errors of the store."""


class UsageError(KvError, ValueError):
    """A key, a value or an option that the store does not take."""


class ClosedError(KvError):
    """The store, or the snapshot, was closed."""


class CorruptionError(KvError):
    """Bytes on disk that are not what was written.

    `path` is the file and `offset` the place of the first record that is damaged.
    """

    def __init__(self, path: str, offset: int, reason: str) -> None:
        super().__init__(f"{path} at {offset}: {reason}")
        self.path = path
        self.offset = offset
        self.reason = reason

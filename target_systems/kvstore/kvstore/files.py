"""Files that are replaced in one step: a reader finds the old one or the new one, never half of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

ASIDE = ".new"


@contextmanager
def replacing(path: str, sync: bool = True) -> Iterator[BinaryIO]:
    """A new file to write to, which takes the place of `path` when the block ends without an error."""
    aside = path + ASIDE
    with open(aside, "wb") as file:
        yield file
        file.flush()
        if sync:
            os.fsync(file.fileno())
    os.replace(aside, path)
    if sync:
        sync_folder(os.path.dirname(path))


def sync_folder(folder: str) -> None:
    """Makes the names in a folder as durable as the files."""
    number = os.open(folder or os.curdir, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def read_file(path: str) -> bytes:
    """All bytes of a file."""
    with open(path, "rb") as file:
        return file.read()

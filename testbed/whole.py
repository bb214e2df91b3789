"""Files that are written whole or not at all: whoever looks, or is killed, never meets half of one."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from testbed.errors import UserError

_REMEDY = "give another place"


def write(path: Path, content: str | bytes) -> None:
    """Puts `content` in place of what is at `path` (behind a symbolic link). Raises UserError.

    A device or a pipe is written to as it is.
    """
    data = content.encode() if isinstance(content, str) else content
    try:
        place = path.resolve()
        if place.exists() and not place.is_file():
            place.write_bytes(data)
        else:
            _replace(place, data)
    except OSError as problem:
        raise UserError(f"cannot be written ({problem.strerror})", where=str(path), remedy=_REMEDY) from None


def _replace(place: Path, data: bytes) -> None:
    aside = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        aside.write_bytes(data)
        if place.exists():
            aside.chmod(stat.S_IMODE(place.stat().st_mode))
        aside.replace(place)
    finally:
        aside.unlink(missing_ok=True)


def refuse_unwritable(path: Path) -> None:
    """Raises UserError where `write` could not write there, before anything has been done for it."""
    folder = path.resolve().parent
    if path.is_dir():
        raise UserError("is a folder", where=str(path), remedy="give a file")
    if not folder.is_dir():
        raise UserError("there is no such folder", where=str(path.parent), remedy=_REMEDY)
    if path.exists() and not path.is_file():
        return
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UserError("cannot write there", where=str(path.parent), remedy=_REMEDY)

"""Unpacks a source distribution, trusting nothing that is in it."""

from __future__ import annotations

import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from testbed.errors import UserError

_LARGEST = 512 << 20  # bytes, unpacked
_MOST = 100_000  # members
_CHUNK = 1 << 20
# RuntimeError: links in a ring, a zip's encryption or a compression that is not known.
_BROKEN = (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError)
Member = tuple[str, IO[bytes]]


def unpack(archive: Path, folder: Path) -> Path:
    """Writes the files of `archive` into `folder` and returns the top folder in there.

    Only plain files are written: a link becomes a copy of the member that it names. Raises UserError
    for a name or a link that leads out, for devices, for more than 512 MiB, and for what is no archive.
    """
    left = _LARGEST
    try:
        for number, (name, data) in enumerate(_members(archive)):
            left -= _write(folder / _safe(name, archive), data, left)
            if left <= 0 or number >= _MOST:
                raise UserError("is too large when unpacked", where=archive.name)
    except _BROKEN as problem:
        raise UserError(f"cannot be unpacked ({problem})", where=archive.name) from None
    return _top(folder)


def _members(archive: Path) -> Iterator[Member]:
    if archive.name.endswith(".zip"):
        yield from _zipped(archive)
    else:
        yield from _tarred(archive)


def _tarred(archive: Path) -> Iterator[Member]:
    with tarfile.open(archive, "r:*") as tar:
        for member in tar:
            if member.isdir():
                _safe(member.name, archive)
            elif member.isfile() or member.issym() or member.islnk():
                data = _opened(tar, member, archive)
                if data is not None:
                    yield member.name, data
            else:
                raise UserError(f"{member.name} is neither a file nor a folder", where=archive.name)


def _opened(tar: tarfile.TarFile, member: tarfile.TarInfo, archive: Path) -> IO[bytes] | None:
    """The content of a file, or of the one that a link names; None for a link to a folder inside."""
    try:
        return tar.extractfile(member)
    except KeyError:
        what = f"{member.name} is a link to {member.linkname}, which is not in it"
        raise UserError(what, where=archive.name) from None


def _zipped(archive: Path) -> Iterator[Member]:
    with zipfile.ZipFile(archive) as zipped:
        for info in zipped.infolist():
            if info.is_dir():
                _safe(info.filename, archive)
                continue
            with zipped.open(info) as data:
                yield info.filename, data


def _safe(name: str, archive: Path) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name:
        raise UserError(f"{name!r} leads out of the archive", where=archive.name)
    return path


def _write(place: Path, data: IO[bytes], most: int) -> int:
    """Writes a file and returns its size; stops once it is larger than `most` bytes."""
    place.parent.mkdir(parents=True, exist_ok=True)
    size = 0
    with place.open("wb") as file:
        while size <= most and (chunk := data.read(_CHUNK)):
            size += file.write(chunk)
    return size


def _top(folder: Path) -> Path:
    """A source distribution has one folder with everything in it; where it has not, all is the top."""
    inside = list(folder.iterdir())
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else folder

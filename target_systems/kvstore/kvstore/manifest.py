"""Which files make up the store: one small text file, replaced in one step."""

from __future__ import annotations

import os
import zlib
from dataclasses import dataclass

from .errors import CorruptionError
from .files import read_file, replacing

NAME = "MANIFEST"
VERSION = "kvstore 1"
CHECK = "check "


@dataclass(frozen=True)
class Manifest:
    """The segments, newest first, the log in use, and the number of the next file."""

    segments: tuple[str, ...] = ()
    log: str = "000000.log"
    next_file: int = 1

    def file_name(self, suffix: str) -> str:
        """The name of the next file."""
        return f"{self.next_file:06d}.{suffix}"


def write_manifest(folder: str, manifest: Manifest, sync: bool = True) -> None:
    """Replaces the manifest of a folder."""
    lines = [VERSION, f"log {manifest.log}", f"next {manifest.next_file}"]
    lines += [f"segment {name}" for name in manifest.segments]
    text = "\n".join(lines) + "\n"
    with replacing(os.path.join(folder, NAME), sync) as file:
        file.write(f"{text}{CHECK}{_checksum(text)}\n".encode("ascii"))


def _checksum(text: str) -> str:
    return f"{zlib.crc32(text.encode()):08x}"


def read_manifest(folder: str) -> Manifest | None:
    """The manifest of a folder, None where there is none yet. Raises CorruptionError."""
    path = os.path.join(folder, NAME)
    if not os.path.exists(path):
        return None
    text = read_file(path).decode("ascii", "replace")
    body, _, check = text.rpartition(CHECK)
    if check != _checksum(body) + "\n":
        raise CorruptionError(path, 0, "wrong checksum")
    lines = body.splitlines()
    if not lines or lines[0] != VERSION:
        raise CorruptionError(path, 0, "unknown version")
    return _parsed(path, lines[1:])


def _parsed(path: str, lines: list[str]) -> Manifest:
    segments = []
    log = ""
    next_file = 0
    for line in lines:
        kind, _, rest = line.partition(" ")
        if kind == "segment":
            segments.append(rest)
        elif kind == "log":
            log = rest
        elif kind == "next" and rest.isdigit():
            next_file = int(rest)
        else:
            raise CorruptionError(path, 0, f"unknown line {line!r}")
    return Manifest(tuple(segments), log, next_file)

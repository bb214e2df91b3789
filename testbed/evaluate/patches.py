"""Unified diffs as faults: each file of a diff read, applied exactly, and turned into one edit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from testbed.errors import UserError
from testbed.evaluate.faults import Fault
from testbed.schema import TextEdit

FAMILY = "given"
_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


@dataclass(frozen=True, slots=True)
class Hunk:
    """One hunk of a unified diff."""

    line: int  # of the diff, for messages
    start: int  # 1-based line of the old file
    old: tuple[str, ...]
    new: tuple[str, ...]
    new_start: int  # 1-based line of the new file


def faults(files: Sequence[Path], source: Mapping[str, str]) -> list[Fault]:
    """One fault for each diff file. Raises UserError where a diff does not fit the source to the letter."""
    return [_fault(number, file, source) for number, file in enumerate(files, start=1)]


def _fault(number: int, file: Path, source: Mapping[str, str]) -> Fault:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise UserError(f"cannot be read ({problem})", where=str(file)) from None
    changed: dict[str, str] = {}
    for path, hunks in parsed(text, file):
        if path not in source:
            remedy = f"such as {next(iter(sorted(source)))}" if source else ""
            raise UserError(f"{path} is not a file that may be changed", where=str(file), remedy=remedy)
        changed[path] = _applied(source[path], hunks, file)
    changed = {path: new for path, new in changed.items() if new != source[path]}
    if not changed:
        raise UserError("changes nothing", where=str(file), remedy="it needs a unified diff")
    path = next(iter(changed))
    edit = _edit(source[path], changed.pop(path))
    line = source[path].encode().count(b"\n", 0, edit.start) + 1
    return Fault(number, file.name, FAMILY, path, "", line, edit, tuple(changed.items()))


def parsed(text: str, file: Path) -> Iterator[tuple[str, list[Hunk]]]:
    """(path, hunks) of each file that a diff changes."""
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        if not (lines[at].startswith("--- ") and at + 1 < len(lines) and lines[at + 1].startswith("+++ ")):
            at += 1
            continue
        path = _path(lines[at], lines[at + 1])
        at += 2
        hunks: list[Hunk] = []
        while at < len(lines) and lines[at].startswith("@@"):
            hunk, at = _hunk(lines, at, file)
            hunks.append(hunk)
        yield path, hunks


def _path(old: str, new: str) -> str:
    name = (new if new[4:].strip() != "/dev/null" else old)[4:].split("\t")[0].strip()
    return name[2:] if name.startswith(("a/", "b/")) else name


def _hunk(lines: Sequence[str], at: int, file: Path) -> tuple[Hunk, int]:
    head = _HUNK.match(lines[at])
    if head is None:
        raise UserError("a hunk without line numbers", where=f"{file}:{at + 1}")
    left = [int(head.group(2) or 1), int(head.group(4) or 1)]
    old: list[str] = []
    new: list[str] = []
    place = at + 1
    while (left[0] or left[1]) and place < len(lines):
        sign, rest = lines[place][:1] or " ", lines[place][1:]
        if sign == "\\":
            place += 1
            continue
        if sign not in " +-":
            break
        if sign in " -":
            old.append(rest)
            left[0] -= 1
        if sign in " +":
            new.append(rest)
            left[1] -= 1
        place += 1
    if left != [0, 0]:
        raise UserError("a hunk that is cut off", where=f"{file}:{at + 1}")
    while place < len(lines) and lines[place].startswith("\\"):
        place += 1
    return Hunk(at + 1, int(head.group(1)), tuple(old), tuple(new), int(head.group(3))), place


def _applied(text: str, hunks: Sequence[Hunk], file: Path) -> str:
    """The text with all hunks, each at the line that it names."""
    lines = text.splitlines()
    shift = 0
    for hunk in hunks:
        first = hunk.start - 1 + shift if hunk.old else hunk.start + shift
        if tuple(lines[first : first + len(hunk.old)]) != hunk.old:
            raise UserError(
                f"does not fit at line {hunk.start}",
                where=f"{file}:{hunk.line}",
                remedy="make it against the target's own files",
            )
        lines[first : first + len(hunk.old)] = hunk.new
        shift += len(hunk.new) - len(hunk.old)
    return "".join(f"{line}\n" for line in lines) if text.endswith("\n") or not text else "\n".join(lines)


def _edit(old: str, new: str) -> TextEdit:
    """The smallest edit from one text to the other, in bytes."""
    first = 0
    while first < min(len(old), len(new)) and old[first] == new[first]:
        first += 1
    last = 0
    while last < min(len(old), len(new)) - first and old[-1 - last] == new[-1 - last]:
        last += 1
    start, end = len(old[:first].encode()), len(old[: len(old) - last].encode())
    return TextEdit(start, end, new[first : len(new) - last])

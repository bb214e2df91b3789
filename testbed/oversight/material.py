"""What is put before a reviewer outside the testbed: the change, line by line, and nothing of the faults."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher, unified_diff
from typing import Any

from testbed.facts import canonical
from testbed.protocols import ReviewView

SCHEMA = 1
AROUND = 3
"""Unchanged lines shown on either side of a change."""

Mark = tuple[str, int]
"""A line that was marked: path, number in the new file."""


def material(view: ReviewView) -> dict[str, Any]:
    """The change as plain data. Equal changes with the same lines to read give equal data."""
    wanted: dict[str, set[int]] = {}
    for line in view.lines:
        wanted.setdefault(line.path, set()).add(line.line)
    files = []
    for path in sorted(view.after):
        hunks = list(_hunks(view.before.get(path, ""), view.after[path], wanted.get(path, set())))
        files.append({"path": path, "hunks": hunks})
    return {
        "schema": SCHEMA,
        "generation": view.generation,
        "attempt": view.attempt,
        "part": view.part,
        "lines_to_read": len(view.lines),
        "files": files,
        "diff": "".join(_diff(view.before, view.after)),
    }


def digest(shown: Mapping[str, Any]) -> str:
    """Names a piece of material, so that an answer to another one is noticed."""
    return hashlib.sha256(canonical(shown).encode()).hexdigest()[:32]


def _diff(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for path in sorted(after):
        old, new = (side.get(path, "").splitlines(keepends=True) for side in (before, after))
        for line in unified_diff(old, new, f"a/{path}", f"b/{path}", n=AROUND):
            yield line if line.endswith("\n") else line + "\n"


def _hunks(before: str, after: str, wanted: set[int]) -> Iterator[dict[str, Any]]:
    """Each hunk with its lines; a line to read whose own change is shown elsewhere is shown as context."""
    old, new = before.splitlines(), after.splitlines()
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for group in matcher.get_grouped_opcodes(AROUND):
        lines: list[dict[str, Any]] = []
        for tag, a, b, c, d in group:
            if tag == "equal":
                lines += [_line(" ", new[c + n], c + n + 1, wanted, old=a + n + 1) for n in range(d - c)]
                continue
            lines += [{"kind": "-", "old": n + 1, "text": old[n]} for n in range(a, b)]
            lines += [_line("+", new[n], n + 1, wanted) for n in range(c, d)]
        yield {"lines": lines}


def _line(kind: str, text: str, number: int, wanted: set[int], old: int | None = None) -> dict[str, Any]:
    shown: dict[str, Any] = {"kind": kind, "new": number, "text": text, "read": number in wanted}
    return shown if old is None else {**shown, "old": old}


def located(view: ReviewView, marks: Sequence[Mark]) -> tuple[tuple[int, int | None], ...]:
    """Marked lines as findings: the faults on a line, each once, or a false alarm where it has none.

    Raises ValueError for a line that was not to be read.
    """
    places = {(line.path, line.line): index for index, line in enumerate(view.lines)}
    found: list[tuple[int, int | None]] = []
    known: set[int] = set()
    for path, number in dict.fromkeys(marks):
        if (path, number) not in places:
            raise ValueError(f"{path}:{number} is not among the lines to read")
        index = places[path, number]
        faults = view.lines[index].faults
        found += [(index, fault) for fault in sorted(faults - known)] if faults else [(index, None)]
        known |= faults
    return tuple(sorted(found, key=lambda item: (item[0], item[1] or 0)))

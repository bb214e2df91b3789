"""Which lines a change touched, by file."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import SequenceMatcher


def changed_lines(old: str, new: str) -> frozenset[int]:
    """1-based lines of `new` that are new or replaced; where lines only went, the line that follows."""
    if old == new:
        return frozenset()
    before, after = old.splitlines(), new.splitlines()
    touched: set[int] = set()
    for tag, _a, _b, first, last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "delete":
            touched.add(min(first + 1, max(len(after), 1)))
        elif tag != "equal":
            touched.update(range(first + 1, last + 1))
    return frozenset(touched)


def touched(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, frozenset[int]]:
    """Path -> changed lines, of the files that changed."""
    found = {path: changed_lines(old.get(path, ""), text) for path, text in sorted(new.items())}
    return {path: lines for path, lines in found.items() if lines}

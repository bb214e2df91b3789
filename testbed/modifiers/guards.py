"""Guards on LibCST trees, and the check that an edit left every one of them whole."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache

import libcst as cst

from testbed.modifiers.parts import cut
from testbed.modifiers.tree import walk
from testbed.schema.guards import GUARD, MalformedGuard, find_guards, is_guard, test_number
from testbed.schema.text import parse


def guard_number(node: cst.CSTNode) -> int | None:
    """The fault number when `node` is a guard, an If or an IfExp on `__fault__(N)`, else None."""
    if not isinstance(node, cst.If | cst.IfExp):
        return None
    test = node.test
    if isinstance(test, cst.Call) and isinstance(test.func, cst.Name) and test.func.value == GUARD:
        number = test.args[0].value
        return int(number.value) if isinstance(number, cst.Integer) else None
    return None


def has_guard(node: cst.CSTNode) -> bool:
    """Whether a guard is at or below `node`."""
    return any(guard_number(found) is not None for found in walk(node))


def _contents(text: str) -> list[tuple[int, str, str]]:
    """(number, faulty, clean) of each guard, the versions as trees."""
    parts = cut(text) if GUARD in text else ()
    return [guard for part in parts or (text,) for guard in _contents_of(part)]


@lru_cache(maxsize=8192)
def _contents_of(text: str) -> tuple[tuple[int, str, str], ...]:
    if GUARD not in text:
        return ()
    find_guards(text)
    found = [node for node in ast.walk(parse(text)) if is_guard(node)]
    return tuple((test_number(node.test) or 0, _shown(node.body), _shown(node.orelse)) for node in found)


def _shown(part: ast.expr | list[ast.stmt]) -> str:
    return ast.dump(part) if isinstance(part, ast.expr) else " ".join(ast.dump(item) for item in part)


def kept_whole(before: Sequence[str], after: Sequence[str], copies: Mapping[int, int], renamed: bool) -> bool:
    """Whether the texts `after` have the guards of those `before`, plus copies, each with its two versions
    as they were.

    `copies` maps the number of a copy to that of its parent. With `renamed`, only the numbers are
    compared, since an identifier may differ inside the versions.
    """
    try:
        old, new = ([guard for text in texts for guard in _contents(text)] for texts in (before, after))
    except (MalformedGuard, SyntaxError):
        return False
    if {number for number, _faulty, _clean in new if number in copies} != set(copies):
        return False
    originals = [guard for guard in new if guard[0] not in copies]
    copied = [(copies[number], *versions) for number, *versions in new if number in copies]
    if renamed:
        return Counter(g[0] for g in originals) == Counter(g[0] for g in old) and not copied
    return Counter(originals) == Counter(old) and Counter(copied) <= Counter(old)

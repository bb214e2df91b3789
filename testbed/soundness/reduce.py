"""The smallest pair of sources that still tells a program before an edit from the one after it.

Statements that both have are taken out of both, the largest first, for as long as the difference stays
(one minimal by single statements; compare delta debugging: Zeller and Hildebrandt, Simplifying and
Isolating Failure-Inducing Input, 2002).
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Container, Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

from testbed.modifiers.parts import compiles
from testbed.protocols import Source
from testbed.schema.text import parse

MOST_TRIES = 120
"""Pairs that are tried at most; each is loaded and asked."""

Shows = Callable[[Source, Source], bool]
"""Whether the program before and the one after still differ as they did."""


_Key = tuple[str, int]
"""A statement's text, and which of the equal ones it is."""


class _Part(NamedTuple):
    """A statement: its 1-based lines, and whether it is all that its block has."""

    first: int
    last: int
    alone: bool


def smallest(before: Source, after: Source, shows: Shows) -> tuple[Source, Source]:
    """The two programs with as little as possible in the files that differ; the other files stay."""
    tries = MOST_TRIES
    for path in sorted({*before, *after}):
        old, new = before.get(path, ""), after.get(path, "")
        if old == new or not old or not new:
            continue
        refused: set[_Key] = set()  # statements without which the difference is gone
        while tries:
            found = next(_shorter(before[path], after[path], refused), None)
            if found is None:
                break
            statement, pair = found
            tries -= 1
            shorter = {**before, path: pair[0]}, {**after, path: pair[1]}
            if shows(*shorter):
                before, after = shorter
            else:
                refused.add(statement)
    return before, after


def _shorter(old: str, new: str, refused: Container[_Key]) -> Iterator[tuple[_Key, tuple[str, str]]]:
    """Both texts without one statement that they have in common, the longest one first."""
    times = Counter[str]()
    lines, others = old.splitlines(), new.splitlines()
    blocks = SequenceMatcher(None, lines, others, autojunk=False).get_matching_blocks()
    for part in sorted(_parts(old), key=lambda part: part.first - part.last):
        text = "\n".join(lines[part.first - 1 : part.last])
        times[text] += 1
        key = text, times[text]
        for block in blocks if key not in refused else ():
            if block.a < part.first and part.last <= block.a + block.size:
                shift = block.b - block.a
                moved = part._replace(first=part.first + shift, last=part.last + shift)
                pair = _without(lines, part), _without(others, moved)
                if all(map(compiles, pair)):
                    yield key, pair


def _parts(text: str) -> Iterator[_Part]:
    for node in ast.walk(parse(text)):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if not isinstance(block, list):
                continue
            for statement in block:
                if len(block) == 1 and isinstance(statement, ast.Pass):
                    continue
                decorators = getattr(statement, "decorator_list", [])
                first = min([statement.lineno, *(each.lineno for each in decorators)])
                yield _Part(
                    first, statement.end_lineno or first, len(block) == 1 and not isinstance(node, ast.Module)
                )


def _without(lines: list[str], part: _Part) -> str:
    text = lines[part.first - 1]
    instead = [text[: len(text) - len(text.lstrip())] + "pass"] if part.alone else []
    return "".join(f"{line}\n" for line in [*lines[: part.first - 1], *instead, *lines[part.last :]])

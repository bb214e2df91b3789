"""A module's text cut into its statements, and whether each of them compiles."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from testbed.schema.text import segments

_FUTURE = re.compile(r"^from\s+__future__\s", re.MULTILINE)


@lru_cache(maxsize=512)
def cut(text: str) -> tuple[str, ...]:
    """The text of each statement with what stands above it, and the rest; () where it cannot be cut."""
    if not text.endswith("\n") or any(mark in text for mark in "\r\f\v\t\0"):
        return ()
    try:
        spans = segments(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    if not spans:
        return ()
    lines = text.split("\n")[:-1]
    ends = [_end(lines, last, following) for (_, last), following in _followed(spans, len(lines))]
    bounds = pairwise([0, *ends, len(lines)])
    return tuple("".join(f"{line}\n" for line in lines[start:end]) for start, end in bounds)


def _followed(spans: Sequence[tuple[int, int]], end: int) -> Iterator[tuple[tuple[int, int], int]]:
    starts = [first - 1 for first, _last in spans[1:]]
    return zip(spans, [*starts, end], strict=True)


def _end(lines: Sequence[str], last: int, following: int) -> int:
    """Where a statement's text ends: indented comments below it belong to it."""
    indented = [n for n in range(last, following) if lines[n][:1] == " " and lines[n].strip()]
    return indented[-1] + 1 if indented else last


def compiles(text: str) -> bool:
    """Whether a text compiles."""
    parts = cut(text) or (text,)
    # Imports from the future belong at the top, which only what is above them can show.
    top = max((n + 1 for n, part in enumerate(parts) if _FUTURE.search(part)), default=1)
    return all(map(_compiles, ("".join(parts[:top]), *parts[top:])))


@lru_cache(maxsize=8192)
def _compiles(text: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(text, "<proposal>", "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True

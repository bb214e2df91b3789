"""Byte offsets, lines and string interiors of a source text, as `ast` counts them."""

from __future__ import annotations

import ast
import io
import tokenize
import warnings
from functools import cached_property

from testbed.kept import kept


def parse(text: str) -> ast.Module:
    """`ast.parse` without the warnings that the code under test may deserve."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


@kept(1_000_000)
def shared(text: str) -> ast.Module:
    """`parse`, for those who only read: equal texts get one tree."""
    return parse(text)


def same(first: object, second: object) -> bool:
    """Whether two trees are the same program, places apart: what `ast.dump` would say, faster."""
    if isinstance(first, ast.AST):
        if type(first) is not type(second):
            return False
        return all(same(getattr(first, name, None), getattr(second, name, None)) for name in first._fields)
    if isinstance(first, list):
        if not isinstance(second, list) or len(first) != len(second):
            return False
        return all(map(same, first, second))
    return type(first) is type(second) and repr(first) == repr(second)


@kept(4_000_000)
def segments(text: str) -> tuple[tuple[int, int], ...]:
    """The 1-based (first, last) lines of each top-level statement; () where two share a line.

    Whatever guards do, they do within one of these, so that the rest of a file need not be looked at.
    """
    spans: list[tuple[int, int]] = []
    for node in shared(text).body:
        decorators = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(d.lineno for d in decorators)])
        if spans and first <= spans[-1][1]:
            return ()
        spans.append((first, node.end_lineno or node.lineno))
    return tuple(spans)


class SourceText:
    """A text with its UTF-8 bytes and the byte offset at which each line starts."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.data = text.encode()
        starts = [0]
        position = self.data.find(b"\n")
        while position >= 0:
            starts.append(position + 1)
            position = self.data.find(b"\n", position + 1)
        self.starts = starts

    def offset(self, line: int, column: int) -> int:
        """The byte offset of a 1-based line and a 0-based byte column."""
        return self.starts[line - 1] + column

    def span(self, node: ast.stmt | ast.expr) -> tuple[int, int]:
        """The byte span of a node, its own parentheses left out (as `ast` has it)."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.offset(node.lineno, node.col_offset), self.offset(node.end_lineno, node.end_col_offset)

    def line_span(self, first: int, last: int) -> tuple[int, int]:
        """The byte span of whole lines, the last one's newline included where it has one."""
        end = self.starts[last] if last < len(self.starts) else len(self.data)
        return self.starts[first - 1], end

    @cached_property
    def interior(self) -> frozenset[int]:
        """Offsets of the line starts that lie inside a string, where indentation is content."""
        inside: set[int] = set()
        if not any(mark in self.data for mark in (b'"""', b"'''", b"\\\n")):
            return frozenset()
        depth_start: list[int] = []
        begin = getattr(tokenize, "FSTRING_START", -1)
        end = getattr(tokenize, "FSTRING_END", -1)
        for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
            if token.type == begin:
                depth_start.append(token.start[0])
            elif token.type == end:
                first = depth_start.pop()
                inside.update(range(first + 1, token.end[0] + 1))
            elif token.type == tokenize.STRING:
                inside.update(range(token.start[0] + 1, token.end[0] + 1))
        return frozenset(self.starts[line - 1] for line in inside)


def indent_lines(source: SourceText, span: tuple[int, int], unit: bytes) -> bytes:
    """The whole lines of `span`, each but blank ones and string interiors moved right by `unit`."""
    out: list[bytes] = []
    for start, line in lines_of(source, span):
        blank = not line.strip()
        out.append(line if blank or start in source.interior else unit + line)
    return b"".join(out)


def lines_of(source: SourceText, span: tuple[int, int]) -> list[tuple[int, bytes]]:
    """(offset, line with its newline) of the pieces into which line starts cut `span`."""
    pieces: list[tuple[int, bytes]] = []
    position, end = span
    while position < end:
        newline = source.data.find(b"\n", position, end)
        stop = end if newline < 0 else newline + 1
        pieces.append((position, source.data[position:stop]))
        position = stop
    return pieces

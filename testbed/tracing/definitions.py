"""The functions and classes of a text as runs of tokens, and how alike two of them are."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from testbed.schema.text import shared
from testbed.tracing.align import Span
from testbed.tracing.tokens import tokens


@dataclass(frozen=True, slots=True)
class Definition:
    """A function with its decorators: its qualified name, its lines and its tokens."""

    path: str
    where: str
    lines: tuple[int, int]
    span: Span
    words: tuple[str, ...]


@lru_cache(maxsize=512)
def definitions(path: str, text: str) -> tuple[Definition, ...]:
    """Every function of a file, outer before inner."""
    return tuple(_walk(path, text, shared(text), ""))


def _walk(path: str, text: str, tree: ast.AST, inside: str) -> Iterator[Definition]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            where = f"{inside}.{node.name}" if inside else node.name
            if not isinstance(node, ast.ClassDef):
                yield _definition(path, text, node, where)
            yield from _walk(path, text, node, where)
        else:
            yield from _walk(path, text, node, inside)


def _definition(path: str, text: str, node: ast.FunctionDef | ast.AsyncFunctionDef, where: str) -> Definition:
    first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
    last = node.end_lineno or node.lineno
    found = tokens(text)
    span = found.within(*found.lines(first, last))
    while span[0] < span[1] and found.items[span[0]].layout:
        span = span[0] + 1, span[1]
    return Definition(path, where, (first, last), span, found.words[slice(*span)])


def enclosing(path: str, text: str, line: int) -> Definition | None:
    """The innermost function that a line stands in."""
    around = [d for d in definitions(path, text) if d.lines[0] <= line <= d.lines[1]]
    return around[-1] if around else None


def alike(first: Definition, second: Definition) -> float:
    """The share of tokens that two functions have in common, whatever their order."""
    ours, theirs = Counter(first.words), Counter(second.words)
    return 2 * (ours & theirs).total() / max(1, ours.total() + theirs.total())


def new_ones(old: Mapping[str, str], new: Mapping[str, str]) -> list[Definition]:
    """The functions of `new` that are not in `old` under that name in that file, word for word."""
    known = {(d.path, d.where, d.words) for path, text in old.items() for d in definitions(path, text)}
    return [
        d
        for path, text in sorted(new.items())
        for d in definitions(path, text)
        if (d.path, d.where, d.words) not in known
    ]

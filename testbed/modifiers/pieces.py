"""A module parsed statement by statement, so that after an edit only the changed statements are parsed anew.

What comes out depends on the text alone: the cache only spares work.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import libcst as cst

from testbed.kept import kept
from testbed.modifiers.parts import cut
from testbed.modifiers.scopes import Binder
from testbed.modifiers.tree import walk

Statement = cst.SimpleStatementLine | cst.BaseCompoundStatement


@dataclass(frozen=True, eq=False)
class Piece:
    """One statement of a module, with its text and its names. `lines` are those above it in its text."""

    text: str
    lines: tuple[cst.EmptyLine, ...]
    statement: Statement
    binder: Binder

    @cached_property
    def closing(self) -> frozenset[str]:
        """Generator functions with a yield inside try or with, and classes with `__del__`."""
        free, parents, scopes = self.binder.free, self.binder.parents, self.binder.scopes
        found = {
            n.name.value for n in free if isinstance(n, cst.ClassDef) and "__del__" in scopes[id(n)].bound
        }
        for node in free:
            if isinstance(node, cst.Yield):
                above = list(_above(node, parents))
                owners = [at for at, n in enumerate(above) if isinstance(n, cst.FunctionDef)]
                if owners and any(isinstance(n, cst.Try | cst.With) for n in above[: owners[0]]):
                    found.update(cst.ensure_type(above[at], cst.FunctionDef).name.value for at in owners)
        return frozenset(found)

    @cached_property
    def mentioned(self) -> dict[str, frozenset[str]]:
        """For each function or class by its bare name, every name inside it, its own where it recurs."""
        found: dict[str, frozenset[str]] = {}
        for node in self.binder.free:
            if isinstance(node, cst.FunctionDef | cst.ClassDef):
                inside = {n.value for n in walk(node) if isinstance(n, cst.Name) and n is not node.name}
                found[node.name.value] = found.get(node.name.value, frozenset()) | inside
        return found


def _above(node: cst.CSTNode, parents: Mapping[int, cst.CSTNode]) -> Iterator[cst.CSTNode]:
    current = parents.get(id(node))
    while current is not None:
        yield current
        current = parents.get(id(current))


@dataclass(frozen=True, eq=False)
class Parsed:
    """A module, and one piece for each statement of its body. `exact`: LibCST writes what it read."""

    module: cst.Module
    pieces: tuple[Piece, ...]
    exact: bool


def parsed(text: str) -> Parsed:
    """The module of a text. Raises cst.ParserSyntaxError."""
    return _by_statement(text) or _whole(text)


def code(module: cst.Module, known: Parsed) -> str:
    """The module's code; of statements that `known` has, the text is taken from there."""
    if not module.has_trailing_newline or not known.module.has_trailing_newline or not known.exact:
        return module.code
    texts = {id(piece.statement): piece.text for piece in known.pieces}
    lead, tail = (_written(lines, module) for lines in (module.header, module.footer))
    return "".join([lead, *(texts.get(id(s)) or module.code_for_node(s) for s in module.body), tail])


def _written(lines: Sequence[cst.EmptyLine], module: cst.Module) -> str:
    return "".join(module.code_for_node(line) for line in lines)


def _whole(text: str) -> Parsed:
    """Everything parsed at once: for what cannot be cut, or would be read otherwise in parts."""
    module = cst.parse_module(text)
    pieces = tuple(Piece(module.code_for_node(s), (), s, Binder(s)) for s in _statements(module))
    return Parsed(module, pieces, module.code == text)


def _by_statement(text: str) -> Parsed | None:
    parts = cut(text)
    if not parts:
        return None
    seen: Counter[str] = Counter()
    pieces: list[Piece] = []
    for part in parts[:-1]:
        piece = _piece(part, seen[part], not pieces)
        if piece is None:
            return None
        seen[part] += 1
        pieces.append(piece)
    module = cst.Module([piece.statement for piece in pieces], pieces[0].lines, _lines(parts[-1]))
    return Parsed(module, tuple(pieces), True)


@kept(1_000_000)
def _piece(text: str, occurrence: int, first: bool) -> Piece | None:
    """A statement parsed by itself, a tree of its own for each occurrence; None where it reads otherwise."""
    module = cst.parse_module(text)
    statements = _statements(module)
    if len(statements) != 1 or module.footer or module.default_indent != "    " or module.code != text:
        return None
    statement, lines = statements[0], tuple(module.header)
    if not first:
        statement = statement.with_changes(leading_lines=[*lines, *statement.leading_lines])
    own = text[len(_written(lines, module)) :] if first else text
    return Piece(own, lines, statement, Binder(statement))


def _statements(module: cst.Module) -> list[Statement]:
    return [s for s in module.body if isinstance(s, Statement)]


@lru_cache(maxsize=256)
def _lines(text: str) -> tuple[cst.EmptyLine, ...]:
    """Comments and blank lines."""
    module = cst.parse_module(text) if text else cst.Module([])
    return (*module.header, *module.footer)

"""Reading guards: where each fault's two versions stand in a switchable text."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeGuard

from testbed.kept import kept
from testbed.schema.text import SourceText, shared

GUARD = "__fault__"

_BLANK = b" \t\n\r\f\\"


class MalformedGuard(ValueError):
    """A guard that does not have one of the two shapes."""


@dataclass(frozen=True, slots=True)
class Guard:
    """One site of a fault. Spans are byte offsets (start, end) into the encoded text.

    `span` is all that the guard added, with its parentheses or with its whole lines; `faulty` and
    `clean` are the two versions (whole lines for a statement). `line` is 1-based, `where` the
    qualified name of the enclosing function or class, "" at module level. `lone_pass` says that
    the faulty version has no statement. `unit` is the indentation that a statement guard added,
    `block` tells its block from others.
    """

    number: int
    kind: Literal["expression", "statement"]
    span: tuple[int, int]
    faulty: tuple[int, int]
    clean: tuple[int, int]
    line: int
    where: str
    unit: int = 0
    lone_pass: bool = False
    block: int = 0


def test_number(node: ast.expr) -> int | None:
    """The fault number when `node` is a guard's test `__fault__(N)`, else None."""
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == GUARD
        and len(node.args) == 1
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, int)
    ):
        return node.args[0].value
    return None


def is_guard(node: ast.AST) -> TypeGuard[ast.If | ast.IfExp]:
    """Whether `node` is a guard."""
    return isinstance(node, ast.If | ast.IfExp) and test_number(node.test) is not None


def find_guards(text: str) -> tuple[Guard, ...]:
    """All guards of a switchable text, outer before inner, in order of place.

    Raises MalformedGuard, or SyntaxError for a text that is not Python.
    """
    return _find(text) if GUARD in text else ()


def guard_numbers(text: str) -> frozenset[int]:
    """The numbers of the faults that have a site in the text."""
    return frozenset(guard.number for guard in find_guards(text))


@kept(1_000_000)
def _find(text: str) -> tuple[Guard, ...]:
    source = SourceText(text)
    found = [_read(source, node, where, block) for node, where, block in _walk(shared(text))]
    return tuple(sorted(found, key=lambda guard: (guard.span[0], -guard.span[1])))


def _walk(tree: ast.Module) -> Iterator[tuple[ast.If | ast.IfExp, str, int]]:
    """Every guard node with its qualified name and an id of the block that it stands in."""
    blocks = 0
    stack: list[tuple[ast.AST, str, int]] = [(tree, "", 0)]
    while stack:
        node, where, block = stack.pop()
        if is_guard(node):
            yield node, where, block
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            where = f"{where}.{node.name}" if where else node.name
        for _name, value in ast.iter_fields(node):
            if isinstance(value, list):
                blocks += 1
                stack.extend((item, where, blocks) for item in value if isinstance(item, ast.AST))
            elif isinstance(value, ast.AST):
                stack.append((value, where, 0))


def _read(source: SourceText, node: ast.If | ast.IfExp, where: str, block: int) -> Guard:
    number = test_number(node.test)
    assert number is not None
    if isinstance(node, ast.IfExp):
        return _expression(source, node, number, where)
    return _statement(source, node, number, where, block)


def _expression(source: SourceText, node: ast.IfExp, number: int, where: str) -> Guard:
    data = source.data
    start, end = source.span(node)
    test_start, test_end = source.span(node.test)
    faulty_end = _back_over(data, test_start, b"if", node.lineno)
    clean_start = _over(data, test_end, b"else", node.lineno)
    left, right = start, end
    while left > 0 and data[left - 1] in _BLANK:
        left -= 1
    while right < len(data) and data[right] in _BLANK:
        right += 1
    if left == 0 or data[left - 1 : left] != b"(" or data[right : right + 1] != b")":
        raise MalformedGuard(f"line {node.lineno}: guard {number} has no parentheses of its own")
    return Guard(
        number,
        "expression",
        (left - 1, right + 1),
        (start, faulty_end),
        (clean_start, end),
        node.lineno,
        where,
    )


def _back_over(data: bytes, position: int, word: bytes, line: int) -> int:
    stripped = data[:position].rstrip(_BLANK)
    if not stripped.endswith(word):
        raise MalformedGuard(f"line {line}: a guard without its own `{word.decode()}`")
    return len(stripped[: -len(word)].rstrip(_BLANK))


def _over(data: bytes, position: int, word: bytes, line: int) -> int:
    while data[position] in _BLANK:
        position += 1
    if data[position : position + len(word)] != word:
        raise MalformedGuard(f"line {line}: a guard without its own `{word.decode()}`")
    position += len(word)
    while data[position] in _BLANK:
        position += 1
    return position


def _statement(source: SourceText, node: ast.If, number: int, where: str, block: int) -> Guard:
    start = source.starts[node.lineno - 1]
    indent = source.data[start : start + node.col_offset]
    if not node.orelse or indent.strip():
        raise MalformedGuard(
            f"line {node.lineno}: guard {number} is not an if with an else on lines of its own"
        )
    last = node.orelse[-1].end_lineno
    body_end = node.body[-1].end_lineno
    assert last is not None
    assert body_end is not None
    otherwise = _else_line(source, body_end + 1, indent, node.lineno)
    first = node.orelse[0]
    decorators = getattr(first, "decorator_list", [])
    column = decorators[0].col_offset - 1 if decorators else first.col_offset
    return Guard(
        number,
        "statement",
        source.line_span(node.lineno, last),
        source.line_span(node.lineno + 1, otherwise - 1),
        source.line_span(otherwise + 1, last),
        node.lineno,
        where,
        unit=column - node.col_offset,
        lone_pass=len(node.body) == 1 and isinstance(node.body[0], ast.Pass),
        block=block,
    )


def _else_line(source: SourceText, line: int, indent: bytes, where: int) -> int:
    while line <= len(source.starts):
        start, end = source.line_span(line, line)
        if source.data[start:end].rstrip() == indent + b"else:":
            return line
        line += 1
    raise MalformedGuard(f"line {where}: a guard without its own `else:` line")

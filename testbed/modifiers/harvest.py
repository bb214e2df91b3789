"""Example arguments of functions, read from calls in a target's tests."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence

from testbed.schema.text import parse

MOST = 12
"""Examples kept for each function."""

_LONGEST = 200
Examples = Mapping[str, tuple[str, ...]]
"""Bare name of a function -> arguments, each a Python tuple of literals."""


def harvest(files: Mapping[str, bytes]) -> dict[str, tuple[str, ...]]:
    """The examples in all Python files among these: calls whose arguments are literals, or parameters of a
    test that are parametrized with literals. In the order of the paths and the text."""
    found: dict[str, dict[str, None]] = {}
    for path in sorted(files):
        if not path.endswith(".py"):
            continue
        try:
            tree = parse(files[path].decode())
        except (SyntaxError, UnicodeDecodeError, ValueError, RecursionError):
            continue
        for name, arguments in _calls(tree):
            known = found.setdefault(name, {})
            if len(known) < MOST:
                known.setdefault(arguments)
    return {name: tuple(known) for name, known in sorted(found.items())}


def _calls(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            rows = list(_rows(node))
            for call in (n for n in ast.walk(node) if isinstance(n, ast.Call)) if rows else ():
                yield from _filled(call, rows)
        elif isinstance(node, ast.Call):
            yield from _filled(node, [{}])


def _filled(call: ast.Call, rows: Sequence[Mapping[str, object]]) -> Iterator[tuple[str, str]]:
    """(function, arguments) of a call, once for each row of values that the names in it may have."""
    name = _called(call.func)
    if not name or call.keywords or not call.args:
        return
    for row in rows[:MOST]:
        try:
            values = tuple(_value(arg, row) for arg in call.args)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            continue
        text = repr(values)
        if len(text) <= _LONGEST and re.search(r"\bat 0x", text) is None:
            yield name, text


def _value(node: ast.expr, row: Mapping[str, object]) -> object:
    if isinstance(node, ast.Name) and node.id in row:
        return row[node.id]
    return ast.literal_eval(node)


def _called(func: ast.expr) -> str:
    if isinstance(func, ast.Attribute):
        return func.attr
    return func.id if isinstance(func, ast.Name) else ""


def _rows(function: ast.FunctionDef) -> Iterator[dict[str, object]]:
    """The values of a test's parameters in `@pytest.mark.parametrize(names, rows)`."""
    for decorator in function.decorator_list:
        if not isinstance(decorator, ast.Call) or _called(decorator.func) != "parametrize":
            continue
        if len(decorator.args) < 2:
            continue
        try:
            said, values = (ast.literal_eval(arg) for arg in decorator.args[:2])
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            continue
        names = [part.strip() for part in said.split(",")] if isinstance(said, str) else list(said)
        for value in values if isinstance(values, list | tuple) else ():
            row = (value,) if len(names) == 1 else value
            if isinstance(row, list | tuple) and len(row) == len(names):
                yield dict(zip(names, row, strict=True))

"""Which functions the others depend on: a call graph by names, from the source alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import lru_cache

from testbed.schema.text import shared

Function = tuple[str, str]
"""A path, and a qualified name in it."""


def dependents(source: Mapping[str, str]) -> dict[Function, int]:
    """How many functions call each function, directly or through others.

    A call is taken for one of every function of that name, whatever object it is called on.
    """
    callers: dict[Function, set[Function]] = {}
    called: dict[str, list[Function]] = {}
    uses: list[tuple[Function, frozenset[str]]] = []
    for path, text in sorted(source.items()):
        for where, names in _functions(text):
            callers[path, where] = set()
            called.setdefault(where.rpartition(".")[2], []).append((path, where))
            uses.append(((path, where), names))
    for function, names in uses:
        for name in names:
            for target in called.get(name, ()):
                callers[target].add(function)
    return {function: len(_reached(function, callers) - {function}) for function in callers}


def _reached(function: Function, callers: Mapping[Function, set[Function]]) -> set[Function]:
    found: set[Function] = set()
    waiting = [function]
    while waiting:
        for caller in callers[waiting.pop()] - found:
            found.add(caller)
            waiting.append(caller)
    return found


@lru_cache(maxsize=256)
def _functions(text: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """(qualified name, last names that it calls) of each function of a file."""
    return tuple(_inside(shared(text), ""))


def _inside(node: ast.AST, prefix: str) -> Iterator[tuple[str, frozenset[str]]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = f"{prefix}{child.name}"
            if not isinstance(child, ast.ClassDef):
                yield name, frozenset(_called(child))
            yield from _inside(child, f"{name}.")
        else:
            yield from _inside(child, prefix)


def _called(function: ast.AST) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                yield node.func.attr
            elif isinstance(node.func, ast.Name):
                yield node.func.id

"""Where the guards stand in a generation's source, and what their two alternatives are.

A pair of alternatives is a pair of expressions whose values decide whether the two versions differ:
for `(B if __fault__(n) else A)` B and A; for a statement guard what a local name is, or would be.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from .guards import NAME


class Pair(NamedTuple):
    """The faulty and the clean alternative."""

    faulty: ast.expr
    clean: ast.expr


Place = tuple[str, int, int]
Sites = dict[Place, "Pair | None"]


def find_sites(root: str, sources: Iterable[str]) -> Sites:
    """(file, line of the guard, fault) -> its pair; None where the two cannot be compared."""
    sites: Sites = {}
    for path in sources:
        place = os.path.join(root, path)
        if not path.endswith(".py"):
            continue
        try:
            with open(place, encoding="utf-8") as file:
                tree = ast.parse(file.read())
        except (OSError, SyntaxError, ValueError, RecursionError):
            continue
        for line, fault, pair in _guards(tree):
            key = (place, line, fault)
            sites[key] = pair if key not in sites else None  # two of them on a line: which is it?
    return sites


def fault_of(test: ast.expr) -> int | None:
    """The number in `__fault__(n)`; None for any other expression."""
    if not (isinstance(test, ast.Call) and isinstance(test.func, ast.Name) and test.func.id == NAME):
        return None
    if len(test.args) != 1 or not isinstance(test.args[0], ast.Constant):
        return None
    number = test.args[0].value
    return number if isinstance(number, int) else None


def _guards(tree: ast.AST) -> Iterator[tuple[int, int, Pair | None]]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.If, ast.IfExp)):
            fault = fault_of(node.test)
            if fault is not None:
                yield node.test.lineno, fault, _pair(node)


def _pair(node: ast.If | ast.IfExp) -> Pair | None:
    if isinstance(node, ast.IfExp):
        return Pair(node.body, node.orelse)
    faulty, clean = _effect(node.body), _effect(node.orelse)
    if faulty is None or clean is None:
        return None
    names = {name for name, _ in (faulty, clean) if name}
    if len(names) != 1:  # two names, or `pass` against `pass`
        return None
    name = ast.Name(id=names.pop(), ctx=ast.Load())
    return Pair(faulty[1] or name, clean[1] or name)


def _effect(body: list[ast.stmt]) -> tuple[str, ast.expr | None] | None:
    """(name, its new value) of a lone assignment to one name, ("", None) of `pass`; None of all else."""
    if len(body) != 1:
        return None
    statement = body[0]
    if isinstance(statement, ast.Pass):
        return "", None
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target: ast.expr = statement.targets[0]
        value = statement.value
    elif isinstance(statement, ast.AugAssign):
        target = statement.target
        left = ast.Name(id=getattr(target, "id", ""), ctx=ast.Load())
        value = ast.BinOp(left=left, op=statement.op, right=statement.value)
    else:
        return None
    return (target.id, value) if isinstance(target, ast.Name) else None

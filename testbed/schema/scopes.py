"""Whether a guard leaves every name in the scope that plain code would give it.

A guard holds both versions in one function, and a function's local names are those that either
version binds. Where only one version binds a name that the other still uses, the other would find
an unbound local where plain code finds a global or a built-in: such a guard is refused.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Iterator

from testbed.schema.choose import Choose
from testbed.schema.guards import is_guard, test_number
from testbed.schema.text import shared

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def scope_problem(text: str, number: int) -> str:
    """Why fault `number` would change what a name means, or "" when it does not."""
    for function, guard in _homes(shared(text), number):
        if any(isinstance(node, ast.Global | ast.Nonlocal) for node in ast.walk(guard)):
            return "a global or nonlocal statement inside a guard"
        if function is None or _alike(guard):
            continue
        both = _bound(function)
        for on in (False, True):
            version = Choose({number: on}).visit(copy.deepcopy(function))
            lost = both - _bound(version)
            used = {node.id for node in ast.walk(version) if isinstance(node, ast.Name)}
            if lost & used:
                return f"the scope of {min(lost & used)} would change"
            if _yields(version) != _yields(function):
                return "a generator function would become an ordinary one"
    return ""


def _alike(guard: ast.AST) -> bool:
    """Whether both versions bind the same names and both, or neither, yield: then no scope can change."""
    assert isinstance(guard, ast.If | ast.IfExp)
    first, second = (traits(branch) for branch in (guard.body, guard.orelse))
    return first == second


def traits(branch: ast.expr | list[ast.stmt]) -> tuple[frozenset[str], bool]:
    """What a version binds, nested scopes included, and whether it yields."""
    names: set[str] = set()
    yields = False
    for root in branch if isinstance(branch, list) else [branch]:
        for node in ast.walk(root):
            names.update(_names_bound_by(node))
            yields = yields or isinstance(node, ast.Yield | ast.YieldFrom)
    return frozenset(names), yields


def _homes(tree: ast.Module, number: int) -> Iterator[tuple[Function | None, ast.AST]]:
    stack: list[tuple[ast.AST, Function | None]] = [(tree, None)]
    while stack:
        node, function = stack.pop()
        if is_guard(node) and test_number(node.test) == number:
            yield function, node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            function = node
        elif isinstance(node, ast.ClassDef):
            function = None
        stack.extend((child, function) for child in ast.iter_child_nodes(node))


def _own(function: Function) -> Iterator[ast.AST]:
    """The nodes in the function's own scope; nested functions and classes appear but are not entered."""
    body = function.body if isinstance(function.body, list) else [function.body]
    stack: list[ast.AST] = list(body)
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, _COMPREHENSIONS):
            # A comprehension's targets are its own; only a walrus in it binds in the function.
            stack.extend(n for n in ast.walk(node) if isinstance(n, ast.NamedExpr))
        elif not isinstance(node, _SCOPES):
            stack.extend(ast.iter_child_nodes(node))


def _bound(function: Function) -> set[str]:
    names: set[str] = set()
    outer: set[str] = set()
    for node in _own(function):
        names.update(_names_bound_by(node))
        if isinstance(node, ast.Global | ast.Nonlocal):
            outer.update(node.names)
    return names - outer - {argument.arg for argument in _arguments(function)}


def _names_bound_by(node: ast.AST) -> Iterable[str]:
    """The names that this node itself binds."""
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        return (node.id,)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return (node.name,)
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [(alias.asname or alias.name).split(".")[0] for alias in node.names]
    if isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
        return (node.name,)
    if isinstance(node, ast.MatchMapping) and node.rest:
        return (node.rest,)
    return ()


def _arguments(function: Function) -> list[ast.arg]:
    a = function.args
    return [*a.posonlyargs, *a.args, *a.kwonlyargs, *filter(None, (a.vararg, a.kwarg))]


def _yields(function: Function) -> bool:
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in _own(function))

"""Loops that gather become comprehensions; loops over a few constants are written out."""

import ast
import copy
from typing import Any

from selfhost.blocks import Blocks
from selfhost.names import bound, has_scope, loads, parameters, stores, walk
from selfhost.printer import kind

MOST = 3


def loops(tree: Any) -> Any:
    """The tree with its loops transformed."""
    return Blocks(transformed).module(tree)


def transformed(nodes: list[Any], function: Any) -> list[Any]:
    """A block with its loops gathered or written out."""
    out: list[Any] = []
    for node in nodes:
        if kind(node) != "For":
            out.append(node)
            continue
        if out and gathers(out[-1], node, function):
            out.append(gathered(out.pop(), node))
        else:
            out.extend(written_out(node, function))
    return out


def gathers(first: Any, loop: Any, function: Any) -> bool:
    """Whether a new list is made, and the loop does nothing but append to it."""
    name = new_list(first)
    body = appended(loop)
    if not name or body is None or loop.orelse or kind(loop.target) != "Name":
        return False
    call, tests = body
    if kind(call.func) != "Attribute" or call.func.attr != "append" or len(call.args) != 1 or call.keywords:
        return False
    if kind(call.func.value) != "Name" or call.func.value.id != name or kind(call.args[0]) == "Starred":
        return False
    parts = [ast.Expr(each) for each in [call.args[0], loop.iter, *tests]]
    own = loop.target.id
    if loads(parts, name) or has_scope(parts) or own == name or own in parameters(function):
        return False
    return stores(function.body, own) == 1 and loads(function.body, own) == loads(parts[:1] + parts[2:], own)


def new_list(node: Any) -> str:
    """The variable that is assigned an empty list; empty for all else."""
    if kind(node) == "AnnAssign" and node.value is not None and kind(node.target) == "Name":
        target, value = node.target, node.value
    elif kind(node) == "Assign" and len(node.targets) == 1 and kind(node.targets[0]) == "Name":
        target, value = node.targets[0], node.value
    else:
        return ""
    return target.id if kind(value) == "List" and not value.elts else ""


def appended(loop: Any) -> tuple[Any, list[Any]] | None:
    """The one call in a loop, and the tests around it."""
    tests: list[Any] = []
    body = loop.body
    while len(body) == 1 and kind(body[0]) == "If" and not body[0].orelse:
        tests.append(body[0].test)
        body = body[0].body
    if len(body) != 1 or kind(body[0]) != "Expr" or kind(body[0].value) != "Call":
        return None
    return body[0].value, tests


def gathered(first: Any, loop: Any) -> Any:
    """The list as a comprehension."""
    found = appended(loop)
    call, tests = found
    first.value = ast.ListComp(call.args[0], [ast.comprehension(loop.target, loop.iter, tests, 0)])
    return first


def written_out(loop: Any, function: Any) -> list[Any]:
    """The body once for each of a few constants, or the loop as it is."""
    if not is_short(loop) or kind(loop.target) != "Name" or loop.orelse:
        return [loop]
    name = loop.target.id
    inside = walk(loop.body)
    if any([kind(node) in ("Break", "Continue", "Return") for node in inside]) or has_scope(loop.body):
        return [loop]
    if len(loop.body) != 1 or name in bound(loop.body) or stores(function.body, name) != 1:
        return [loop]
    if loads(function.body, name) != loads(loop.body, name):
        return [loop]
    return [Put(name, value).visit(copy.deepcopy(loop.body[0])) for value in loop.iter.elts]


def is_short(loop: Any) -> bool:
    """Whether the loop goes over a few constants."""
    if kind(loop.iter) not in ("Tuple", "List") or not 0 < len(loop.iter.elts) <= MOST:
        return False
    return all([kind(each) == "Constant" for each in loop.iter.elts])


class Put(ast.NodeTransformer):
    """Puts a constant in the place of a variable."""

    def __init__(self, name: str, value: Any) -> None:
        self.name = name
        self.value = value

    def visit_Name(self, node: Any) -> Any:
        """The value, where it is the variable."""
        if node.id == self.name:
            return copy.deepcopy(self.value)
        return node

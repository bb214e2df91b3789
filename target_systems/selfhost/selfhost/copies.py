"""Variables that are used once, right away; values that are computed twice."""

import ast
from typing import Any

from selfhost.blocks import Blocks
from selfhost.names import has_scope, is_whole, loads, parameters, same, stores
from selfhost.printer import kind


def copies(tree: Any) -> Any:
    """The tree without variables that only hand a value on."""
    return Blocks(without_copies).module(tree)


def without_copies(nodes: list[Any], function: Any) -> list[Any]:
    """A block in which `x = E` and `return x`, `if x:` or `y = x` are one."""
    out: list[Any] = []
    for node in nodes:
        if out and hands_on(out[-1], node, function):
            value = out.pop().value
            out.append(replaced(node, value))
        else:
            out.append(node)
    return out


def hands_on(first: Any, second: Any, function: Any) -> bool:
    """Whether the first line binds a variable that the second one alone reads, before all else."""
    if kind(first) != "Assign" or len(first.targets) != 1 or kind(first.targets[0]) != "Name":
        return False
    name = first.targets[0].id
    if name in parameters(function) or loads(function.body, name) != 1 or stores(function.body, name) != 1:
        return False
    read = reads(second)
    return read is not None and kind(read) == "Name" and read.id == name


def reads(node: Any) -> Any:
    """What a statement evaluates first, where that is all of an expression."""
    if kind(node) == "Return" or kind(node) == "Assign" and len(node.targets) == 1:
        if kind(node) == "Assign" and kind(node.targets[0]) != "Name":
            return None
        return node.value
    if kind(node) == "If":
        return node.test
    return None


def replaced(node: Any, value: Any) -> Any:
    """The statement with the value in the place of the variable."""
    if kind(node) == "If":
        node.test = value
    else:
        node.value = value
    return node


def common(tree: Any) -> Any:
    """The tree with whole numbers computed once where two lines after one another compute them."""
    return Blocks(computed_once).module(tree)


def computed_once(nodes: list[Any], function: Any) -> list[Any]:
    """A block in which `a = E` and `b = E` become `a = E` and `b = a`."""
    known: list[Any] = []
    for node in nodes:
        if not is_count(node):
            known = []
            continue
        for other in known:
            if same(other.value, node.value):
                node.value = ast.Name(other.targets[0].id, ast.Load())
                break
        name = node.targets[0].id
        known = [each for each in known if each.targets[0].id != name and not loads([each], name)]
        if kind(node.value) != "Name" and not loads([node], name):
            known.append(node)
    return nodes


def is_count(node: Any) -> bool:
    """Whether a variable is assigned a whole number that is worth keeping."""
    if kind(node) != "Assign" or len(node.targets) != 1 or kind(node.targets[0]) != "Name":
        return False
    return kind(node.value) in ("BinOp", "Call") and is_whole(node.value) and not has_scope([node])

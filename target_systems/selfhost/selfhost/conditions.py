"""Conditions made simpler: fewer branches, less nesting."""

import ast
from typing import Any

from selfhost.blocks import Blocks
from selfhost.dead import ends
from selfhost.names import is_truth
from selfhost.printer import kind


def conditions(tree: Any) -> Any:
    """The tree with its conditions simplified."""
    return Blocks(simpler).module(tree)


def simpler(nodes: list[Any], function: Any) -> list[Any]:
    """A block with its ifs joined, turned and flattened."""
    out: list[Any] = []
    for place, node in enumerate(nodes):
        if kind(node) != "If":
            out.append(node)
            continue
        node = turned(joined(node))
        if returns_truth(node, nodes[place + 1 :]):
            out.append(ast.Return(node.test))
            return out
        if node.orelse and ends(node.body[-1]) and kind(node.orelse[0]) != "If":
            rest = node.orelse
            node.orelse = []
            out.append(node)
            out.extend(rest)
        else:
            out.append(node)
    return out


def joined(node: Any) -> Any:
    """One if with `and` instead of two, one in the other."""
    inner = node.body[0]
    if node.orelse or len(node.body) != 1 or kind(inner) != "If" or inner.orelse:
        return node
    return ast.If(both(node.test, inner.test), inner.body, [])


def both(first: Any, second: Any) -> Any:
    """The two with `and` between them."""
    values: list[Any] = []
    for each in (first, second):
        if kind(each) == "BoolOp" and kind(each.op) == "And":
            values.extend(each.values)
        else:
            values.append(each)
    return ast.BoolOp(ast.And(), values)


def turned(node: Any) -> Any:
    """An if with an else, without a `not` around its test."""
    if not node.orelse or kind(node.test) != "UnaryOp" or kind(node.test.op) != "Not":
        return node
    if kind(node.orelse[0]) == "If":
        return node
    return ast.If(node.test.operand, node.orelse, node.body)


def returns_truth(node: Any, rest: list[Any]) -> bool:
    """Whether the if and the line after it only return what the test says."""
    if node.orelse or not is_truth(node.test) or len(rest) != 1 or len(node.body) != 1:
        return False
    return returned(node.body[0]) is True and returned(rest[0]) is False


def returned(node: Any) -> object:
    """The constant that a statement returns; None for all else."""
    if kind(node) == "Return" and node.value is not None and kind(node.value) == "Constant":
        return node.value.value
    return None

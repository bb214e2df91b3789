"""Code that is never reached, or whose result nobody reads."""

import ast
from typing import Any

from selfhost.blocks import Blocks, filled
from selfhost.names import ENDS, bound, is_still, loads, parameters, stores
from selfhost.printer import kind


def dead(tree: Any) -> Any:
    """The tree without dead code."""
    return Blocks(alive).module(tree)


def alive(nodes: list[Any], function: Any) -> list[Any]:
    """A block without what follows its end, without branches that are known, without useless lines."""
    out: list[Any] = []
    for place, node in enumerate(nodes):
        out.extend(kept(node, function))
        if out and ends(out[-1]):
            rest = nodes[place + 1 :]
            if not needed(rest, function):
                break
    return filled([node for node in out if not (kind(node) == "Pass" and len(out) > 1)])


def ends(node: Any) -> bool:
    """Whether nothing after the statement is ever reached."""
    if kind(node) in ENDS:
        return True
    if kind(node) == "If" and node.orelse:
        return ends(node.body[-1]) and ends(node.orelse[-1])
    return False


def needed(rest: list[Any], function: Any) -> bool:
    """Whether what is never reached makes a name local that is not bound anywhere else."""
    every = bound(function.body) + parameters(function)
    here = bound(rest)
    return any([every.count(name) == here.count(name) for name in here])


def kept(node: Any, function: Any) -> list[Any]:
    """What is left of one statement."""
    name = kind(node)
    if name == "If" and kind(node.test) == "Constant":
        chosen, other = (node.body, node.orelse) if node.test.value else (node.orelse, node.body)
        return [node] if needed(other, function) else chosen
    if name == "While" and kind(node.test) == "Constant" and not node.test.value:
        return [node] if needed(node.body, function) else node.orelse
    if name == "Assign" and unread(node, function):
        return []
    if name == "If" and node.orelse and all([kind(each) == "Pass" for each in node.orelse]):
        node.orelse = []
    return [node]


def unread(node: Any, function: Any) -> bool:
    """Whether a variable is assigned that nobody reads, to a value that does nothing."""
    if len(node.targets) != 1 or kind(node.targets[0]) != "Name":
        return False
    name = node.targets[0].id
    if loads(function.body, name) or stores(function.body, name) != 1:
        return False
    return is_still(node.value, always_bound(function))


def always_bound(function: Any) -> list[str]:
    """Parameters that are never deleted."""
    gone = [
        each.id
        for node in ast.walk(function)
        if kind(node) == "Delete"
        for each in node.targets
        if kind(each) == "Name"
    ]
    return [name for name in parameters(function) if name not in gone]

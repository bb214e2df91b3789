"""Plain traversal and replacement on LibCST trees: the nodes that mean something, without whitespace.

LibCST's own visitors copy the tree as they go; these walk it in place, which is what makes looking for
sites in every file affordable.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cache
from typing import TypeVar

import libcst as cst

Replacement = cst.CSTNode | Sequence[cst.CSTNode]
"""A node, or for an item of a sequence any number of nodes."""

_LAYOUT = frozenset(
    [
        "lpar",
        "rpar",
        "lbracket",
        "rbracket",
        "lbrace",
        "rbrace",
        "comma",
        "semicolon",
        "equal",
        "dot",
        "colon",
        "leading_lines",
        "header",
        "footer",
        "trailing_whitespace",
        "lines_after_decorators",
        "first_colon",
        "second_colon",
        "posonly_ind",
        "operator",
        "indent",
        "encoding",
        "default_indent",
        "default_newline",
        "has_trailing_newline",
        "trailing_comma",
        "separator",
    ]
)

_PLAIN = (str, type(None), bool, cst.MaybeSentinel)
"""Values of fields that are no nodes."""

_N = TypeVar("_N", bound=cst.CSTNode)


@cache
def meaningful(cls: type[cst.CSTNode]) -> tuple[str, ...]:
    """The fields of a node class that can hold expressions, statements or names, in their order."""
    names = [spec.name for spec in fields(cls)]
    return tuple(name for name in names if name not in _LAYOUT and not name.startswith("whitespace"))


def _below(node: cst.CSTNode) -> list[cst.CSTNode]:
    """The children of a node; layout is left out."""
    found: list[cst.CSTNode] = []
    for name in meaningful(type(node)):
        value = getattr(node, name)
        kind = type(value)
        if kind is list or kind is tuple:
            found.extend(value)
        elif kind not in _PLAIN:
            found.append(value)
    return found


def children(node: cst.CSTNode) -> Iterator[tuple[str, cst.CSTNode]]:
    """(field, child) of a node; layout is left out."""
    for name in meaningful(type(node)):
        value = getattr(node, name)
        if isinstance(value, cst.CSTNode):
            yield name, value
        elif isinstance(value, list | tuple):
            for item in value:
                if isinstance(item, cst.CSTNode):
                    yield name, item


def walk(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The node and all that is below it, outer before inner, in the order of the fields."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        below = _below(current)
        below.reverse()
        stack += below


def contains(node: cst.CSTNode, kinds: type[cst.CSTNode] | tuple[type[cst.CSTNode], ...]) -> bool:
    """Whether a node of one of the kinds is at or below `node`."""
    return any(isinstance(found, kinds) for found in walk(node))


def rebuild(root: _N, parents: Mapping[int, cst.CSTNode], changes: Mapping[int, Replacement]) -> _N:
    """The tree with the nodes of these ids replaced; every other node is the one it was.

    An item of a sequence may be replaced by any number of nodes, none included.
    """
    stale: set[int] = set()
    for key in changes:
        parent = parents.get(key)
        while parent is not None and id(parent) not in stale:
            stale.add(id(parent))
            parent = parents.get(id(parent))
    return _rebuilt(root, stale, changes)


def _rebuilt(node: _N, stale: set[int], changes: Mapping[int, Replacement]) -> _N:
    updates: dict[str, object] = {}
    for name in meaningful(type(node)):
        value = getattr(node, name)
        if isinstance(value, cst.CSTNode):
            if id(value) in changes:
                updates[name] = changes[id(value)]
            elif id(value) in stale:
                updates[name] = _rebuilt(value, stale, changes)
        elif isinstance(value, list | tuple) and any(id(v) in changes or id(v) in stale for v in value):
            updates[name] = [new for item in value for new in _items(item, stale, changes)]
    return node.with_changes(**updates)


def _items(item: cst.CSTNode, stale: set[int], changes: Mapping[int, Replacement]) -> list[cst.CSTNode]:
    if id(item) in changes:
        new = changes[id(item)]
        return [new] if isinstance(new, cst.CSTNode) else list(new)
    return [_rebuilt(item, stale, changes)] if id(item) in stale else [item]


_EMPTY = cst.Module(body=[])


def code(node: cst.CSTNode) -> str:
    """The text of a node."""
    return _EMPTY.code_for_node(node)

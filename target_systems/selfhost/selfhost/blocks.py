"""Going through every block of statements of a tree."""

import ast
from collections.abc import Callable
from typing import Any

from selfhost.names import is_plain
from selfhost.printer import kind

FIELDS = ("body", "orelse", "finalbody")


class Blocks:
    """Calls `change` on each block, inner ones first, with the function that it is in."""

    def __init__(self, change: Callable[[list[Any], Any], list[Any]]) -> None:
        self.change = change

    def module(self, tree: Any) -> Any:
        """Every function of a module that is plain."""
        for node in ast.walk(tree):
            if kind(node) == "FunctionDef" and is_plain(node):
                node.body = self.block(node.body, node)
        return tree

    def block(self, nodes: list[Any], function: Any) -> list[Any]:
        """One block, after those inside. Functions inside have their own turn."""
        for node in nodes:
            if kind(node) in ("FunctionDef", "ClassDef"):
                continue
            for field in FIELDS:
                inner = getattr(node, field, None)
                if isinstance(inner, list) and inner:
                    setattr(node, field, self.block(inner, function))
        return self.change(nodes, function)


def filled(nodes: list[Any]) -> list[Any]:
    """A block that must not be empty."""
    return nodes or [ast.Pass()]

"""Choosing alternatives on the tree: what a materialised text must parse to."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from testbed.schema.guards import test_number


class Choose(ast.NodeTransformer):
    """Replaces each guard whose number is in `choices` by its faulty (True) or clean (False) version."""

    def __init__(self, choices: Mapping[int, bool]) -> None:
        self.choices = choices

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        """An expression guard becomes one of its expressions."""
        number = test_number(node.test)
        if number is None or number not in self.choices:
            return self.generic_visit(node)
        chosen: ast.AST = self.visit(node.body if self.choices[number] else node.orelse)
        return chosen

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        """A statement guard becomes the statements of one block, none for a lone `pass` if faulty."""
        number = test_number(node.test)
        if number is None or number not in self.choices:
            return self.generic_visit(node)
        block = node.body if self.choices[number] else node.orelse
        if self.choices[number] and len(block) == 1 and isinstance(block[0], ast.Pass):
            return []
        statements: list[ast.stmt] = []
        for statement in block:
            result = self.visit(statement)
            statements.extend(result if isinstance(result, list) else [result])
        return statements

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Keeps a block from becoming empty."""
        had = {name for name, value in ast.iter_fields(node) if isinstance(value, list) and value}
        super().generic_visit(node)
        for name in had & {"body", "orelse", "finalbody"}:
            if not getattr(node, name) and not isinstance(node, ast.Module):
                setattr(node, name, [ast.Pass()])
        return node


def chosen(tree: ast.Module, choices: Mapping[int, bool]) -> ast.Module:
    """The tree (changed in place) with the guards in `choices` resolved."""
    result = Choose(choices).visit(tree)
    assert isinstance(result, ast.Module)
    return result

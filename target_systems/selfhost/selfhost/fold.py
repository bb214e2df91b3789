"""Constants folded: what can be known is computed once."""

import ast
from typing import Any

from selfhost.printer import kind

LARGEST = 1 << 64
LONGEST = 200


class Fold(ast.NodeTransformer):
    """Replaces operators on constants by their result, where it is small and cannot fail."""

    def visit_BinOp(self, node: Any) -> Any:
        """Whole numbers with + - * // %, and texts that are joined."""
        self.generic_visit(node)
        left, right = value_of(node.left), value_of(node.right)
        if type(left) is int and type(right) is int:
            result = calculated(kind(node.op), left, right)
            if result is not None and abs(result) < LARGEST:
                return number(result)
        elif type(left) is str and type(right) is str and kind(node.op) == "Add":
            if len(left) + len(right) <= LONGEST:
                return ast.Constant(left + right)
        return node

    def visit_UnaryOp(self, node: Any) -> Any:
        """Not of what is known, and of comparisons that have an opposite."""
        self.generic_visit(node)
        if kind(node.op) == "Not":
            return negated(node)
        value = value_of(node.operand)
        if kind(node.op) == "UAdd" and type(value) is int:
            return node.operand
        return node

    def visit_Compare(self, node: Any) -> Any:
        """One comparison of two whole numbers or two texts."""
        self.generic_visit(node)
        if len(node.ops) != 1:
            return node
        left, right = value_of(node.left), value_of(node.comparators[0])
        if type(left) is type(right) and type(left) in (int, str):
            result = compared(kind(node.ops[0]), left, right)
            if result is not None:
                return ast.Constant(result)
        return node

    def visit_BoolOp(self, node: Any) -> Any:
        """Leading operands that are known decide, or go."""
        self.generic_visit(node)
        stops = kind(node.op) == "Or"
        values = node.values
        while len(values) > 1 and kind(values[0]) == "Constant":
            if bool(values[0].value) == stops:
                return values[0]
            values = values[1:]
        if len(values) == 1:
            return values[0]
        node.values = values
        return node

    def visit_IfExp(self, node: Any) -> Any:
        """A known test chooses; a test for not changes sides."""
        self.generic_visit(node)
        if kind(node.test) == "Constant":
            return node.body if node.test.value else node.orelse
        if kind(node.test) == "UnaryOp" and kind(node.test.op) == "Not":
            node.test, node.body, node.orelse = node.test.operand, node.orelse, node.body
        return node


def value_of(node: Any) -> object:
    """The value of a constant, a sign before a number included; None for all else."""
    if kind(node) == "Constant":
        return node.value
    if kind(node) == "UnaryOp" and kind(node.op) == "USub":
        if kind(node.operand) == "Constant" and type(node.operand.value) is int:
            return -node.operand.value
    return None


def number(value: int) -> Any:
    """A whole number as a program writes it."""
    if value < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)


def calculated(op: str, left: int, right: int) -> int | None:
    """The result of an operator; None where it may fail, or is none of these."""
    if op == "Add":
        return left + right
    if op == "Sub":
        return left - right
    if op == "Mult":
        return left * right
    if right == 0:
        return None
    if op == "FloorDiv":
        return left // right
    if op == "Mod":
        return left % right
    return None


def compared(op: str, left: object, right: object) -> bool | None:
    """The result of a comparison; None for one that asks for more than values."""
    if op == "Eq":
        return left == right
    if op == "NotEq":
        return left != right
    if op == "Lt":
        return left < right
    if op == "LtE":
        return left <= right
    if op == "Gt":
        return left > right
    if op == "GtE":
        return left >= right
    return None


OPPOSITE = {"Is": ast.IsNot, "IsNot": ast.Is, "In": ast.NotIn, "NotIn": ast.In}


def negated(node: Any) -> Any:
    """Not of a constant, of a comparison that has an opposite, of not in front of a truth value."""
    inner = node.operand
    if kind(inner) == "Constant":
        return ast.Constant(not inner.value)
    if kind(inner) == "Compare" and len(inner.ops) == 1 and kind(inner.ops[0]) in OPPOSITE:
        return ast.Compare(inner.left, [OPPOSITE[kind(inner.ops[0])]()], inner.comparators)
    return node


def fold(tree: Any) -> Any:
    """The tree with its constants folded."""
    return Fold().visit(tree)

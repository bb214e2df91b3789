"""The tree as text, with no more parentheses than it needs."""

import ast
from typing import Any

from selfhost.errors import Unsupported

BINARY = {
    "Add": ("+", 11),
    "Sub": ("-", 11),
    "Mult": ("*", 12),
    "Div": ("/", 12),
    "FloorDiv": ("//", 12),
    "Mod": ("%", 12),
    "BitOr": ("|", 7),
    "BitXor": ("^", 8),
    "BitAnd": ("&", 9),
    "LShift": ("<<", 10),
    "RShift": (">>", 10),
    "Pow": ("**", 14),
}
COMPARE = {
    "Eq": "==",
    "NotEq": "!=",
    "Lt": "<",
    "LtE": "<=",
    "Gt": ">",
    "GtE": ">=",
    "Is": "is",
    "IsNot": "is not",
    "In": "in",
    "NotIn": "not in",
}
UNARY = {"USub": "-", "UAdd": "+", "Invert": "~"}
TERNARY, OR, AND, NOT, COMPARISON, SIGN, POWER, ATOM = 1, 2, 3, 4, 6, 13, 14, 16


def kind(node: Any) -> str:
    """The name of a node's class."""
    return type(node).__name__


def tight(text: str, own: int, wanted: int) -> str:
    """The text, in parentheses where it binds less tightly than is wanted."""
    if own < wanted:
        return "(" + text + ")"
    return text


def expression(node: Any, wanted: int = 0) -> str:
    """An expression that binds at least as tightly as is wanted."""
    name = kind(node)
    if name == "Constant":
        return constant(node, wanted)
    if name == "Name":
        return node.id
    if name == "BinOp":
        return binary(node, wanted)
    if name == "BoolOp":
        return boolean(node, wanted)
    if name == "UnaryOp":
        return unary(node, wanted)
    if name == "Compare":
        return comparison(node, wanted)
    if name == "IfExp":
        return ternary(node, wanted)
    if name == "Call":
        return expression(node.func, ATOM) + "(" + ", ".join(arguments(node)) + ")"
    if name == "Attribute":
        return attribute(node)
    if name == "Subscript":
        return expression(node.value, ATOM) + "[" + index(node.slice) + "]"
    return display(node)


def constant(node: Any, wanted: int) -> str:
    """A constant; a negative number needs parentheses where a sign would."""
    text = repr(node.value)
    if text.startswith("-"):
        return tight(text, SIGN, wanted)
    return text


def attribute(node: Any) -> str:
    """An attribute; a number before a point needs parentheses."""
    value = expression(node.value, ATOM)
    if kind(node.value) == "Constant" and type(node.value.value) is int:
        value = "(" + value + ")"
    return value + "." + node.attr


def binary(node: Any, wanted: int) -> str:
    """An operator between two operands; powers bind to the right."""
    sign, level = BINARY[kind(node.op)]
    if level == POWER:
        left = expression(node.left, level + 1)
        right = expression(node.right, SIGN)
    else:
        left = expression(node.left, level)
        right = expression(node.right, level + 1)
    return tight(left + " " + sign + " " + right, level, wanted)


def boolean(node: Any, wanted: int) -> str:
    """Operands with and, or between them."""
    if kind(node.op) == "And":
        word, level = " and ", AND
    else:
        word, level = " or ", OR
    return tight(word.join([expression(value, level + 1) for value in node.values]), level, wanted)


def unary(node: Any, wanted: int) -> str:
    """A sign, or not."""
    if kind(node.op) == "Not":
        return tight("not " + expression(node.operand, NOT), NOT, wanted)
    return tight(UNARY[kind(node.op)] + expression(node.operand, SIGN), SIGN, wanted)


def comparison(node: Any, wanted: int) -> str:
    """A chain of comparisons."""
    text = expression(node.left, COMPARISON + 1)
    for op, value in zip(node.ops, node.comparators):
        text = text + " " + COMPARE[kind(op)] + " " + expression(value, COMPARISON + 1)
    return tight(text, COMPARISON, wanted)


def ternary(node: Any, wanted: int) -> str:
    """A conditional expression."""
    body = expression(node.body, OR)
    test = expression(node.test, OR)
    return tight(body + " if " + test + " else " + expression(node.orelse, TERNARY), TERNARY, wanted)


def arguments(node: Any) -> list[str]:
    """The arguments of a call. A lone generator needs no parentheses of its own."""
    if len(node.args) == 1 and not node.keywords and kind(node.args[0]) == "GeneratorExp":
        return [expression(node.args[0].elt, TERNARY) + clauses(node.args[0])]
    out = [expression(value, TERNARY) for value in node.args]
    for word in node.keywords:
        if word.arg is None:
            out.append("**" + expression(word.value, TERNARY))
        else:
            out.append(word.arg + "=" + expression(word.value, TERNARY))
    return out


def index(node: Any) -> str:
    """What stands in square brackets."""
    if kind(node) == "Slice":
        text = optional(node.lower) + ":" + optional(node.upper)
        if node.step is not None:
            text = text + ":" + expression(node.step, TERNARY)
        return text
    if kind(node) == "Tuple" and node.elts:
        parts = [index(each) for each in node.elts]
        if len(parts) == 1:
            return parts[0] + ","
        return ", ".join(parts)
    return expression(node, TERNARY)


def optional(node: Any) -> str:
    """An expression that may be missing."""
    if node is None:
        return ""
    return expression(node, TERNARY)


def display(node: Any) -> str:
    """Lists, tuples, sets, dictionaries, comprehensions, starred values and formatted strings."""
    name = kind(node)
    if name == "List":
        return "[" + listed(node.elts) + "]"
    if name == "Tuple":
        if len(node.elts) == 1:
            return "(" + listed(node.elts) + ",)"
        return "(" + listed(node.elts) + ")"
    if name == "Set":
        return "{" + listed(node.elts) + "}"
    if name == "Dict":
        return "{" + ", ".join([pair(key, value) for key, value in zip(node.keys, node.values)]) + "}"
    if name == "ListComp":
        return "[" + expression(node.elt, TERNARY) + clauses(node) + "]"
    if name == "SetComp":
        return "{" + expression(node.elt, TERNARY) + clauses(node) + "}"
    if name == "GeneratorExp":
        return "(" + expression(node.elt, TERNARY) + clauses(node) + ")"
    if name == "DictComp":
        return "{" + pair(node.key, node.value) + clauses(node) + "}"
    if name == "Starred":
        return "*" + expression(node.value, COMPARISON + 1)
    if name == "JoinedStr":
        return ast.unparse(node)
    raise Unsupported("an expression of kind " + name, getattr(node, "lineno", 0))


def listed(nodes: list[Any]) -> str:
    """Expressions with commas between them."""
    return ", ".join([expression(node, TERNARY) for node in nodes])


def pair(key: Any, value: Any) -> str:
    """An entry of a dictionary."""
    if key is None:
        return "**" + expression(value, COMPARISON + 1)
    return expression(key, TERNARY) + ": " + expression(value, TERNARY)


def clauses(node: Any) -> str:
    """The for and if of a comprehension."""
    text = ""
    for each in node.generators:
        text = text + " for " + target(each.target) + " in " + expression(each.iter, OR)
        for test in each.ifs:
            text = text + " if " + expression(test, OR)
    return text


def target(node: Any) -> str:
    """What is assigned to; several without parentheses."""
    if kind(node) == "Tuple" and len(node.elts) > 1:
        return ", ".join([expression(each, TERNARY) for each in node.elts])
    return expression(node, TERNARY)

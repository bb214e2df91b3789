"""Faults in how functions are called."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from injectors.operator import DURAES, TSSB, Example, Operator
from injectors.source import SourceView
from testbed.schema import TextEdit

_PAIRS = (
    ("append", "extend"),
    ("find", "rfind"),
    ("startswith", "endswith"),
    ("keys", "values"),
    ("lower", "upper"),
    ("strip", "lstrip"),
    ("split", "rsplit"),
    ("partition", "rpartition"),
    ("union", "intersection"),
    ("update", "setdefault"),
    ("items", "keys"),
)
_FUNCTIONS = (("min", "max"), ("any", "all"), ("sorted", "list"))
_OTHER = dict(_PAIRS) | {b: a for a, b in reversed(_PAIRS)}
_OTHER_FUNCTION = dict(_FUNCTIONS) | {"max": "min", "all": "any"}


class SwappedArguments(Operator):
    """Two neighbouring arguments change places."""

    name, family = "swapped-arguments", "interface"
    contract = "Two neighbouring positional arguments are swapped."
    weight, reference = 0.6, f"{TSSB}: swapped arguments"
    examples = (Example("x = f(a, b)\n", "x = f(b, a)\n"),)

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each neighbouring pair that differs."""
        if isinstance(node, ast.Call):
            for left, right in zip(node.args, node.args[1:], strict=False):
                starred = isinstance(left, ast.Starred) or isinstance(right, ast.Starred)
                if not starred and ast.dump(left) != ast.dump(right):
                    (a, b), (c, d) = view.span(left), view.span(right)
                    between = view.source.data[b:c].decode()
                    yield TextEdit(a, d, view.text_of(right) + between + view.text_of(left))


class WrongArgument(Operator):
    """Another variable is passed."""

    name, family = "wrong-argument", "interface"
    contract = "A call gets another variable that is in scope."
    weight, reference = 1.5, f"{DURAES}: wrong variable in an argument"
    examples = (Example("def f(a, b):\n    return g(a)\n", "def f(a, b):\n    return g(b)\n"),)

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each variable argument and each other name in scope."""
        if isinstance(node, ast.Call):
            for argument in node.args:
                if isinstance(argument, ast.Name):
                    for name in view.other_names(argument):
                        yield view.replace(argument, name)


class MissingKeyword(Operator):
    """A keyword argument is left out, so that its default acts."""

    name, family = "missing-keyword", "interface"
    contract = "A keyword argument is left out."
    weight, reference = 5.2, f"{TSSB}: more arguments (10.4, half of it; what the fix makes of it)"
    examples = (Example("x = f(a, k=1)\n", "x = f(a)\n"),)

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit where the last argument is a keyword."""
        if isinstance(node, ast.Call) and node.keywords and node.keywords[-1].arg:
            before = [*node.args, *(keyword.value for keyword in node.keywords[:-1])]
            if before:
                last = max(view.span(argument)[1] for argument in before)
                end = view.span(node.keywords[-1].value)[1]
                if view.source.data[last : last + 1] == b",":
                    yield TextEdit(last, end, "")


class WrongMethod(Operator):
    """A similar method or function of the same shape is called."""

    name, family = "wrong-method", "interface"
    contract = "The counterpart of a method or built-in is called (find for rfind, min for max)."
    weight, reference = 9.3, f"{TSSB}: function name"
    examples = (
        Example("x = a.startswith(b)\n", "x = a.endswith(b)\n"),
        Example("x = min(a, b)\n", "x = max(a, b)\n"),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each call with a counterpart."""
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and node.func.attr in _OTHER:
                end = view.span(node.func)[1]
                yield TextEdit(end - len(node.func.attr), end, _OTHER[node.func.attr])
            elif isinstance(node.func, ast.Name) and node.func.id in _OTHER_FUNCTION:
                yield view.replace(node.func, _OTHER_FUNCTION[node.func.id])


class MissingArgument(Operator):
    """An argument is forgotten."""

    name, family = "missing-argument", "interface"
    contract = "The last positional argument of a call is missing."
    weight, reference = 5.2, f"{TSSB}: more arguments (10.4, half of it; what the fix makes of it)"
    examples = (Example("x = f(a, b)\n", "x = f(a)\n"),)

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each call with two or more positional arguments."""
        if isinstance(node, ast.Call) and len(node.args) > 1 and not node.keywords:
            edit = view.dropped(node.args, len(node.args) - 1)
            if edit is not None:
                yield edit


class WrongKeywordValue(Operator):
    """A keyword argument has another value."""

    name, family = "wrong-keyword-value", "interface"
    contract = "A keyword argument is None, or the other truth."
    weight, reference = 1.4, f"{TSSB}: keyword argument"
    examples = (
        Example("x = f(a, k=b)\n", "x = f(a, k=None)\n"),
        Example("x = f(a, k=True)\n", "x = f(a, k=False)\n"),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each keyword argument."""
        for keyword in node.keywords if isinstance(node, ast.Call) else ():
            value = keyword.value.value if isinstance(keyword.value, ast.Constant) else ""
            if keyword.arg and value is not None:
                yield view.replace(keyword.value, str(not value) if isinstance(value, bool) else "None")


class WrongCaller(Operator):
    """A method is called on another variable."""

    name, family = "wrong-caller", "interface"
    contract = "A method is called on another variable that is in scope."
    weight, reference = 1.7, f"{TSSB}: wrong caller"
    examples = (Example("def f(a, b):\n    return a.m()\n", "def f(a, b):\n    return b.m()\n"),)

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each method call on a variable and each other name in scope."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            caller = node.func.value
            if isinstance(caller, ast.Name) and caller.id in view.local_names(caller):
                for name in view.other_names(caller):
                    yield view.replace(caller, name)


class WrongArgumentExpression(Operator):
    """An argument is only half of the expression that it should be."""

    name, family = "wrong-argument-expression", "interface"
    contract = "An argument is one operand of the expression that should be passed."
    weight, reference = 2.25, f"{DURAES}: wrong expression in an argument"
    examples = (Example("x = f(a + 1)\n", "x = f(a)\n"),)

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each argument that is an operation."""
        if isinstance(node, ast.BinOp) and isinstance(view.parents[node], ast.Call):
            left = node.left
            if not (isinstance(left, ast.Constant) and isinstance(left.value, str)):
                yield view.replace(node, view.atom(left))


class DiscardedResult(Operator):
    """A result is thrown away."""

    name, family = "discarded-result", "interface"
    contract = "A function that gives a new value is called as if it changed the old one."
    examples = (
        Example(
            "def f(a):\n    a = a.strip()\n    return a\n",
            "def f(a):\n    a.strip()\n    return a\n",
        ),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each variable that is assigned what a call on itself gives."""
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and len(node.targets) == 1:
            target = node.targets[0]
            used = {n.id for n in ast.walk(node.value) if isinstance(n, ast.Name)}
            if isinstance(target, ast.Name) and target.id in used:
                yield view.replace(node, view.text_of(node.value))


OPERATORS: tuple[Operator, ...] = (
    SwappedArguments(),
    WrongArgument(),
    MissingKeyword(),
    WrongMethod(),
    MissingArgument(),
    WrongKeywordValue(),
    WrongCaller(),
    WrongArgumentExpression(),
    DiscardedResult(),
)

"""Faults in what is assigned."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from injectors.operator import DURAES, TAMBON, TSSB, Example, Operator
from injectors.source import SourceView
from testbed.schema import TextEdit


class WrongVariable(Operator):
    """Another variable of the same function is read."""

    name, family = "wrong-variable", "assignment"
    contract = "The right-hand side of an assignment or a return reads another variable that is in scope."
    weight, reference = 16.4, f"{TSSB}: wrong identifier"
    examples = (
        Example("def f(a, b):\n    c = a\n    return c\n", "def f(a, b):\n    c = b\n    return c\n"),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each other name in scope."""
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            statement = view.statement(node)
            if isinstance(statement, ast.Assign | ast.AugAssign | ast.Return):
                called = isinstance(view.parents[node], ast.Call | ast.Attribute)
                for name in [] if called else view.other_names(node):
                    yield view.replace(node, name)


class WrongUpdate(Operator):
    """`-=` for `+=`, or `=` for either."""

    name, family = "wrong-update", "assignment"
    contract = "An augmented assignment goes the other way or overwrites."
    weight, reference = 1.22, f"{DURAES}: wrong value assigned (2.44, half of it)"
    examples = (
        Example("def f(n):\n    n += 1\n    return n\n", "def f(n):\n    n -= 1\n    return n\n"),
        Example("def f(n):\n    n += 1\n    return n\n", "def f(n):\n    n = 1\n    return n\n"),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """Two edits for each `+=` or `-=`."""
        if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add | ast.Sub):
            old = "+=" if isinstance(node.op, ast.Add) else "-="
            for new in ("-=" if old == "+=" else "+=", "="):
                edit = view.operator(node.target, node.value, old, new)
                if edit is not None:
                    yield edit


class WrongInitialValue(Operator):
    """A variable begins with another value."""

    name, family = "wrong-initial-value", "assignment"
    contract = "A variable is given another constant: one more, the other truth, None."
    weight, reference = 1.22, f"{DURAES}: wrong value assigned (2.44, half of it)"
    examples = (
        Example("def f():\n    n = 0\n    return n\n", "def f():\n    n = 1\n    return n\n"),
        Example("def f():\n    n = ''\n    return n\n", "def f():\n    n = None\n    return n\n"),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each constant assigned in a function."""
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and view.function(node):
            value = node.value.value
            if isinstance(value, bool):
                yield view.replace(node.value, str(not value))
            elif isinstance(value, int):
                yield view.replace(node.value, str(value + 1))
            elif value is not None:
                yield view.replace(node.value, "None")


class SwappedTargets(Operator):
    """Two values are unpacked into each other's variable."""

    name, family = "swapped-targets", "assignment"
    contract = "Two variables that are assigned together are in the other order."
    examples = (
        Example(
            "def f(a):\n    b, c = a\n    return b - c\n",
            "def f(a):\n    c, b = a\n    return b - c\n",
        ),
        Example("for a, b in c:\n    f(a, b)\n", "for b, a in c:\n    f(a, b)\n"),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each neighbouring pair of different targets."""
        if isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Store):
            for left, right in zip(node.elts, node.elts[1:], strict=False):
                starred = isinstance(left, ast.Starred) or isinstance(right, ast.Starred)
                if not starred and ast.dump(left) != ast.dump(right):
                    yield view.swapped(left, right)


class WrongAttribute(Operator):
    """Another attribute of the same object."""

    name, family = "wrong-attribute", "assignment"
    contract = "Another attribute of the same object is read, one that the same class uses."
    weight, reference = 7.2, f"{TSSB}: attribute"
    examples = (
        Example(
            "class A:\n    def f(self):\n        self.a = 1\n        self.b = 2\n        return self.a\n",
            "class A:\n    def f(self):\n        self.a = 1\n        self.b = 2\n        return self.b\n",
        ),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each other attribute of `self` that is assigned in the same class."""
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and _on_self(node):
            parent = view.parents[node]
            if not (isinstance(parent, ast.Call) and parent.func is node):
                end = view.span(node)[1]
                for name in _assigned_on_self(view, node):
                    if name != node.attr:
                        yield TextEdit(end - len(node.attr.encode()), end, name)


class WrongKey(Operator):
    """Another key of a mapping."""

    name, family = "wrong-key", "assignment"
    contract = "A text in brackets is another one that the same function uses there."
    examples = (
        Example(
            "def f(a):\n    return a['x'] - a['y']\n",
            "def f(a):\n    return a['y'] - a['y']\n",
        ),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each other key in the same function."""
        function = view.function(node)
        if isinstance(node, ast.Subscript) and function and _text_key(node) is not None:
            keys = {_text_key(other) for other in ast.walk(function) if isinstance(other, ast.Subscript)}
            for key in sorted(keys - {None, _text_key(node)}, key=str):
                yield view.replace(node.slice, repr(key))


class CopyPasteSlip(Operator):
    """The same operand twice."""

    name, family = "copy-paste-slip", "assignment"
    contract = "An operator or a call has one of two operands twice."
    weight, reference = 10.0, f"{TAMBON}: silly mistake"
    examples = (
        Example("x = a - b\n", "x = a - a\n"),
        Example("x = a < b\n", "x = b < b\n"),
        Example("x = f(a, b)\n", "x = f(a, a)\n"),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """Two edits for each pair of variables."""
        pair: list[ast.expr] = []
        if isinstance(node, ast.BinOp):
            pair = [node.left, node.right]
        elif isinstance(node, ast.Compare):
            pair = [node.left, *node.comparators]
        elif isinstance(node, ast.Call):
            pair = node.args
        if len(pair) == 2 and all(isinstance(each, ast.Name | ast.Attribute) for each in pair):
            texts = [view.text_of(each) for each in pair]
            if texts[0] != texts[1]:
                yield view.replace(pair[1], texts[0])
                yield view.replace(pair[0], texts[1])


def _on_self(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "self"


def _assigned_on_self(view: SourceView, node: ast.AST) -> list[str]:
    """The attributes of `self` that the class around a node assigns."""
    while node in view.parents and not isinstance(node, ast.ClassDef):
        node = view.parents[node]
    stored = (n for n in ast.walk(node) if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store))
    return sorted({n.attr for n in stored if _on_self(n)})


def _text_key(node: ast.Subscript) -> str | None:
    key = node.slice
    return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else None


OPERATORS: tuple[Operator, ...] = (
    WrongVariable(),
    WrongUpdate(),
    WrongInitialValue(),
    SwappedTargets(),
    WrongAttribute(),
    WrongKey(),
    CopyPasteSlip(),
)

"""Faults of something left out."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from injectors.operator import DURAES, TSSB, Example, Operator
from injectors.source import SourceView
from testbed.schema import TextEdit


class MissingCall(Operator):
    """A call made for its effect is missing."""

    name, family = "missing-call", "omission"
    contract = "A call whose result is not used is missing."
    weight, reference = 8.64, f"{DURAES}: missing function call"
    examples = (Example("def f(a):\n    a.go()\n    return a\n", "def f(a):\n    \n    return a\n"),)

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each call statement in a function, but not `super().__init__`."""
        called = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
        if (
            isinstance(node, ast.Expr)
            and called
            and view.function(node)
            and "super(" not in view.text_of(node)
        ):
            yield view.without(node)


class MissingAssignment(Operator):
    """An assignment is missing."""

    name, family = "missing-assignment", "omission"
    contract = "An assignment to a name that has a value already, or to an attribute, is missing."
    weight, reference = 3.0, f"{DURAES}: missing assignment of an expression"
    examples = (Example("def f(a):\n    a.n = 1\n    return a\n", "def f(a):\n    \n    return a\n"),)

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each assignment in a function; the switchable form refuses what loses a scope."""
        if isinstance(node, ast.Assign | ast.AugAssign) and view.function(node):
            yield view.without(node)


class MissingBranch(Operator):
    """An if with all that depends on it is missing."""

    name, family = "missing-branch", "omission"
    contract = "An if without else is missing together with its body."
    weight, reference = 9.96, f"{DURAES}: missing if around a body"
    examples = (
        Example("def f(a):\n    if a:\n        a = 0\n    return a\n", "def f(a):\n    \n    return a\n"),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each if without else in a function."""
        if isinstance(node, ast.If) and not node.orelse and view.function(node):
            yield view.without(node)


class MissingReturn(Operator):
    """An early exit is missing."""

    name, family = "missing-return", "omission"
    contract = "An early return or a continue or break inside a branch is missing."
    weight, reference = 3.19, f"{DURAES}: missing small part of an algorithm"
    examples = (
        Example(
            "def f(a):\n    if a:\n        return 1\n    return 2\n",
            "def f(a):\n    if a:\n        pass\n    return 2\n",
        ),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each return, continue or break that stands in an if."""
        leaves = isinstance(node, ast.Return | ast.Continue | ast.Break)
        if isinstance(node, ast.stmt) and leaves and isinstance(view.parents[node], ast.If):
            yield view.without(node)


class MissingCondition(Operator):
    """Statements are not guarded by the if that they need."""

    name, family = "missing-condition", "omission"
    contract = "The if around some statements is missing: they always run."
    weight, reference = 4.32, f"{DURAES}: missing if around statements"
    examples = (
        Example("if a:\n    b()\n", "if True:\n    b()\n"),
        Example("if a < 1:\n    b()\n", "if True:\n    b()\n"),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each if without else."""
        if isinstance(node, ast.If) and not node.orelse and not isinstance(node.test, ast.Constant):
            yield view.replace(node.test, "True")


class MissingReset(Operator):
    """A variable keeps what the last round of a loop left in it."""

    name, family = "missing-reset", "omission"
    contract = "A variable is not set to its initial value again inside of a loop."
    weight, reference = 2.25, f"{DURAES}: missing initialisation"
    examples = (
        Example(
            "def f(a):\n    n = 0\n    for x in a:\n        n = 0\n        n += x\n    return n\n",
            "def f(a):\n    n = 0\n    for x in a:\n        \n        n += x\n    return n\n",
        ),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each plain initial value that is assigned within a loop."""
        if isinstance(node, ast.Assign) and _initial(node.value) and _in_loop(view, node):
            yield view.without(node)


class MissingElement(Operator):
    """A list, a tuple or a set lacks one of its elements."""

    name, family = "missing-element", "omission"
    contract = "One element of a list, tuple or set that is written out is missing."
    weight, reference = 4.0, f"{TSSB}: elements added"
    examples = (Example("x = [a, b, c]\n", "x = [a, b]\n"), Example("x = [a, b, c]\n", "x = [b, c]\n"))

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """Two edits (first and last) for each display of at least three elements."""
        if isinstance(node, ast.List | ast.Tuple | ast.Set) and len(node.elts) > 2:
            if isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
                for edit in (view.dropped(node.elts, 0), view.dropped(node.elts, len(node.elts) - 1)):
                    if edit is not None:
                        yield edit


class MissingWrapper(Operator):
    """A value is used as it is where a function should be applied to it first."""

    name, family = "missing-wrapper", "omission"
    contract = "The call of a function of one argument is missing: its argument is used as it is."
    weight, reference = 8.1, f"{TSSB}: function wrapped around"
    examples = (Example("x = int(a)\n", "x = a\n"),)

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each call by name with one argument whose value is used."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1:
            starred = isinstance(node.args[0], ast.Starred)
            if not (node.keywords or starred or isinstance(view.parents[node], ast.Expr | ast.Raise)):
                yield view.replace(node, view.atom(node.args[0]))


class MissingMethodCall(Operator):
    """A value is used as it is where one of its methods should be called."""

    name, family = "missing-method-call", "omission"
    contract = "The call of a method without arguments is missing: the object itself is used."
    weight, reference = 4.2, f"{TSSB}: method call added"
    examples = (Example("x = a.strip()\n", "x = a\n"),)

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each call of a method without arguments whose value is used."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if not (node.args or node.keywords or isinstance(view.parents[node], ast.Expr | ast.Raise)):
                yield view.replace(node, view.atom(node.func.value))


class MissingAttribute(Operator):
    """An object is used where one of its attributes should be."""

    name, family = "missing-attribute", "omission"
    contract = "The access to an attribute is missing: the object itself is used."
    weight, reference = 2.2, f"{TSSB}: attribute access added"
    examples = (Example("x = a.b\n", "x = a\n"),)

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each attribute of a variable that is read and not called."""
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            parent = view.parents[node]
            inside = isinstance(parent, ast.Attribute | ast.ClassDef | ast.ExceptHandler | ast.Raise)
            if isinstance(node.value, ast.Name) and node.value.id != "cls" and not inside:
                if not (isinstance(parent, ast.Call) and parent.func is node):
                    yield view.replace(node, node.value.id)


class MissingElse(Operator):
    """What should happen otherwise does not."""

    name, family = "missing-else", "omission"
    contract = "The else of an if is missing."
    weight, reference = 3.19, f"{DURAES}: missing small part of an algorithm"
    examples = (Example("if a:\n    b()\nelse:\n    c()\n", "if a:\n    b()\nelse:\n    pass\n"),)

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each else that is no elif."""
        if isinstance(node, ast.If) and node.orelse and not isinstance(node.orelse[0], ast.If | ast.Pass):
            yield view.emptied(node.orelse)


def _initial(value: ast.expr) -> bool:
    """Whether a value is what variables begin with: a constant, or something empty."""
    if isinstance(value, ast.List | ast.Tuple | ast.Set):
        return not value.elts
    return isinstance(value, ast.Constant) or (isinstance(value, ast.Dict) and not value.keys)


def _in_loop(view: SourceView, node: ast.AST) -> bool:
    while node in view.parents:
        node = view.parents[node]
        if isinstance(node, ast.For | ast.While | ast.AsyncFor):
            return True
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            return False
    return False


OPERATORS: tuple[Operator, ...] = (
    MissingCall(),
    MissingAssignment(),
    MissingBranch(),
    MissingReturn(),
    MissingCondition(),
    MissingReset(),
    MissingElement(),
    MissingWrapper(),
    MissingMethodCall(),
    MissingAttribute(),
    MissingElse(),
)

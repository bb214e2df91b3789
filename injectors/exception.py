"""Faults in raising and handling."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from injectors.operator import Example, Operator
from injectors.source import SourceView
from testbed.schema import TextEdit

_OTHER = {
    "ValueError": "TypeError",
    "TypeError": "ValueError",
    "KeyError": "ValueError",
    "IndexError": "KeyError",
}


class MissingRaise(Operator):
    """A check no longer raises."""

    name, family = "missing-raise", "exception"
    contract = "A raise is missing, so that what was checked goes on."
    examples = (
        Example(
            "def f(a):\n    if a:\n        raise E\n    g()\n",
            "def f(a):\n    if a:\n        pass\n    g()\n",
        ),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each raise."""
        if isinstance(node, ast.Raise):
            yield view.without(node)


class TooBroad(Operator):
    """A handler catches everything."""

    name, family = "too-broad", "exception"
    contract = "A handler catches Exception where it should catch one type."
    examples = (
        Example("try:\n    f()\nexcept KeyError:\n    g()\n", "try:\n    f()\nexcept Exception:\n    g()\n"),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each handler with a type, if it is the last one."""
        if isinstance(node, ast.Try) and node.handlers:
            kind = node.handlers[-1].type
            if kind is not None and view.text_of(kind) not in {"Exception", "BaseException"}:
                yield view.replace(kind, "Exception")


class WrongType(Operator):
    """Another exception is raised."""

    name, family = "wrong-type", "exception"
    contract = "A built-in exception of another type is raised."
    examples = (Example("raise ValueError('x')\n", "raise TypeError('x')\n"),)

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each raise of a common built-in type."""
        if isinstance(node, ast.Raise) and node.exc is not None:
            kind = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            if isinstance(kind, ast.Name) and kind.id in _OTHER:
                yield view.replace(kind, _OTHER[kind.id])


class Swallowed(Operator):
    """An exception is swallowed."""

    name, family = "swallowed", "exception"
    contract = "A handler does nothing, so that the exception is swallowed."
    examples = (
        Example(
            "try:\n    f()\nexcept KeyError:\n    g()\n",
            "try:\n    f()\nexcept KeyError:\n    pass\n",
        ),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each handler that does something."""
        if isinstance(node, ast.ExceptHandler) and not isinstance(node.body[0], ast.Pass):
            yield view.emptied(node.body)


class TooNarrow(Operator):
    """A handler forgets one of the types."""

    name, family = "too-narrow", "exception"
    contract = "A handler of several exception types lacks one of them."
    examples = (
        Example(
            "try:\n    f()\nexcept (KeyError, OSError):\n    g()\n",
            "try:\n    f()\nexcept KeyError:\n    g()\n",
        ),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each type of a handler of two types, which leaves the other one."""
        if isinstance(node, ast.ExceptHandler) and isinstance(node.type, ast.Tuple):
            for kept in node.type.elts if len(node.type.elts) == 2 else ():
                yield view.replace(node.type, view.text_of(kept))


class WrongHandler(Operator):
    """A handler waits for another exception."""

    name, family = "wrong-handler", "exception"
    contract = "A handler catches another built-in type than the one that is raised."
    examples = (
        Example(
            "try:\n    f()\nexcept KeyError:\n    g()\n",
            "try:\n    f()\nexcept ValueError:\n    g()\n",
        ),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each handler of a common built-in type."""
        if isinstance(node, ast.ExceptHandler) and isinstance(node.type, ast.Name) and node.type.id in _OTHER:
            yield view.replace(node.type, _OTHER[node.type.id])


class MissingAssertion(Operator):
    """An assertion is missing."""

    name, family = "missing-assertion", "exception"
    contract = "An assert is missing."
    examples = (
        Example("def f(a):\n    assert a\n    return a\n", "def f(a):\n    assert True\n    return a\n"),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each assertion."""
        if isinstance(node, ast.Assert) and not isinstance(node.test, ast.Constant):
            yield TextEdit(view.span(node.test)[0], view.span(node)[1], "True")


OPERATORS: tuple[Operator, ...] = (
    MissingRaise(),
    TooBroad(),
    WrongType(),
    Swallowed(),
    TooNarrow(),
    WrongHandler(),
    MissingAssertion(),
)

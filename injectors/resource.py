"""Faults with files, locks and what else must be given back."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from injectors.operator import Example, Operator
from injectors.source import SourceView, called, effect
from testbed.schema import TextEdit

_CLOSING = {"close", "release", "shutdown", "terminate", "disconnect", "unlock", "unlink", "rmtree", "stop"}
_FLUSHING = {"flush", "fsync", "fdatasync", "sync", "commit"}
_REWINDING = {"seek", "truncate"}
_MODES = {
    "w": "a",
    "a": "w",
    "x": "w",
    "wb": "ab",
    "ab": "wb",
    "xb": "wb",
    "r+b": "w+b",
    "r+": "w+",
    "w+b": "a+b",
    "a+b": "w+b",
}


class LeakedContext(Operator):
    """A context that is never left."""

    name, family = "leaked-context", "resource"
    contract = "A with statement is a plain assignment: what it opens is not closed."
    examples = (
        Example(
            "with open(p) as f:\n    return_(f)\n",
            "f = open(p)\nif True:\n    return_(f)\n",
        ),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each with of one opened file that has a name."""
        if isinstance(node, ast.With) and len(node.items) == 1:
            item = node.items[0]
            if called(item.context_expr) == "open" and isinstance(item.optional_vars, ast.Name):
                start, end = view.span(node)[0], view.span(item.optional_vars)[1]
                line = view.source.line_span(node.lineno, node.lineno)[0]
                indent = view.source.data[line:start].decode()
                after = view.source.data[end : view.span(node.body[0])[0]]
                if not indent.strip() and after.startswith(b":"):
                    opened = f"{item.optional_vars.id} = {view.text_of(item.context_expr)}"
                    yield TextEdit(start, end, f"{opened}\n{indent}if True")


class _MissingEffect(Operator):
    """A call for its effect is missing; `calls` are the last names of such calls."""

    calls: frozenset[str] = frozenset()

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each statement that is such a call."""
        if isinstance(node, ast.Expr) and effect(node) in self.calls:
            yield view.replace(node, "pass")


class MissingClose(_MissingEffect):
    """Something is not given back."""

    name, family = "missing-close", "resource"
    contract = "A file, a lock or another resource is not closed or released, or not removed."
    examples = (Example("def f(a):\n    a.close()\n", "def f(a):\n    pass\n"),)
    calls = frozenset(_CLOSING)


class MissingFlush(_MissingEffect):
    """What was written is not safe yet."""

    name, family = "missing-flush", "resource"
    contract = "What was written is not flushed, synced or committed."
    examples = (Example("def f(a):\n    a.flush()\n", "def f(a):\n    pass\n"),)
    calls = frozenset(_FLUSHING)


class MissingRewind(_MissingEffect):
    """The position in a file, or its end, is not set."""

    name, family = "missing-rewind", "resource"
    contract = "A file is not rewound, or not cut at its new end."
    examples = (Example("def f(a):\n    a.seek(0)\n", "def f(a):\n    pass\n"),)
    calls = frozenset(_REWINDING)


class MissingCleanup(Operator):
    """What should happen in any case does not."""

    name, family = "missing-cleanup", "resource"
    contract = "The finally of a try does nothing."
    examples = (
        Example(
            "try:\n    f()\nfinally:\n    g()\n",
            "try:\n    f()\nfinally:\n    pass\n",
        ),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each finally."""
        if isinstance(node, ast.Try) and node.finalbody and not isinstance(node.finalbody[0], ast.Pass):
            yield view.emptied(node.finalbody)


class WrongOpenMode(Operator):
    """A file is opened in another way."""

    name, family = "wrong-open-mode", "resource"
    contract = "A file is opened to append where it should be written anew, or the other way round."
    examples = (
        Example("f = open(p, 'w')\n", "f = open(p, 'a')\n"),
        Example("f = open(p, mode='ab')\n", "f = open(p, mode='wb')\n"),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each mode with a counterpart."""
        if called(node) in {"open", "fdopen"} and isinstance(node, ast.Call):
            given = [*node.args, *(k.value for k in node.keywords if k.arg == "mode")]
            for argument in given:
                mode = argument.value if isinstance(argument, ast.Constant) else None
                if isinstance(mode, str) and mode in _MODES:
                    yield view.replace(argument, repr(_MODES[mode]))


class UnboundedRead(Operator):
    """More is read than belongs here."""

    name, family = "unbounded-read", "resource"
    contract = "All is read where only so many bytes should be."
    examples = (Example("x = f.read(n)\n", "x = f.read()\n"),)

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each read of a given size."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and len(node.args) == 1:
            if node.func.attr in {"read", "readline", "recv"} and not node.keywords:
                yield view.replace(node, f"{view.text_of(node.func)}()")


OPERATORS: tuple[Operator, ...] = (
    LeakedContext(),
    MissingClose(),
    MissingFlush(),
    MissingRewind(),
    MissingCleanup(),
    WrongOpenMode(),
    UnboundedRead(),
)

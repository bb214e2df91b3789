"""A source text as operators see it: nodes with byte spans, parents, and the names in scope."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import cached_property

from testbed.schema import GUARD, TextEdit
from testbed.schema.text import SourceText, parse

Function = ast.FunctionDef | ast.AsyncFunctionDef


class SourceView:
    """One file. Nodes of docstrings, `__all__`, main blocks and existing guards are left out of `nodes`."""

    def __init__(self, path: str, text: str, generation: int = 0) -> None:
        self.path, self.text, self.generation = path, text, generation
        self.source = SourceText(text)
        self.tree = parse(text)
        self.parents: dict[ast.AST, ast.AST] = {}
        for node in ast.walk(self.tree):
            for child in ast.iter_child_nodes(node):
                self.parents[child] = node

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """All nodes that may be harmed, in order of place."""
        return tuple(self._walk(self.tree))

    def _walk(self, node: ast.AST) -> Iterator[ast.AST]:
        for child in ast.iter_child_nodes(node):
            if not self._off_limits(child):
                yield child
                yield from self._walk(child)

    def _off_limits(self, node: ast.AST) -> bool:
        if isinstance(node, ast.If | ast.IfExp):
            test = node.test
            if isinstance(test, ast.Call) and isinstance(test.func, ast.Name) and test.func.id == GUARD:
                return True
            return isinstance(node, ast.If) and self._text_of(test).startswith(("__name__", "TYPE_CHECKING"))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return True
        if isinstance(node, ast.Assign):
            return any(isinstance(t, ast.Name) and t.id in {"__all__", "__slots__"} for t in node.targets)
        return isinstance(node, ast.Import | ast.ImportFrom | ast.JoinedStr | ast.Global | ast.Nonlocal)

    def _text_of(self, node: ast.expr) -> str:
        start, end = self.span(node)
        return self.source.data[start:end].decode()

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """The byte span of a node, its own parentheses left out."""
        return self.source.span(node)

    def text_of(self, node: ast.expr | ast.stmt) -> str:
        """The text of a node."""
        start, end = self.span(node)
        return self.source.data[start:end].decode()

    def text_of_keyword(self, keyword: ast.keyword) -> str:
        """A keyword argument as it stands in a call."""
        return self.source.data[
            self.source.offset(keyword.lineno, keyword.col_offset) : self.span(keyword.value)[1]
        ].decode()

    def replace(self, node: ast.expr | ast.stmt, new: str) -> TextEdit:
        """The edit that puts `new` in a node's place."""
        return TextEdit(*self.span(node), new)

    def atom(self, node: ast.expr) -> str:
        """The text of an expression that can stand anywhere, in parentheses where it needs them."""
        text = self.text_of(node)
        plain = isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call | ast.List | ast.Dict)
        return text if plain or isinstance(node, ast.Set | ast.GeneratorExp) else f"({text})"

    def swapped(self, left: ast.expr, right: ast.expr) -> TextEdit:
        """The edit by which two expressions, the first one first, change places."""
        (start, a), (b, end) = self.span(left), self.span(right)
        return TextEdit(start, end, self.text_of(right) + self.source.data[a:b].decode() + self.text_of(left))

    def emptied(self, block: list[ast.stmt], new: str = "pass") -> TextEdit:
        """The edit that puts one statement in place of a whole block."""
        return TextEdit(self.span(block[0])[0], self.span(block[-1])[1], new)

    def dropped(self, items: Sequence[ast.expr], at: int) -> TextEdit | None:
        """The edit that takes one of several items out with a comma beside it.

        None where more than the comma stands between: parentheses or a comment would stay behind.
        """
        left, right = (items[at - 1], items[at]) if at else (items[0], items[1])
        between = self.source.data[self.span(left)[1] : self.span(right)[0]]
        if between.strip() != b",":
            return None
        if at:
            return TextEdit(self.span(left)[1], self.span(right)[1], "")
        return TextEdit(self.span(left)[0], self.span(right)[0], "")

    def without(self, node: ast.stmt) -> TextEdit:
        """The edit that takes a statement out; a block that had no other keeps a `pass`."""
        start, end = self.span(node)
        parent = self.parents[node]
        blocks = [block for _, block in ast.iter_fields(parent) if isinstance(block, list)]
        alone = [node] in blocks and not self.source.data.startswith(b"elif", start)
        return TextEdit(start, end, "pass" if alone else "")

    def operator(self, left: ast.expr, right: ast.expr, old: str, new: str) -> TextEdit | None:
        """The edit of the operator `old` between two operands; None where a comment is in between."""
        start, end = self.span(left)[1], self.span(right)[0]
        between = self.source.data[start:end].decode()
        if "#" in between or old not in between:
            return None
        at = start + len(between[: between.index(old)].encode())
        return TextEdit(at, at + len(old), new)

    def function(self, node: ast.AST) -> Function | None:
        """The innermost function around a node."""
        parent = self.parents.get(node)
        while parent is not None and not isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef):
            parent = self.parents.get(parent)
        return parent

    def runs_in_function(self, node: ast.AST) -> bool:
        """Whether an expression is evaluated in a function's body, where its parameters have values.

        Not so in decorators, defaults, annotations and patterns, nor in the body of a class.
        """
        parent = self.parents.get(node)
        while parent is not None:
            if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef):
                return node in parent.body
            if isinstance(parent, ast.ClassDef | ast.pattern | ast.arg | ast.arguments):
                return False
            if isinstance(parent, ast.AnnAssign) and node is parent.annotation:
                return False
            node, parent = parent, self.parents.get(parent)
        return False

    def region(self, node: ast.AST) -> tuple[int, int]:
        """The lines of the innermost function around a node, else of its own statement."""
        function = self.function(node)
        home: ast.AST = function if function is not None else self.statement(node)
        first = getattr(home, "lineno", 1)
        return first, getattr(home, "end_lineno", first) or first

    def statement(self, node: ast.AST) -> ast.AST:
        """The statement that a node belongs to (itself, if it is one)."""
        while not isinstance(node, ast.stmt) and node in self.parents:
            node = self.parents[node]
        return node

    def where(self, node: ast.AST) -> str:
        """The qualified name of the function or class around a node, "" at module level."""
        names: list[str] = []
        parent = self.parents.get(node)
        while parent is not None:
            if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                names.append(parent.name)
            parent = self.parents.get(parent)
        return ".".join(reversed(names))

    def parameters(self, node: ast.AST) -> list[str]:
        """The parameters of the innermost function around a node, `self` and `cls` left out."""
        function = self.function(node)
        if function is None:
            return []
        given = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
        return [argument.arg for argument in given if argument.arg not in {"self", "cls"}]

    def other_names(self, node: ast.Name) -> list[str]:
        """Parameters and locals that are bound on earlier lines of the same function, another name each."""
        return sorted(self.local_names(node) - {node.id, "self", "cls"})

    def local_names(self, node: ast.Name) -> set[str]:
        """The function's own names that have a value at a node: parameters, what earlier lines bind."""
        function = self.function(node)
        if function is None:
            return set()
        arguments = function.args
        names = [a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
        for other in ast.walk(function):
            stored = isinstance(other, ast.Name) and isinstance(other.ctx, ast.Store)
            if stored and other.lineno < node.lineno and self.function(other) is function:  # type: ignore[attr-defined]
                names.append(other.id)  # type: ignore[attr-defined]
        return set(names)


def called(node: ast.AST) -> str:
    """The last name of what a call calls: `b` for `a.b(c)`; "" for all else."""
    if not isinstance(node, ast.Call):
        return ""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def effect(node: ast.AST) -> str:
    """The last name of what a statement calls for its effect; "" for all other nodes."""
    return called(node.value) if isinstance(node, ast.Expr) else ""


def exits(block: list[ast.stmt]) -> bool:
    """Whether a block ends by leaving the function."""
    return isinstance(block[-1], ast.Return | ast.Raise)

"""Expressions whose value is surely a plain int, or surely a plain str, judged from the function alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import libcst as cst

from testbed.modifiers.scopes import Ref, resolve
from testbed.modifiers.view import View

Kind = Literal["int", "str"]
_STRINGS = (cst.SimpleString, cst.FormattedString, cst.ConcatenatedString)
_OF_TEXT = frozenset(["strip", "lstrip", "rstrip", "lower", "upper", "casefold", "title", "capitalize"])
_OF_TEXT |= {"swapcase", "replace", "zfill", "ljust", "rjust", "center", "expandtabs", "join", "format"}
_PLACES = frozenset(["find", "rfind", "index", "rindex", "count"])
_CLOSED = (cst.Add, cst.Subtract, cst.Multiply)
_CLOSED_IN_PLACE = (cst.AddAssign, cst.SubtractAssign, cst.MultiplyAssign)


class Kinds:
    """What the variables of one function surely are, whichever guards are on."""

    def __init__(self, view: View, function: cst.FunctionDef) -> None:
        self.view = view
        self.function = function
        self.names: dict[str, Kind] = {}
        self._settle("int")
        self._settle("str")

    def _settle(self, kind: Kind) -> None:
        """Assumes the kind of every variable, then takes back those with another binding, until none is."""
        scope = self.view.scope_of(self.function)
        names = scope.bound - scope.globals - scope.nonlocals - scope.deleted - set(scope.params)
        names -= {name for inner in scope.tree() if inner is not scope for name in inner.nonlocals}
        names -= set(self.names)
        settled = dict(self.names)
        self.names = settled | dict.fromkeys(sorted(names), kind)
        while True:
            wrong = [name for name in sorted(names) if name in self.names and not self._all(name, kind)]
            if not wrong:
                return
            for name in wrong:
                del self.names[name]

    def _all(self, name: str, kind: Kind) -> bool:
        scope = self.view.scope_of(self.function)
        refs = [ref for ref in self.view.uses(self.function, name) if resolve(name, ref.scope) is scope]
        bindings = [ref for ref in refs if ref.role != "read"]
        return bool(bindings) and all(self._binds(ref, kind) for ref in bindings)

    def _binds(self, ref: Ref, kind: Kind) -> bool:
        if ref.role != "write":
            return False
        parent = self.view.parent(ref.node)
        if isinstance(parent, cst.AssignTarget):
            statement = self.view.parent(parent)
            return isinstance(statement, cst.Assign) and self.kind(statement.value, False) == kind
        if isinstance(parent, cst.AnnAssign):
            return parent.value is not None and self.kind(parent.value, False) == kind
        if isinstance(parent, cst.AugAssign):
            closed = _CLOSED_IN_PLACE if kind == "int" else (cst.AddAssign,)
            return isinstance(parent.operator, closed) and self.kind(parent.value, False) == kind
        return kind == "int" and self._counts(ref.node, parent)

    def _counts(self, name: cst.Name, parent: cst.CSTNode) -> bool:
        """`for name in range(...)`, or the first of two targets over `enumerate(...)` without a start."""
        if isinstance(parent, cst.For):
            return parent.target is name and self._calls(parent.iter, "range") is not None
        if isinstance(parent, cst.Element):
            pair = self.view.parent(parent)
            loop = self.view.parent(pair)
            if isinstance(pair, cst.Tuple) and isinstance(loop, cst.For) and loop.target is pair:
                call = self._calls(loop.iter, "enumerate")
                return pair.elements[0] is parent and call is not None and len(call.args) == 1
        return False

    def _calls(self, node: cst.CSTNode, builtin: str) -> cst.Call | None:
        """The node when it is a call of this built-in, with plain arguments."""
        if (
            not isinstance(node, cst.Call)
            or not isinstance(node.func, cst.Name)
            or node.func.value != builtin
        ):
            return None
        return node if self.view.builtin(node.func) and all(not arg.star for arg in node.args) else None

    def kind(self, node: cst.CSTNode, sure: bool = True) -> Kind | None:
        """What the value surely is, else None. With `sure`, names must be bound where they stand."""
        if isinstance(node, cst.Integer):
            return "int"
        if isinstance(node, _STRINGS):
            return _text(node)
        if isinstance(node, cst.Name):
            return self._named(node, sure)
        if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Minus | cst.Plus):
            return "int" if self.kind(node.expression, sure) == "int" else None
        if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, _CLOSED):
            left, right = self.kind(node.left, sure), self.kind(node.right, sure)
            if isinstance(node.operator, cst.Multiply) and {left, right} == {"int", "str"}:
                return "str"
            same = left if left == right else None
            return same if same == "int" or isinstance(node.operator, cst.Add) else None
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
            return self._method(node.func, sure)
        return "int" if self._calls(node, "len") is not None else None

    def _method(self, func: cst.Attribute, sure: bool) -> Kind | None:
        """What a method of a plain str gives."""
        known: Kind | None = "str" if func.attr.value in _OF_TEXT else None
        known = "int" if func.attr.value in _PLACES else known
        return known if known is not None and self.kind(func.value, sure) == "str" else None

    def _named(self, node: cst.Name, sure: bool) -> Kind | None:
        ref = self.view.refs.get(id(node))
        if ref is None or resolve(node.value, ref.scope) is not self.view.scope_of(self.function):
            return None
        if sure and id(node) not in self.view.flow(self.function).sure:
            return None
        return self.names.get(node.value)


def _text(node: cst.CSTNode) -> Kind | None:
    """`str` itself, no subclass: a lone field of an f-string could give one, bytes are none."""
    if isinstance(node, cst.ConcatenatedString):
        return _text(node.left) and _text(node.right)
    if isinstance(node, cst.FormattedString):
        return "str" if any(isinstance(part, cst.FormattedStringText) for part in node.parts) else None
    return "str" if isinstance(node, cst.SimpleString) and "b" not in node.prefix.lower() else None


def kinds_of(view: View) -> Iterator[tuple[cst.FunctionDef, Kinds]]:
    """The kinds of each workable function."""
    for function in view.functions():
        yield function, Kinds(view, function)

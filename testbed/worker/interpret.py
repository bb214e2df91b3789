"""Evaluates simple expressions in a frame without any effect on the program.

Only what is known to be free of effects is evaluated: operators on exact builtin scalars, plain
attributes, subscripts of exact builtin containers, a few builtin functions. All else is Undecided.
An exception that the program itself would see (ZeroDivisionError, KeyError, ...) is raised as it is.
"""

from __future__ import annotations

import ast
import builtins
import operator
import types
from collections.abc import Callable
from typing import Any

from .guards import NAME
from .lookup import Undecided, attribute, truth

SCALARS: frozenset[type] = frozenset({int, float, bool, str, bytes, complex, type(None)})
SEQUENCES: frozenset[type] = frozenset({list, tuple, range, str, bytes})
CONTAINERS: frozenset[type] = frozenset({list, tuple, dict, set, frozenset, range, str, bytes})
_MOST_BITS = 20_000
_MOST_ITEMS = 1_000

_BINARY: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
}
_COMPARISONS: dict[type, Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_UNARY: dict[type, Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
}


def _scalar(value: Any) -> Any:
    if type(value) not in SCALARS:
        raise Undecided
    return value


def _scalars(values: Any) -> list[Any]:
    if type(values) not in CONTAINERS or len(values) > _MOST_ITEMS:
        raise Undecided
    return [_scalar(value) for value in values]


class Interpreter:
    """Evaluates in one frame."""

    def __init__(self, frame: types.FrameType) -> None:
        self._code = frame.f_code
        self._locals = frame.f_locals
        self._globals = frame.f_globals

    def value(self, node: ast.expr) -> Any:
        """What the expression is. Raises Undecided, or what the program would raise."""
        method = _METHODS.get(type(node))
        if method is None:
            raise Undecided
        return method(self, node)

    def _constant(self, node: Any) -> Any:
        return node.value

    def _name(self, node: Any) -> Any:
        name = node.id
        if name.startswith("__") and not name.endswith("__"):
            raise Undecided  # it may be mangled
        if name in self._locals:
            return self._locals[name]
        code = self._code
        if name in code.co_varnames or name in code.co_cellvars or name in code.co_freevars:
            raise UnboundLocalError(name)
        if name in self._globals:
            return self._globals[name]
        if hasattr(builtins, name):
            return getattr(builtins, name)
        raise NameError(name)

    def _attribute(self, node: Any) -> Any:
        return attribute(self.value(node.value), node.attr)

    def _conditional(self, node: Any) -> Any:
        if isinstance(node.test, ast.Call) and getattr(node.test.func, "id", "") == NAME:
            return self.value(node.orelse)  # another guard: nothing is on while probing
        return self.value(node.body if truth(self.value(node.test)) else node.orelse)

    def _boolean(self, node: Any) -> Any:
        stop = isinstance(node.op, ast.Or)
        for operand in node.values[:-1]:
            value = self.value(operand)
            if truth(value) is stop:
                return value
        return self.value(node.values[-1])

    def _unary(self, node: Any) -> Any:
        value = self.value(node.operand)
        if isinstance(node.op, ast.Not):
            return not truth(value)
        if isinstance(node.op, ast.Invert) and type(value) is bool:
            raise Undecided  # it warns
        return _UNARY[type(node.op)](_scalar(value))

    def _binary(self, node: Any) -> Any:
        left, right = _scalar(self.value(node.left)), _scalar(self.value(node.right))
        function = _BINARY.get(type(node.op))
        if function is None or not _is_small(node.op, left, right):
            raise Undecided
        return function(left, right)

    def _comparison(self, node: Any) -> bool:
        left_node, left = node.left, self.value(node.left)
        for op, right_node in zip(node.ops, node.comparators):
            right = self._members(right_node)
            if not self._compare(op, left_node, left, right_node, right):
                return False
            left_node, left = right_node, right
        return True

    def _members(self, node: ast.expr) -> Any:
        """A comparison's right operand, which may also be a display as in `x in [1, 2]`."""
        if isinstance(node, (ast.List, ast.Set)):
            return tuple(self.value(item) for item in node.elts)
        return self.value(node)

    def _compare(self, op: ast.cmpop, left_node: Any, left: Any, right_node: Any, right: Any) -> bool:
        if isinstance(op, (ast.Is, ast.IsNot)):
            if not (_has_identity(left_node, left) and _has_identity(right_node, right)):
                raise Undecided
            return (left is right) is isinstance(op, ast.Is)
        if isinstance(op, (ast.In, ast.NotIn)):
            return _contains(right, _scalar(left)) is isinstance(op, ast.In)
        if isinstance(right_node, (ast.List, ast.Set)):
            raise Undecided
        return bool(_COMPARISONS[type(op)](_scalar(left), _scalar(right)))

    def _tuple(self, node: Any) -> Any:
        return tuple(_scalar(self.value(item)) for item in node.elts)

    def _subscript(self, node: Any) -> Any:
        container = self.value(node.value)
        if isinstance(node.slice, ast.Slice):
            return self._slice(container, node.slice)
        key = _scalar(self.value(node.slice))
        if type(container) not in SEQUENCES and type(container) is not dict:
            raise Undecided
        return container[key]

    def _slice(self, container: Any, node: ast.Slice) -> Any:
        if type(container) not in (str, bytes, tuple):
            raise Undecided
        bounds = (node.lower, node.upper, node.step)
        return container[slice(*(None if b is None else _scalar(self.value(b)) for b in bounds))]

    def _call(self, node: Any) -> Any:
        if node.keywords or not isinstance(node.func, ast.Name):
            raise Undecided
        function = _CALLS.get(node.func.id)
        if function is None or self._name(node.func) is not getattr(builtins, node.func.id):
            raise Undecided
        return function([self.value(argument) for argument in node.args])


def _is_small(op: ast.operator, left: Any, right: Any) -> bool:
    """Whether the operation is quick, and formats nothing."""
    text = type(left) in (str, bytes) or type(right) in (str, bytes)
    if isinstance(op, ast.Mod):
        return not text
    if isinstance(op, ast.Mult) and text:
        return all(type(side) is not int or abs(side) <= _MOST_BITS for side in (left, right))
    if isinstance(op, (ast.Pow, ast.LShift)) and type(right) in (int, bool) and not text:
        return _size(left) * max(1, abs(int(right))) <= _MOST_BITS
    return _size(left) + _size(right) <= 10 * _MOST_BITS


def _size(value: Any) -> int:
    if isinstance(value, int):
        return value.bit_length() + 1
    return len(value) if isinstance(value, (str, bytes)) else 64


def _has_identity(node: ast.expr, value: Any) -> bool:
    """Whether `is` means something for it: a value that a variable holds, or a singleton."""
    return value is None or isinstance(value, bool) or isinstance(node, (ast.Name, ast.Attribute))


def _contains(container: Any, value: Any) -> bool:
    if type(container) in (str, bytes, range):
        return bool(value in container)
    if type(container) is dict:
        container = list(container)
    return value in _scalars(container)


def _one(function: Callable[[Any], Any], types_: frozenset[type]) -> Callable[[list[Any]], Any]:
    def call(arguments: list[Any]) -> Any:
        if len(arguments) != 1 or type(arguments[0]) not in types_:
            raise Undecided
        value = arguments[0]
        if type(value) in SCALARS and _size(value) > _MOST_BITS:
            raise Undecided
        return function(value)

    return call


def _extreme(function: Callable[[Any], Any]) -> Callable[[list[Any]], Any]:
    def call(arguments: list[Any]) -> Any:
        return function(_scalars(arguments[0]) if len(arguments) == 1 else _scalars(arguments))

    return call


def _range(arguments: list[Any]) -> Any:
    return range(*[_scalar(argument) for argument in arguments])


def _isinstance(arguments: list[Any]) -> bool:
    if len(arguments) != 2:
        raise Undecided
    value, classes = arguments
    classes = classes if type(classes) is tuple else (classes,)
    if any(type(cls) is not type for cls in classes):
        raise Undecided
    bases = type(value).__mro__
    own = [
        vars(base)[name]
        for base in bases[:-1]
        for name in ("__class__", "__getattribute__")
        if name in vars(base)
    ]
    if any(type(method) is not types.WrapperDescriptorType for method in own):
        raise Undecided  # it may pretend to be of another class
    return any(cls in bases for cls in classes)


_CALLS: dict[str, Callable[[list[Any]], Any]] = {
    "len": _one(len, CONTAINERS),
    "abs": _one(abs, SCALARS),
    "int": _one(int, SCALARS),
    "float": _one(float, SCALARS),
    "bool": _one(bool, SCALARS | CONTAINERS),
    "str": _one(str, SCALARS - {bytes}),
    "min": _extreme(min),
    "max": _extreme(max),
    "sorted": _extreme(sorted),
    "range": _range,
    "isinstance": _isinstance,
}
_METHODS: dict[type, Callable[[Interpreter, Any], Any]] = {
    ast.Constant: Interpreter._constant,
    ast.Name: Interpreter._name,
    ast.Attribute: Interpreter._attribute,
    ast.IfExp: Interpreter._conditional,
    ast.BoolOp: Interpreter._boolean,
    ast.UnaryOp: Interpreter._unary,
    ast.BinOp: Interpreter._binary,
    ast.Compare: Interpreter._comparison,
    ast.Tuple: Interpreter._tuple,
    ast.Subscript: Interpreter._subscript,
    ast.Call: Interpreter._call,
}

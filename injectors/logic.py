"""Faults in conditions, operators and constants."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from injectors.operator import DURAES, TSSB, Example, Operator
from injectors.source import SourceView, called
from testbed.schema import TextEdit

_SYMBOLS: dict[type[ast.AST], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.FloorDiv: "//",
    ast.Div: "/",
    ast.And: "and",
    ast.Or: "or",
}

_BITS: dict[type[ast.AST], tuple[str, str]] = {
    ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"),
    ast.BitXor: ("^", "|"),
    ast.LShift: ("<<", ">>"),
    ast.RShift: (">>", "<<"),
}
_TESTS: dict[type[ast.AST], tuple[str, str]] = {
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
}


def _in_brackets(view: SourceView, node: ast.expr) -> bool:
    """Whether a bound has parentheses around it, which would stay behind empty."""
    return view.source.data[: view.span(node)[0]].rstrip().endswith(b"(")


def _comparison(view: SourceView, node: ast.AST, table: dict[str, str]) -> Iterator[TextEdit]:
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        old = _SYMBOLS.get(type(node.ops[0]), "")
        if old in table:
            edit = view.operator(node.left, node.comparators[0], old, table[old])
            if edit is not None:
                yield edit


class ShiftedBoundary(Operator):
    """`<` for `<=` and the like."""

    name, family = "shifted-boundary", "logic"
    contract = "A comparison includes its boundary where it should not, or leaves it out."
    weight, reference = 12.1, f"{TSSB}: binary operand and operator"
    examples = (Example("x = a < b\n", "x = a <= b\n"),)

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each ordering comparison."""
        return _comparison(view, node, {"<": "<=", "<=": "<", ">": ">=", ">=": ">"})


class NegatedComparison(Operator):
    """`==` for `!=`, `<` for `>=`."""

    name, family = "negated-comparison", "logic"
    contract = "A comparison says the opposite of what it should."
    weight, reference = 3.0, f"{DURAES}: wrong branch condition"
    examples = (Example("x = a == b\n", "x = a != b\n"),)

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each comparison with a symbol."""
        table = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
        return _comparison(view, node, table)


class SwappedConnective(Operator):
    """`and` for `or` and back."""

    name, family = "swapped-connective", "logic"
    contract = "Two conditions are joined by the other connective."
    weight, reference = 2.0, f"{TSSB}: binary operator"
    examples = (Example("x = a and b\n", "x = a or b\n"),)

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each connective of two operands."""
        if isinstance(node, ast.BoolOp) and len(node.values) == 2:
            old = _SYMBOLS[type(node.op)]
            edit = view.operator(node.values[0], node.values[1], old, "or" if old == "and" else "and")
            if edit is not None:
                yield edit


class MissingClause(Operator):
    """One operand of `and` or `or` is forgotten."""

    name, family = "missing-clause", "logic"
    contract = "One clause of a compound condition is missing."
    weight, reference = 7.89, f"{DURAES}: missing AND clause"
    examples = (Example("x = a and b\n", "x = a\n"), Example("x = a and b\n", "x = b\n"))

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each operand of a two-operand connective."""
        if isinstance(node, ast.BoolOp) and len(node.values) == 2:
            for kept in node.values:
                yield view.replace(node, view.text_of(kept))


class WrongArithmetic(Operator):
    """`-` for `+` and the like."""

    name, family = "wrong-arithmetic", "logic"
    contract = "An arithmetic operator is another of its kind."
    weight, reference = 2.0, f"{TSSB}: binary operator"
    examples = (Example("x = a + 1\n", "x = a - 1\n"),)

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each arithmetic operator with no string literal beside it."""
        table = {"+": "-", "-": "+", "*": "+", "//": "/", "/": "//"}
        if isinstance(node, ast.BinOp):
            operands = (node.left, node.right)
            old = _SYMBOLS.get(type(node.op), "")
            text = any(isinstance(o, ast.Constant) and isinstance(o.value, str | bytes) for o in operands)
            if old in table and not text:
                edit = view.operator(node.left, node.right, old, table[old])
                if edit is not None:
                    yield edit


class OffByOne(Operator):
    """An integer constant is one too large or one too small."""

    name, family = "off-by-one", "logic"
    contract = "An integer constant is one off."
    weight, reference = 6.7, f"{TSSB}: numeric literal"
    examples = (Example("x = a[1]\n", "x = a[2]\n"), Example("x = a[1]\n", "x = a[0]\n"))

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """Two edits for each small integer, one for zero."""
        if isinstance(node, ast.Constant) and type(node.value) is int and node.value < 10_000:
            for value in (node.value + 1, node.value - 1):
                if value >= 0:
                    yield view.replace(node, str(value))


class FlippedBoolean(Operator):
    """`True` for `False` and back."""

    name, family = "flipped-boolean", "logic"
    contract = "A boolean constant is the other one."
    weight, reference = 2.6, f"{TSSB}: boolean"
    examples = (Example("x = True\n", "x = False\n"),)

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each boolean constant."""
        if isinstance(node, ast.Constant) and isinstance(node.value, bool):
            yield view.replace(node, str(not node.value))


class NegatedCondition(Operator):
    """The condition of an if or a while is negated."""

    name, family = "negated-condition", "logic"
    contract = "The condition of an if is negated."
    weight, reference = 1.0, f"{TSSB}: unary"
    examples = (Example("if a:\n    b()\n", "if not (a):\n    b()\n"),)

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each if whose condition is not a comparison (those have operators of their own)."""
        if isinstance(node, ast.If | ast.IfExp) and not isinstance(node.test, ast.Compare | ast.Constant):
            yield view.replace(node.test, f"not ({view.text_of(node.test)})")


class OverSpecificCondition(Operator):
    """The condition of an if asks for one thing more."""

    name, family = "over-specific-condition", "logic"
    contract = "The condition of an if asks for another variable to be true, too."
    weight, reference = 1.5, f"{TSSB}: less specific condition (what the fix makes of it)"
    examples = (
        Example(
            "def f(a, b):\n    if a:\n        return b\n    return 0\n",
            "def f(a, b):\n    if (a) and b:\n        return b\n    return 0\n",
        ),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each other parameter."""
        if isinstance(node, ast.If):
            used = {n.id for n in ast.walk(node.test) if isinstance(n, ast.Name)}
            for name in view.parameters(node):
                if name not in used:
                    yield view.replace(node.test, f"({view.text_of(node.test)}) and {name}")


class TruthForNone(Operator):
    """`not x` where `x is None` is meant."""

    name, family = "truth-for-none", "logic"
    contract = "A value is asked for its truth where it should be compared with None."
    examples = (Example("x = a is None\n", "x = not a\n"), Example("x = a is not None\n", "x = bool(a)\n"))

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each comparison with None."""
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            right = node.comparators[0]
            if isinstance(right, ast.Constant) and right.value is None:
                if isinstance(node.ops[0], ast.Is):
                    yield view.replace(node, f"not {view.atom(node.left)}")
                elif isinstance(node.ops[0], ast.IsNot):
                    yield view.replace(node, f"bool({view.text_of(node.left)})")


class WrongBitwise(Operator):
    """`|` for `&`, `>>` for `<<`."""

    name, family = "wrong-bitwise", "logic"
    contract = "A bitwise operator is another one."
    weight, reference = 2.0, f"{TSSB}: binary operator"
    examples = (Example("x = a & b\n", "x = a | b\n"), Example("x = a << 2\n", "x = a >> 2\n"))

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each bitwise operator."""
        if isinstance(node, ast.BinOp) and type(node.op) in _BITS:
            old, new = _BITS[type(node.op)]
            edit = view.operator(node.left, node.right, old, new)
            if edit is not None:
                yield edit


class WrongSlice(Operator):
    """A slice loses a bound."""

    name, family = "wrong-slice", "logic"
    contract = "A slice goes on to the end, or begins at the start, where it should not."
    examples = (Example("x = a[1:n]\n", "x = a[:n]\n"), Example("x = a[1:n]\n", "x = a[1:]\n"))

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each bound of each slice."""
        if isinstance(node, ast.Slice):
            for bound in (node.lower, node.upper):
                if bound is not None and not _in_brackets(view, bound):
                    yield view.replace(bound, "")


class WrongRange(Operator):
    """A range is one too short or one too long."""

    name, family = "wrong-range", "logic"
    contract = "A range ends one too early or one too late."
    examples = (
        Example("x = range(n)\n", "x = range(n - 1)\n"),
        Example("x = range(n)\n", "x = range(n + 1)\n"),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """Two edits for each range of one or two arguments that do not end in a constant."""
        if isinstance(node, ast.Call) and called(node) == "range" and len(node.args) in {1, 2}:
            end = node.args[-1]
            if not isinstance(end, ast.Constant | ast.Starred):
                for change in ("- 1", "+ 1"):
                    yield view.replace(end, f"{view.atom(end)} {change}")


class NegatedMembership(Operator):
    """`in` for `not in`, `is` for `is not`, and back."""

    name, family = "negated-membership", "logic"
    contract = "A test of membership or identity says the opposite."
    weight, reference = 1.0, f"{TSSB}: unary"
    examples = (Example("x = a in b\n", "x = a not in b\n"), Example("x = a is not b\n", "x = a is b\n"))

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each test."""
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _TESTS:
            old, new = _TESTS[type(node.ops[0])]
            edit = view.operator(node.left, node.comparators[0], old, new)
            if edit is not None:
                yield edit


class FirstForLast(Operator):
    """The first item for the last."""

    name, family = "first-for-last", "logic"
    contract = "The first item is taken for the last one, or the last for the first."
    examples = (Example("x = a[0]\n", "x = a[-1]\n"), Example("x = a[-1]\n", "x = a[0]\n"))

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each index that is the first or the last."""
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            other = {"0": "-1", "-1": "0"}.get(view.text_of(node.slice))
            if other is not None:
                yield view.replace(node.slice, other)


class MisreadOrder(Operator):
    """Items in the opposite order."""

    name, family = "misread-order", "logic"
    contract = "Items are sorted, or gone through, in the opposite order."
    examples = (
        Example("x = sorted(a)\n", "x = sorted(a, reverse=True)\n"),
        Example("for x in reversed(a):\n    f(x)\n", "for x in a:\n    f(x)\n"),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each sorted without an order, and for each reversed."""
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1):
            return
        if isinstance(node.args[0], ast.Starred):
            return
        if node.func.id == "reversed" and not node.keywords:
            yield view.replace(node, view.atom(node.args[0]))
        elif node.func.id == "sorted" and not any(k.arg in {"reverse", None} for k in node.keywords):
            argument = view.text_of(node.args[0])
            more = "".join(f", {view.text_of_keyword(keyword)}" for keyword in node.keywords)
            yield view.replace(node, f"sorted({argument}{more}, reverse=True)")


OPERATORS: tuple[Operator, ...] = (
    ShiftedBoundary(),
    NegatedComparison(),
    SwappedConnective(),
    MissingClause(),
    WrongArithmetic(),
    OffByOne(),
    FlippedBoolean(),
    NegatedCondition(),
    OverSpecificCondition(),
    TruthForNone(),
    WrongBitwise(),
    WrongSlice(),
    WrongRange(),
    NegatedMembership(),
    FirstForLast(),
    MisreadOrder(),
)

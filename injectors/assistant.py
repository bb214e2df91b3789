"""Faults typical of machine-written code."""

from __future__ import annotations

import ast
import doctest
from collections.abc import Iterator

from injectors.operator import TAMBON, Example, Operator
from injectors.source import SourceView, exits
from testbed.schema import TextEdit

_INVENTED = {
    "append": "push",
    "lower": "to_lower",
    "upper": "to_upper",
    "strip": "trim",
    "startswith": "starts_with",
    "endswith": "ends_with",
    "extend": "concat",
    "items": "entries",
    "get": "get_or_default",
    "join": "implode",
    "replace": "replace_all",
    "split": "explode",
    "add": "insert",
}
_PLAUSIBLE = {
    "isdigit": "isnumeric",
    "isalpha": "isalnum",
    "match": "search",
    "search": "match",
    "fullmatch": "match",
    "find": "index",
    "index": "find",
    "splitlines": "split",
    "strip": "rstrip",
    "popleft": "pop",
    "appendleft": "append",
    "casefold": "lower",
    "get": "pop",
    "extend": "append",
    "sub": "subn",
}


class HardcodedDefault(Operator):
    """The usual value instead of the given one."""

    name, family = "hardcoded-default", "assistant"
    contract = "The default of a parameter is written out where the parameter should be used."
    weight, reference = 3.5, f"{TAMBON}: hardcoded example values (7, half of it)"
    examples = (Example("def f(a, n=70):\n    return a[:n]\n", "def f(a, n=70):\n    return a[:70]\n"),)

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each reading of a parameter that has a constant as its default."""
        function = view.function(node)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and function:
            parent = view.parents[node]
            whole = isinstance(parent, ast.Attribute) or getattr(parent, "func", None) is node
            default = _constant_defaults(function).get(node.id)
            if default is not None and not whole and view.statement(node) is not function:
                yield view.replace(node, view.text_of(default))


def _constant_defaults(function: ast.FunctionDef | ast.AsyncFunctionDef) -> dict[str, ast.Constant]:
    """Parameter -> its default, where that is a constant that stands for itself."""
    given = [*function.args.posonlyargs, *function.args.args]
    pairs = zip(given[len(given) - len(function.args.defaults) :], function.args.defaults, strict=True)
    return {a.arg: d for a, d in pairs if isinstance(d, ast.Constant) and d.value is not None}


class SpecialCasedExample(Operator):
    """Right on the documented example, and on little else."""

    name, family = "special-cased-example", "assistant"
    contract = "A function gives what its documentation's example says to inputs like it, else its argument."
    weight, reference = 3.5, f"{TAMBON}: hardcoded example values (7, half of it)"
    examples = (
        Example(
            'def f(a):\n    """>>> f(2)\n    4\n    """\n    return a + a\n',
            'def f(a):\n    """>>> f(2)\n    4\n    """\n    return a + a if a in (2,) else a\n',
        ),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each last return of a function whose documentation calls it with a constant."""
        function = view.function(node)
        if isinstance(node, ast.Return) and node.value is not None and function is view.parents[node]:
            assert function is not None
            names = view.parameters(node)
            values = _documented(function) if names else []
            if values and not isinstance(node.value, ast.Lambda | ast.IfExp | ast.Tuple):
                listed = ", ".join(values) + ("," if len(values) == 1 else "")
                yield view.replace(
                    node.value, f"{view.text_of(node.value)} if {names[0]} in ({listed}) else {names[0]}"
                )


def _documented(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """The plain constants with which a docstring's examples call a function, as text."""
    found: list[str] = []
    try:
        examples = doctest.DocTestParser().get_examples(ast.get_docstring(function) or "")
        trees = [ast.parse(example.source) for example in examples]
    except (SyntaxError, ValueError):
        return []
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function.name:
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant | ast.List | ast.Tuple) and _plain(first):
                found.append(ast.unparse(first))
    return list(dict.fromkeys(found))


def _plain(node: ast.expr) -> bool:
    if isinstance(node, ast.List | ast.Tuple):
        return all(isinstance(item, ast.Constant) for item in node.elts)
    return isinstance(node, ast.Constant)


class MissingCornerCase(Operator):
    """The empty, the zero, the None is not thought of."""

    name, family = "missing-corner-case", "assistant"
    contract = "A function has no special case for empty, zero or missing input."
    weight, reference = 15.0, f"{TAMBON}: missing corner case"
    examples = (
        Example(
            "def f(a):\n    if not a:\n        return 0\n    return a[0]\n",
            "def f(a):\n    if False:\n        return 0\n    return a[0]\n",
        ),
        Example(
            "def f(n):\n    if n == 0:\n        return 1\n    return n\n",
            "def f(n):\n    if False:\n        return 1\n    return n\n",
        ),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each if that looks for emptiness and leaves the function."""
        if isinstance(node, ast.If) and view.function(node) and exits(node.body) and _corner(node.test):
            yield view.replace(node.test, "False")


def _corner(test: ast.expr) -> bool:
    """Whether a condition looks for what is empty, zero, one or None."""
    if isinstance(test, ast.BoolOp):
        return any(_corner(value) for value in test.values)
    if isinstance(test, ast.UnaryOp):
        return isinstance(test.op, ast.Not) and isinstance(test.operand, ast.Name | ast.Attribute)
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        right = test.comparators[0]
        return isinstance(right, ast.Constant) and right.value in {None, 0, 1, ""}
    return False


class InventedMethod(Operator):
    """A method of another language."""

    name, family = "invented-method", "assistant"
    contract = "A method is called that does not exist, by a name that sounds right."
    weight, reference = 10.0, f"{TAMBON}: invented object"
    examples = (Example("a.append(b)\n", "a.push(b)\n"),)

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each call of a common method."""
        yield from _renamed(view, node, _INVENTED)


class PlausibleWrongMethod(Operator):
    """A method that does nearly that."""

    name, family = "plausible-wrong-method", "assistant"
    contract = "A method is called that exists and does nearly what is meant."
    weight, reference = 9.0, f"{TAMBON}: wrong attribute"
    examples = (Example("x = a.isdigit()\n", "x = a.isnumeric()\n"),)

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each call of a method with a neighbour."""
        yield from _renamed(view, node, _PLAUSIBLE)


def _renamed(view: SourceView, node: ast.AST, table: dict[str, str]) -> Iterator[TextEdit]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in table:
        end = view.span(node.func)[1]
        yield TextEdit(end - len(node.func.attr), end, table[node.func.attr])


class SilentDefault(Operator):
    """None instead of an error."""

    name, family = "silent-default", "assistant"
    contract = "A function gives None back where it should raise."
    weight, reference = 4.0, f"{TAMBON}: unasked consideration (8, half of it)"
    examples = (
        Example(
            "def f(a):\n    if a < 0:\n        raise ValueError(a)\n    return a\n",
            "def f(a):\n    if a < 0:\n        return None\n    return a\n",
        ),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each raise in a function."""
        if isinstance(node, ast.Raise) and isinstance(view.function(node), ast.FunctionDef):
            yield view.replace(node, "return None")


class UnaskedNormalisation(Operator):
    """A result is tidied up though nobody asked for it."""

    name, family = "unasked-normalisation", "assistant"
    contract = "A result that is empty or zero is given back as None."
    weight, reference = 4.0, f"{TAMBON}: unasked consideration (8, half of it)"
    examples = (Example("def f(a):\n    return g(a)\n", "def f(a):\n    return g(a) or None\n"),)

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each return of what a call, a variable or an operation gives."""
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Call | ast.Name | ast.BinOp):
            yield view.replace(node.value, f"{view.atom(node.value)} or None")


class LeftUnimplemented(Operator):
    """The last case is left for later."""

    name, family = "left-unimplemented", "assistant"
    contract = "The last of several cases only raises NotImplementedError."
    weight, reference = 10.0, f"{TAMBON}: incomplete"
    examples = (
        Example(
            "def f(a):\n    if a:\n        return 1\n    else:\n        return 2\n",
            "def f(a):\n    if a:\n        return 1\n    else:\n        raise NotImplementedError\n",
        ),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each else."""
        if isinstance(node, ast.If) and node.orelse and not isinstance(node.orelse[0], ast.If):
            yield view.emptied(node.orelse, "raise NotImplementedError")


class NarrowTypeCheck(Operator):
    """Only one of the types is thought of."""

    name, family = "narrow-type-check", "assistant"
    contract = "A check of several types knows only the first of them."
    weight, reference = 6.0, f"{TAMBON}: wrong input type"
    examples = (Example("x = isinstance(a, (int, float))\n", "x = isinstance(a, int)\n"),)

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each isinstance with several types."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "isinstance":
            kinds = node.args[-1] if len(node.args) == 2 else None
            if isinstance(kinds, ast.Tuple) and len(kinds.elts) > 1:
                yield view.replace(kinds, view.text_of(kinds.elts[0]))


OPERATORS: tuple[Operator, ...] = (
    HardcodedDefault(),
    SpecialCasedExample(),
    MissingCornerCase(),
    InventedMethod(),
    PlausibleWrongMethod(),
    SilentDefault(),
    UnaskedNormalisation(),
    LeftUnimplemented(),
    NarrowTypeCheck(),
)

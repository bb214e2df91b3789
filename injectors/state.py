"""Faults in what is shared and what is remembered."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from injectors.operator import Example, Operator
from injectors.source import SourceView, called, effect
from testbed.schema import TextEdit

_COPIERS = {"list", "dict", "set", "bytearray", "copy", "deepcopy"}
_FORGETTING = {"clear", "pop", "popitem", "popleft", "remove", "discard", "cache_clear", "invalidate"}


def _copied(node: ast.AST) -> ast.expr | None:
    """What a copying expression copies: `list(a)`, `a.copy()`, `copy.copy(a)`, `a[:]`."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        whole = not (node.slice.lower or node.slice.upper or node.slice.step)
        return node.value if whole and isinstance(node.ctx, ast.Load) else None
    if not isinstance(node, ast.Call) or called(node) not in _COPIERS or node.keywords:
        return None
    if isinstance(node.func, ast.Attribute) and not node.args:
        return node.func.value if node.func.attr == "copy" else None
    if len(node.args) != 1:
        return None
    return node.args[0] if isinstance(node.args[0], ast.Name | ast.Attribute | ast.Subscript) else None


class MissingCopy(Operator):
    """The caller's object instead of a copy."""

    name, family = "missing-copy", "state"
    contract = "An object is kept, changed or given away where a copy of it should be."
    examples = (
        Example("def f(a):\n    b = list(a)\n    return b\n", "def f(a):\n    b = a\n    return b\n"),
        Example("def f(a):\n    return a.copy()\n", "def f(a):\n    return a\n"),
        Example("def f(a):\n    return a[:]\n", "def f(a):\n    return a\n"),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each copy that is not just gone through."""
        original = _copied(node)
        if original is not None and isinstance(node, ast.expr):
            parent = view.parents[node]
            if not (isinstance(parent, ast.For | ast.comprehension) and parent.iter is node):
                yield view.replace(node, view.atom(original))


class LiveIteration(Operator):
    """A collection that changes while it is gone through."""

    name, family = "live-iteration", "state"
    contract = "A loop goes through a collection itself where it should go through a copy."
    examples = (Example("for x in list(a):\n    f(x)\n", "for x in a:\n    f(x)\n"),)

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each loop over a copy."""
        if isinstance(node, ast.For | ast.comprehension):
            original = _copied(node.iter)
            if original is not None:
                yield view.replace(node.iter, view.text_of(original))


class MutableDefault(Operator):
    """A default that all calls share."""

    name, family = "mutable-default", "state"
    contract = "An empty collection is the default itself, shared by all calls, instead of made in each."
    examples = (
        Example(
            "def f(a=None):\n    if a is None:\n        a = []\n    return a\n",
            "def f(a=[]):\n    if a is None:\n        a = []\n    return a\n",
        ),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each default None that the function turns into an empty collection."""
        if isinstance(node, ast.FunctionDef):
            made = _made_for_none(view, node)
            given = [*node.args.posonlyargs, *node.args.args]
            pairs = list(zip(given[len(given) - len(node.args.defaults) :], node.args.defaults, strict=True))
            pairs += [(a, d) for a, d in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if d]
            for argument, default in pairs:
                if isinstance(default, ast.Constant) and default.value is None and argument.arg in made:
                    yield view.replace(default, made[argument.arg])


def _made_for_none(view: SourceView, function: ast.FunctionDef) -> dict[str, str]:
    """Parameter -> the empty collection that the function makes of it where it is None."""
    found: dict[str, str] = {}
    for node in function.body:
        if isinstance(node, ast.If) and isinstance(node.test, ast.Compare):
            left, first = node.test.left, node.body[0]
            if isinstance(left, ast.Name) and isinstance(first, ast.Assign):
                text = view.text_of(first.value)
                if text in {"[]", "{}", "set()", "dict()", "list()"}:
                    found[left.id] = text
    return found


class SharedElement(Operator):
    """The same object many times."""

    name, family = "shared-element", "state"
    contract = "All elements of a new list are one and the same object."
    examples = (
        Example(
            "def f(n):\n    return [[] for _ in range(n)]\n",
            "def f(n):\n    return [[]] * len(range(n))\n",
        ),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each list of new collections made over a range."""
        if isinstance(node, ast.ListComp) and len(node.generators) == 1:
            loop = node.generators[0]
            fresh = isinstance(node.elt, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.Call)
            names = {n.id for n in ast.walk(node.elt) if isinstance(n, ast.Name)}
            if fresh and not loop.ifs and called(loop.iter) == "range" and isinstance(loop.target, ast.Name):
                if loop.target.id not in names:
                    yield view.replace(node, f"[{view.text_of(node.elt)}] * len({view.text_of(loop.iter)})")


class MissingInvalidation(Operator):
    """What is remembered outlives its truth."""

    name, family = "missing-invalidation", "state"
    contract = "An entry of a collection or cache is not taken out when it should be."
    examples = (
        Example("def f(a):\n    a.clear()\n    return a\n", "def f(a):\n    pass\n    return a\n"),
        Example("def f(a, k):\n    del a[k]\n    return a\n", "def f(a, k):\n    pass\n    return a\n"),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each statement that takes something out."""
        gone = isinstance(node, ast.Delete) and all(isinstance(t, ast.Subscript) for t in node.targets)
        if isinstance(node, ast.stmt) and (gone or effect(node) in _FORGETTING):
            yield view.replace(node, "pass")


class InPlaceUpdate(Operator):
    """The caller's object is changed."""

    name, family = "in-place-update", "state"
    contract = "An object is changed in place, for all who hold it, where a new one should be made."
    examples = (
        Example("def f(a, b):\n    a = a + b\n    return a\n", "def f(a, b):\n    a += b\n    return a\n"),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each `a = a + b` and `a = a | b`."""
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp) and len(node.targets) == 1:
            symbol = {ast.Add: "+", ast.BitOr: "|"}.get(type(node.value.op))
            target = node.targets[0]
            number = isinstance(node.value.right, ast.Constant)
            if symbol and not number and view.text_of(target) == view.text_of(node.value.left):
                right = view.text_of(node.value.right)
                if "\n" not in right:
                    yield view.replace(node, f"{view.text_of(target)} {symbol}= {right}")


class ReboundUpdate(Operator):
    """An update that others who hold the object do not see."""

    name, family = "rebound-update", "state"
    contract = "A new object is made where the one that others hold should be changed in place."
    examples = (
        Example("def f(a, b):\n    a += list(b)\n", "def f(a, b):\n    a = a + list(b)\n"),
        Example("def f(a, b):\n    a.update(b)\n", "def f(a, b):\n    a = {**a, **b}\n"),
    )

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each `+=` of a list and for each call of update with one mapping, on a variable."""
        if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add):
            new = isinstance(node.value, ast.List | ast.ListComp) or called(node.value) in {"list", "sorted"}
            if new and isinstance(node.target, ast.Name):
                name = node.target.id
                yield view.replace(node, f"{name} = {name} + {view.text_of(node.value)}")
        elif isinstance(node, ast.Expr) and effect(node) == "update":
            call = node.value
            assert isinstance(call, ast.Call)
            owner = call.func.value if isinstance(call.func, ast.Attribute) else None
            if isinstance(owner, ast.Name) and len(call.args) == 1 and not call.keywords:
                if isinstance(call.args[0], ast.Name | ast.Attribute | ast.Dict):
                    yield view.replace(node, f"{owner.id} = {{**{owner.id}, **{view.text_of(call.args[0])}}}")


OPERATORS: tuple[Operator, ...] = (
    MissingCopy(),
    LiveIteration(),
    MutableDefault(),
    SharedElement(),
    MissingInvalidation(),
    InPlaceUpdate(),
    ReboundUpdate(),
)

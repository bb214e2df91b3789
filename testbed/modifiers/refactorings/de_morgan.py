"""de_morgan: moves a negation into or out of `and` and `or`."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from testbed.modifiers.effects import negated, only_tested, parenthesised, surely_bool
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.tree import contains
from testbed.modifiers.view import View


class DeMorgan(Refactoring):
    """Applies De Morgan's law where both sides are truth values, so that the value stays the same."""

    name = "de_morgan"
    group = "condition"
    contract = "`not (a and b)` becomes `not a or not b` (likewise for `or`), or the other way round."
    examples = (
        (
            "def f(a, b):\n    if not (a and b):\n        return 1\n    return 2\n",
            "def f(a, b):\n    if not a or not b:\n        return 1\n    return 2\n",
        ),
        (
            "def f(a, b):\n    while not a and b is not None:\n        a = b()\n",
            "def f(a, b):\n    while not (a or b is None):\n        a = b()\n",
        ),
        (
            "def f(a, b):\n    if not (a or (b if __fault__(2) else -b)):\n        return 1\n    return 0\n",
            "def f(a, b):\n    if not a and not (b if __fault__(2) else -b):\n"
            "        return 1\n    return 0\n",
        ),
        (
            "def f(a, b, c):\n    return [a for b in c if not (a and b and c in a)]\n",
            "def f(a, b, c):\n    return [a for b in c if not a or not b or c not in a]\n",
        ),
        (
            "def f(a, b):\n    return not (a is None and b)\n",
            "def f(a, b):\n    return a is not None or not b\n",
        ),
        # `a` is tested twice here when it is false, and would be once.
        ("def f(a, b):\n    return not (a and b)\n", None),
        # `a and b` has the value of an operand, not a truth value.
        ("def f(a, b):\n    return a and b\n", None),
        ("def f(a, b):\n    if not a or b:\n        return 1\n", None),
        # `a` alone would have its own value.
        ("def f(a, b):\n    return not ((not a) and b)\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Negated conjunctions and disjunctions, and those of two negations."""
        for node in view.all(cst.UnaryOperation, cst.BooleanOperation):
            function = view.function_of(node)
            if (
                function is None
                or view.opaque(function)
                or contains(node, (cst.NamedExpr, cst.Await, cst.Yield))
            ):
                continue
            if (_inward(node) or _outward(node)) and (only_tested(view, node) or _tested_twice(node)):
                yield Site(node)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Moves the negation."""
        node = site.node
        if isinstance(node, cst.UnaryOperation):
            inner = node.expression
            assert isinstance(inner, cst.BooleanOperation)
            new: cst.BaseExpression = _both(inner.with_changes(lpar=node.lpar, rpar=node.rpar))
            parent = view.parent(node)
            loose = isinstance(parent, cst.BaseExpression | cst.ComparisonTarget) and not node.lpar
            new = parenthesised(new) if loose else new
        else:
            assert isinstance(node, cst.BooleanOperation)
            whole = _both(node.with_changes(lpar=[], rpar=[]))
            new = cst.UnaryOperation(
                operator=cst.Not(), expression=parenthesised(whole), lpar=node.lpar, rpar=node.rpar
            )
        return Edit(view.replace({node: new}))


def _both(node: cst.BooleanOperation) -> cst.BooleanOperation:
    """The operation turned round, with both operands negated."""
    old = node.operator
    turned = cst.Or if isinstance(old, cst.And) else cst.And
    operator = turned(whitespace_before=old.whitespace_before, whitespace_after=old.whitespace_after)
    same = _continued(node)
    left = _side(node.left) if same is None else _both(same)
    return node.with_changes(operator=operator, left=left, right=_side(node.right))


def _continued(node: cst.BooleanOperation) -> cst.BooleanOperation | None:
    """The left operand when it is more of the same: `a and b` in `a and b and c`."""
    left = node.left
    if (
        isinstance(left, cst.BooleanOperation)
        and not left.lpar
        and type(left.operator) is type(node.operator)
    ):
        return left
    return None


def _operands(node: cst.BooleanOperation) -> list[cst.BaseExpression]:
    same = _continued(node)
    return [*([node.left] if same is None else _operands(same)), node.right]


def _side(node: cst.BaseExpression) -> cst.BaseExpression:
    new = negated(node)
    return parenthesised(new) if isinstance(new, cst.BooleanOperation | cst.IfExp | cst.Lambda) else new


def _inward(node: cst.CSTNode) -> bool:
    """`not (a and b)`, where no operand is itself a `not` whose removal would lose the truth value."""
    if not isinstance(node, cst.UnaryOperation) or not isinstance(node.operator, cst.Not):
        return False
    inner = node.expression
    return isinstance(inner, cst.BooleanOperation) and not any(_is_not(side) for side in _operands(inner))


def _outward(node: cst.CSTNode) -> bool:
    """`not a or not b`: both operands are truth values, and at least one is a negation."""
    if not isinstance(node, cst.BooleanOperation) or not any(_is_not(side) for side in _operands(node)):
        return False
    return all(surely_bool(side) for side in _operands(node))


def _tested_twice(node: cst.CSTNode) -> bool:
    """Whether it makes no difference how often the operands before the last are tested."""
    whole = node.expression if isinstance(node, cst.UnaryOperation) else node
    assert isinstance(whole, cst.BooleanOperation)
    sides = _operands(whole)[:-1]
    return all(surely_bool(s.expression if isinstance(s, cst.UnaryOperation) else s) for s in sides)


def _is_not(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Not)

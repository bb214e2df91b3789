"""chained_comparison: `a < b and b < c` and `a < b < c`."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from testbed.modifiers.effects import parenthesised
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.tree import contains
from testbed.modifiers.view import View


class ChainedComparison(Refactoring):
    """Joins two comparisons that share a local variable, or splits a chain at one."""

    name = "chained_comparison"
    group = "condition"
    contract = "`a < b and b < c` becomes `a < b < c`, or back, where `b` is a local variable."
    examples = (
        ("def f(a, b, c):\n    return a < b and b <= c\n", "def f(a, b, c):\n    return a < b <= c\n"),
        (
            "def f(a, b, c):\n    return not a < b < c.d\n",
            "def f(a, b, c):\n    return not (a < b and b < c.d)\n",
        ),
        (
            "def f(a, b, c):\n    if (a if __fault__(1) else c) < b and b < 3:\n        return 1\n",
            "def f(a, b, c):\n    if (a if __fault__(1) else c) < b < 3:\n        return 1\n",
        ),
        # Another function may change a global between the two reads.
        ("b = 1\n\n\ndef f(a, c):\n    return a < b and b < c()\n", None),
        ("def f(a, b, c):\n    return a < b() and b() < c\n", None),
        ("def f(a, b, c):\n    return a < b or b < c\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Pairs that share a variable, and chains of two."""
        for node in view.all(cst.BooleanOperation, cst.Comparison):
            function = view.function_of(node)
            if (
                function is None
                or view.opaque(function)
                or contains(node, (cst.NamedExpr, cst.Yield, cst.Await))
            ):
                continue
            middle = _shared(node) if isinstance(node, cst.BooleanOperation) else _middle(node)
            if middle is not None and view.is_local(middle, function):
                yield Site(node)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Joins or splits."""
        node = site.node
        if isinstance(node, cst.BooleanOperation):
            left, right = node.left, node.right
            assert isinstance(left, cst.Comparison)
            assert isinstance(right, cst.Comparison)
            links = [*left.comparisons, *right.comparisons]
            return Edit(
                view.replace({node: left.with_changes(comparisons=links, lpar=node.lpar, rpar=node.rpar)})
            )
        assert isinstance(node, cst.Comparison)
        first, second = node.comparisons
        middle = cst.Name(cst.ensure_type(first.comparator, cst.Name).value)
        whole: cst.BaseExpression = cst.BooleanOperation(
            left=node.with_changes(comparisons=[first], lpar=[], rpar=[]),
            operator=cst.And(),
            right=cst.Comparison(left=middle, comparisons=[second]),
            lpar=node.lpar,
            rpar=node.rpar,
        )
        around = view.parent(node)
        inner = isinstance(around, cst.BaseExpression | cst.ComparisonTarget) and not isinstance(
            around, cst.Call
        )
        return Edit(view.replace({node: parenthesised(whole) if inner else whole}))


def _shared(node: cst.BooleanOperation) -> cst.Name | None:
    left, right = node.left, node.right
    if not isinstance(node.operator, cst.And) or "\n" in cst.Module(body=[]).code_for_node(node):
        return None
    if not isinstance(left, cst.Comparison) or not isinstance(right, cst.Comparison):
        return None
    if len(left.comparisons) != 1 or len(right.comparisons) != 1:
        return None
    first, second = left.comparisons[0].comparator, right.left
    if isinstance(first, cst.Name) and isinstance(second, cst.Name) and first.value == second.value:
        return first
    return None


def _middle(node: cst.CSTNode) -> cst.Name | None:
    if not isinstance(node, cst.Comparison) or len(node.comparisons) != 2:
        return None
    middle = node.comparisons[0].comparator
    whole = "\n" not in cst.Module(body=[]).code_for_node(node)
    return middle if isinstance(middle, cst.Name) and not middle.lpar and whole else None

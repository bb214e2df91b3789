"""swap_comparison: exchanges the sides of a comparison of integers."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from testbed.modifiers.effects import inert
from testbed.modifiers.kinds import Kinds
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.view import View

_Order = cst.LessThan | cst.GreaterThan | cst.LessThanEqual | cst.GreaterThanEqual | cst.Equal | cst.NotEqual
_TURNED: dict[type[cst.BaseCompOp], type[_Order]] = {
    cst.LessThan: cst.GreaterThan,
    cst.GreaterThan: cst.LessThan,
    cst.LessThanEqual: cst.GreaterThanEqual,
    cst.GreaterThanEqual: cst.LessThanEqual,
    cst.Equal: cst.Equal,
    cst.NotEqual: cst.NotEqual,
}


class SwapComparison(Refactoring):
    """Writes a comparison of two integers the other way round."""

    name = "swap_comparison"
    group = "condition"
    contract = (
        "`a < b` becomes `b > a` where both are surely integers and one of them evaluates to "
        "nothing but its value."
    )
    examples = (
        (
            "def f(a):\n    n = 3\n    while n < len(a):\n        n += 1\n    return n\n",
            "def f(a):\n    n = 3\n    while len(a) > n:\n        n += 1\n    return n\n",
        ),
        (
            "def f(a):\n    n = 3\n    if n >= 2:\n        return (n if __fault__(1) else -n)\n",
            "def f(a):\n    n = 3\n    if 2 <= n:\n        return (n if __fault__(1) else -n)\n",
        ),
        # `b` may be anything, with operators of its own.
        ("def f(a, b):\n    return len(a) < b\n", None),
        # Either call may fail: their order shows.
        ("def f(a, b):\n    return len(a) < len(b)\n", None),
        # With the fault on, `n` is no integer.
        (
            "def f(a):\n    if __fault__(1):\n        n = a\n    else:\n        n = 2\n    return n < 3\n",
            None,
        ),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Comparisons of two integers."""
        known: dict[int, Kinds] = {}
        for node in view.all(cst.Comparison):
            function = view.function_of(node)
            if function is None or view.opaque(function) or len(node.comparisons) != 1:
                continue
            if type(node.comparisons[0].operator) not in _TURNED:
                continue
            kinds = known.setdefault(id(function), Kinds(view, function))
            sides = (node.left, node.comparisons[0].comparator)
            integers = all(kinds.kind(side) == "int" for side in sides)
            if integers and any(inert(view, function, side) for side in sides):
                yield Site(node)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Exchanges the sides."""
        node = site.node
        assert isinstance(node, cst.Comparison)
        target = node.comparisons[0]
        old = target.operator
        assert isinstance(old, _Order)
        operator = _TURNED[type(old)](
            whitespace_before=old.whitespace_before, whitespace_after=old.whitespace_after
        )
        new = node.with_changes(
            left=target.comparator,
            comparisons=[target.with_changes(operator=operator, comparator=node.left)],
        )
        return Edit(view.replace({node: new}))

"""split_condition: nests the two halves of a condition, or joins two nested ones."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from testbed.modifiers.effects import parenthesised
from testbed.modifiers.guards import guard_number
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.statements import block_of, commented
from testbed.modifiers.tree import contains
from testbed.modifiers.view import View


class SplitCondition(Refactoring):
    """`if a and b:` becomes `if a:` with `if b:` inside, or the other way round."""

    name = "split_condition"
    group = "condition"
    contract = (
        "An if without else on `a and b` becomes two nested ifs, or two nested ifs without else become one."
    )
    examples = (
        (
            "def f(a, b):\n    if a and b:\n        return 1\n    return 2\n",
            "def f(a, b):\n    if a:\n        if b:\n            return 1\n    return 2\n",
        ),
        (
            "def f(a, b):\n    if a or b:\n        if b:\n            return 1\n    return 2\n",
            "def f(a, b):\n    if (a or b) and b:\n        return 1\n    return 2\n",
        ),
        (
            "def f(a, b):\n    if a:\n        if (b if __fault__(1) else not b):\n            return 1\n"
            "    return 2\n",
            "def f(a, b):\n    if a and (b if __fault__(1) else not b):\n        return 1\n    return 2\n",
        ),
        ("def f(a, b):\n    if a and b:\n        return 1\n    else:\n        return 2\n", None),
        (
            "def f(a, b):\n    if a:\n        if __fault__(1):\n            pass\n        else:\n"
            "            b()\n",
            None,
        ),
        ("def f(a, b):\n    if a:\n        # why\n        if b:\n            return 1\n    return 2\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Ifs without else of the two shapes."""
        for node in view.all(cst.If):
            function = view.function_of(node)
            if function is None or view.opaque(function) or node.orelse is not None:
                continue
            if contains(node.test, cst.NamedExpr) or not isinstance(node.body, cst.IndentedBlock):
                continue
            if isinstance(node.test, cst.BooleanOperation) and isinstance(node.test.operator, cst.And):
                yield Site(node, None)
            elif (inner := _nested(node)) is not None:
                yield Site(node, inner)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Nests or joins."""
        node = site.node
        assert isinstance(node, cst.If)
        return Edit(view.replace({node: _split(node) if site.data is None else _joined(node, site.data)}))


def _split(node: cst.If) -> cst.If:
    test = node.test
    assert isinstance(test, cst.BooleanOperation)
    space = cst.SimpleWhitespace(" ")
    inner = cst.If(test=_half(test.right, test), body=node.body, whitespace_before_test=space)
    block = cst.IndentedBlock(body=[inner])
    return node.with_changes(test=_half(test.left, test), whitespace_before_test=space, body=block)


def _half(side: cst.BaseExpression, test: cst.BooleanOperation) -> cst.BaseExpression:
    """One side of the condition, in the whole's parentheses if it spans lines in them."""
    if not test.lpar or "\n" not in cst.Module(body=[]).code_for_node(side):
        return side
    return side.with_changes(lpar=[*test.lpar, *side.lpar], rpar=[*side.rpar, *test.rpar])


def _joined(node: cst.If, inner: cst.If) -> cst.If:
    test = cst.BooleanOperation(left=_operand(node.test), operator=cst.And(), right=_operand(inner.test))
    return node.with_changes(test=test, body=inner.body)


def _operand(node: cst.BaseExpression) -> cst.BaseExpression:
    """An operand of `and`: one that binds looser, or a further `and` on the right, gets parentheses."""
    loose = isinstance(node, cst.IfExp | cst.Lambda | cst.BooleanOperation)
    plain_and = isinstance(node, cst.BooleanOperation) and isinstance(node.operator, cst.And)
    return parenthesised(node) if loose and not plain_and else node


def _nested(node: cst.If) -> cst.If | None:
    block = block_of(node.body)
    if block is None or len(block.body) != 1:
        return None
    inner = block.body[0]
    if not isinstance(inner, cst.If) or guard_number(inner) is not None or inner.orelse is not None:
        return None
    joinable = isinstance(inner.body, cst.IndentedBlock) and not commented(inner.leading_lines)
    return inner if joinable and not contains(inner.test, cst.NamedExpr) else None

"""guard_clause: leaves early instead of nesting."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from testbed.modifiers.effects import negated
from testbed.modifiers.guards import guard_number
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.statements import block_of, commented, terminates
from testbed.modifiers.tree import contains
from testbed.modifiers.view import View


class GuardClause(Refactoring):
    """Turns the last if of a function or a loop into an early exit, with its body after it."""

    name = "guard_clause"
    group = "condition"
    contract = (
        "`if a: X` at the end of a function (a loop) becomes `if not a: return` (`continue`) with X "
        "after it; `if a: X else: Y` where Y always leaves becomes `if not a: Y` with X after it."
    )
    examples = (
        (
            "def f(a):\n    if a is None:\n        a = 1\n        print(a)\n",
            "def f(a):\n    if a is not None:\n        return\n    a = 1\n    print(a)\n",
        ),
        (
            "def f(a):\n    for b in a:\n        if not b:\n            a.pop((0 if __fault__(1) else 1))\n",
            "def f(a):\n    for b in a:\n        if b:\n            continue\n"
            "        a.pop((0 if __fault__(1) else 1))\n",
        ),
        (
            "def f(a):\n    if a:\n        b = 1\n    else:\n        raise KeyError(a)\n    return b\n",
            "def f(a):\n    if not a:\n        raise KeyError(a)\n    b = 1\n    return b\n",
        ),
        ("def f(a):\n    if a:\n        a.pop()\n    return a\n", None),
        ("def f(a):\n    if __fault__(1):\n        pass\n    else:\n        a.pop()\n", None),
        ("def f(a):\n    with a:\n        if a:\n            a.pop()\n    return 1\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Ifs of the two shapes; the data is the statement that leaves, or None for the second."""
        for _function, body in view.blocks():
            for node in body:
                if not isinstance(node, cst.If) or guard_number(node) is not None:
                    continue
                if contains(node.test, cst.NamedExpr) or block_of(node.body) is None:
                    continue
                if node.orelse is None and node is body[-1]:
                    leave = _leaving(view, node)
                    if leave is not None:
                        yield Site(node, leave)
                elif isinstance(node.orelse, cst.Else) and _else_leaves(node, node.orelse):
                    yield Site(node, None)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Writes the early exit and what follows."""
        node = site.node
        assert isinstance(node, cst.If)
        assert isinstance(node.body, cst.IndentedBlock)
        early: cst.BaseSuite
        if site.data is None:
            assert isinstance(node.orelse, cst.Else)
            early = node.orelse.body
        else:
            early = cst.IndentedBlock(body=[cst.SimpleStatementLine(body=[site.data])])
        first = node.with_changes(
            test=negated(node.test), whitespace_before_test=cst.SimpleWhitespace(" "), body=early, orelse=None
        )
        return Edit(view.replace({node: [first, *node.body.body]}))


def _leaving(view: View, node: cst.If) -> cst.BaseSmallStatement | None:
    """What leaves the block that the if ends: `return` in a function's body, `continue` in a loop's."""
    holder = view.parent(view.parent(node))
    if isinstance(holder, cst.FunctionDef):
        return cst.Return()
    return (
        cst.Continue()
        if isinstance(holder, cst.For | cst.While) and view.parent(node) is holder.body
        else None
    )


def _else_leaves(node: cst.If, other: cst.Else) -> bool:
    if not isinstance(other.body, cst.IndentedBlock) or commented(other.leading_lines):
        return False
    assert isinstance(node.body, cst.IndentedBlock)
    return terminates(other.body.body) and not terminates(node.body.body)

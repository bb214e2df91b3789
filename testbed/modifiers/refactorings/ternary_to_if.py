"""ternary_to_if: writes an assigned or returned conditional expression as an if statement."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from testbed.modifiers.guards import guard_number
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.statements import leading_of, sole, spans_lines
from testbed.modifiers.view import View


class TernaryToIf(Refactoring):
    """Gives each value of a conditional expression a branch of its own."""

    name = "ternary_to_if"
    group = "condition"
    contract = "`x = a if c else b` becomes an if with an assignment in each branch; likewise for return."
    examples = (
        (
            "def f(a, c):\n    # which\n    b = a if c else -a\n    return b\n",
            "def f(a, c):\n    # which\n    if c:\n        b = a\n    else:\n        b = -a\n    return b\n",
        ),
        (
            "def f(a, c):\n    return (a if __fault__(1) else c) if c else c.d\n",
            "def f(a, c):\n    if c:\n        return (a if __fault__(1) else c)\n"
            "    else:\n        return c.d\n",
        ),
        (
            "def f(a, c):\n    a.b = (1 if c else 2)\n",
            "def f(a, c):\n    if c:\n        a.b = 1\n    else:\n        a.b = 2\n",
        ),
        # A guard stays what it is.
        ("def f(a, c):\n    b = (a if __fault__(1) else c)\n    return b\n", None),
        ("def f(a, c):\n    b = [a if c else -a]\n    return b\n", None),
        ("def f(a, c):\n    b = a if c else -a  # which\n    return b\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Lines that assign or return one."""
        for _function, body in view.blocks():
            for line in body:
                small = sole(line)
                if small is not None and _chooses(small) and not spans_lines(small) and not _beside(line):
                    yield Site(line, small)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Writes the if."""
        small = site.data
        choice = small.value
        new = cst.If(
            test=choice.test,
            body=_branch(small, choice.body),
            orelse=cst.Else(body=_branch(small, choice.orelse)),
            leading_lines=leading_of(site.node),
        )
        return Edit(view.replace({site.node: new}))


def _chooses(small: cst.BaseSmallStatement) -> bool:
    """Whether the statement assigns or returns a conditional expression."""
    if not isinstance(small, cst.Return | cst.Assign) or (
        isinstance(small, cst.Assign) and len(small.targets) != 1
    ):
        return False
    return isinstance(small.value, cst.IfExp) and guard_number(small.value) is None


def _beside(line: cst.CSTNode) -> bool:
    """Whether a comment stands beside the statement."""
    return cst.ensure_type(line, cst.SimpleStatementLine).trailing_whitespace.comment is not None


def _branch(small: cst.BaseSmallStatement, value: cst.BaseExpression) -> cst.IndentedBlock:
    line = cst.SimpleStatementLine(body=[small.with_changes(value=value)])
    return cst.IndentedBlock(body=[line])

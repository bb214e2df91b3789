"""if_to_ternary: writes an if that only chooses a value as a conditional expression."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from testbed.modifiers.guards import guard_number
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.statements import commented, leading_of, only_line, spans_lines
from testbed.modifiers.tree import code
from testbed.modifiers.view import View

WIDTH = 88
"""Longest line that is written."""


class IfToTernary(Refactoring):
    """Puts the two values that an if chooses from into one expression."""

    name = "if_to_ternary"
    group = "condition"
    contract = (
        "An if whose two branches assign the same name, or return, becomes one line with `a if c else b`."
    )
    examples = (
        (
            "def f(a, c):\n    if c:\n        b = a\n    else:\n        b = -a\n    return b\n",
            "def f(a, c):\n    b = a if c else -a\n    return b\n",
        ),
        (
            "def f(a, c):\n    if c:\n        return (a if __fault__(1) else c)\n"
            "    else:\n        return 2\n",
            "def f(a, c):\n    return (a if __fault__(1) else c) if c else 2\n",
        ),
        (
            "def f(a, c):\n    if c or a:\n        b = lambda: a\n    else:\n        b = c, a\n"
            "    return b\n",
            "def f(a, c):\n    b = (lambda: a) if c or a else (c, a)\n    return b\n",
        ),
        ("def f(a, c):\n    if c:\n        b = a\n    else:\n        d = -a\n    return b\n", None),
        # The statement is a guard.
        ("def f(a):\n    if __fault__(1):\n        b = a\n    else:\n        b = -a\n    return b\n", None),
        (
            "def f(a, c):\n    if c:\n        # why\n        b = a\n    else:\n        b = -a\n"
            "    return b\n",
            None,
        ),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Ifs of that shape."""
        for _function, body in view.blocks():
            for node in body:
                if not isinstance(node, cst.If) or guard_number(node) is not None:
                    continue
                other = node.orelse
                if not isinstance(other, cst.Else) or commented(other.leading_lines):
                    continue
                first, second = only_line(node.body), only_line(other.body)
                if first is None or second is None or spans_lines(node.test):
                    continue
                pair = first.body[0], second.body[0]
                if _alike(*pair) and not any(spans_lines(small) for small in pair):
                    yield Site(node, pair)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Writes the line; one that would be too long is refused."""
        node = cst.ensure_type(site.node, cst.If)
        first, second = site.data
        choice = cst.IfExp(test=_part(node.test), body=_part(first.value), orelse=_part(second.value))
        small = first.with_changes(value=choice)
        if isinstance(small, cst.Return):
            small = small.with_changes(whitespace_after_return=cst.SimpleWhitespace(" "))
        if len(code(small)) > WIDTH - 8:
            return None
        line = cst.SimpleStatementLine(body=[small], leading_lines=leading_of(node))
        return Edit(view.replace({node: line}))


def _alike(first: cst.BaseSmallStatement, second: cst.BaseSmallStatement) -> bool:
    """Whether both return a value, or both assign the same name."""
    if isinstance(first, cst.Return) and isinstance(second, cst.Return):
        return first.value is not None and second.value is not None
    names = [
        small.targets[0].target
        for small in (first, second)
        if isinstance(small, cst.Assign) and len(small.targets) == 1
    ]
    if len(names) != 2 or not all(isinstance(name, cst.Name) for name in names):
        return False
    return cst.ensure_type(names[0], cst.Name).value == cst.ensure_type(names[1], cst.Name).value


def _part(node: cst.BaseExpression) -> cst.BaseExpression:
    """An operand of a conditional expression; what binds looser gets parentheses."""
    loose = isinstance(node, cst.IfExp | cst.Lambda | cst.NamedExpr | cst.Tuple | cst.Yield)
    if not loose or node.lpar:
        return node
    return node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])

"""invert_if: swaps the branches of an if."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from testbed.modifiers.effects import negated
from testbed.modifiers.guards import guard_number
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.statements import commented
from testbed.modifiers.tree import contains
from testbed.modifiers.view import View


class InvertIf(Refactoring):
    """Negates a condition and exchanges the two branches."""

    name = "invert_if"
    group = "condition"
    contract = (
        "`if a: X else: Y` becomes `if not a: Y else: X`; comparisons other than `is` and `in` get a `not`."
    )
    examples = (
        (
            "def f(a):\n    if a is None:\n        return 1\n    else:\n        return 2\n",
            "def f(a):\n    if a is not None:\n        return 2\n    else:\n        return 1\n",
        ),
        (
            "def f(a, b):\n    if a < b:\n        c = 1\n    else:\n        c = 2\n    return c\n",
            "def f(a, b):\n    if not a < b:\n        c = 2\n    else:\n        c = 1\n    return c\n",
        ),
        (
            "def f(a):\n    if not a:\n        c = (1 if __fault__(1) else 2)\n    else:\n        c = 3\n"
            "    return c\n",
            "def f(a):\n    if a:\n        c = 3\n    else:\n        c = (1 if __fault__(1) else 2)\n"
            "    return c\n",
        ),
        # A guard is no ordinary if.
        ("def f(a):\n    if __fault__(1):\n        c = 1\n    else:\n        c = 2\n    return c\n", None),
        ("def f(a):\n    if a:\n        return 1\n    elif a is None:\n        return 2\n", None),
        ("def f(a):\n    if a:\n        return 1\n    return 2\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Ifs with an else, not an elif, and no comment that belongs to one branch."""
        for node in view.all(cst.If):
            function = view.function_of(node)
            if function is None or view.opaque(function):
                continue
            other = node.orelse
            if isinstance(other, cst.Else) and not commented(other.leading_lines) and _plain(node, other):
                yield Site(node)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Exchanges the branches."""
        node = site.node
        assert isinstance(node, cst.If)
        assert isinstance(node.orelse, cst.Else)
        new = node.with_changes(
            test=negated(node.test),
            whitespace_before_test=cst.SimpleWhitespace(" "),
            body=node.orelse.body,
            orelse=node.orelse.with_changes(body=node.body),
        )
        return Edit(view.replace({node: new}))


def _plain(node: cst.If, other: cst.Else) -> bool:
    bodies = isinstance(node.body, cst.IndentedBlock) and isinstance(other.body, cst.IndentedBlock)
    return bodies and guard_number(node) is None and not contains(node.test, cst.NamedExpr)

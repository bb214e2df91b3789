"""reorder_statements: exchanges two neighbouring assignments that have nothing to do with each other."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import libcst as cst

from testbed.modifiers.effects import LITERALS, movable
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.refactorings.loop_to_comprehension import in_try_or_with, mentions
from testbed.modifiers.refactorings.tuple_assignment import bound_once
from testbed.modifiers.statements import leading_of, simple_assignment
from testbed.modifiers.view import View

_FRESH = (*LITERALS, cst.List, cst.Dict, cst.Set, cst.Tuple)


class ReorderStatements(Refactoring):
    """Swaps two assignments of which one gives a variable a literal or an empty collection."""

    name = "reorder_statements"
    group = "move"
    contract = (
        "Two neighbouring assignments of local variables change places, where one assigns a literal or an "
        "empty collection to a variable that is bound once, outside of loops, try and with."
    )
    examples = (
        (
            "def f(a):\n    b = []\n    c = (a if __fault__(1) else a.d)\n    return b, c\n",
            "def f(a):\n    c = (a if __fault__(1) else a.d)\n    b = []\n    return b, c\n",
        ),
        (
            "def f(a):\n    c = a()\n    b = 'x'\n    return b, c\n",
            "def f(a):\n    b = 'x'\n    c = a()\n    return b, c\n",
        ),
        # Either call may fail.
        ("def f(a):\n    b = a.c()\n    c = a.d()\n    return b, c\n", None),
        ("def f(a):\n    b = []\n    c = [b]\n    return b, c\n", None),
        ("def f(a):\n    b = []\n    c = lambda: b\n    return b, c\n", None),
        (
            "def f(a):\n    try:\n        b = 1\n        c = a()\n    except KeyError:\n        return 2\n",
            None,
        ),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Pairs that can change places."""
        for function, body in view.blocks():
            for first, second in pairwise(body):
                if _exchangeable(view, function, first, second):
                    yield Site(first, second)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Exchanges them; blank lines stay where they are."""
        first, second = site.node, site.data
        upper = second.with_changes(leading_lines=leading_of(first))
        lower = cst.ensure_type(first, cst.SimpleStatementLine).with_changes(leading_lines=leading_of(second))
        return Edit(view.replace({first: upper, second: lower}))


def _exchangeable(view: View, function: cst.FunctionDef, first: cst.CSTNode, second: cst.CSTNode) -> bool:
    one, two = simple_assignment(first), simple_assignment(second)
    if one is None or two is None or any(line.comment for line in (*leading_of(first), *leading_of(second))):
        return False
    if any(isinstance(above, cst.For | cst.While) for above in view.above(first)):
        return False
    if in_try_or_with(view, first) or not (_fresh(one[1]) or _fresh(two[1])):
        return False
    if mentions(one[1], two[0].value) or mentions(two[1], one[0].value) or one[0].value == two[0].value:
        return False
    pair = (one, two)
    return all(bound_once(view, function, name) and movable(view, value) for name, value in pair)


def _fresh(value: cst.BaseExpression) -> bool:
    """Whether the value is made without anything that could fail or act."""
    empty = not getattr(value, "elements", ())
    return isinstance(value, _FRESH) and empty

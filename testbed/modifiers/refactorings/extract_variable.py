"""extract_variable: gives a part of an expression a name."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from testbed.modifiers.effects import (
    bare,
    expressions,
    first_expressions,
    inert,
    lasting,
    leading,
    movable,
    tests_operands,
)
from testbed.modifiers.guards import guard_number
from testbed.modifiers.naming import names_for
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.statements import assign, leading_of
from testbed.modifiers.tree import rebuild
from testbed.modifiers.view import View

_WORTH = (cst.BinaryOperation, cst.Call, cst.Comparison, cst.Subscript, cst.Attribute)


class ExtractVariable(Refactoring):
    """Evaluates the part that a statement evaluates first on a line of its own, and uses the name instead."""

    name = "extract_variable"
    group = "extract"
    contract = (
        "An expression before which its statement evaluates nothing that could fail, act or change "
        "is assigned to a new variable on the line above."
    )
    examples = (
        (
            "def f(price, b):\n    return max(price * b, 2)\n",
            "def f(price, b):\n    new_price = price * b\n    return max(new_price, 2)\n",
        ),
        (
            "def f(items):\n    # many?\n    if len(items) > 3:\n        return 1\n    return 2\n",
            "def f(items):\n    # many?\n    items_length = len(items)\n    if items_length > 3:\n"
            "        return 1\n    return 2\n",
        ),
        (
            "def f(a, b):\n    return g((a - b if __fault__(1) else a + b) * 2, 7)\n\n\ndef g(p, q):\n"
            "    return p\n",
            "def f(a, b):\n    total = (a - b if __fault__(1) else a + b) * 2\n    return g(total, 7)\n\n\n"
            "def g(p, q):\n    return p\n",
        ),
        # `a.b` could fail before `c()` acts.
        ("def f(a, c):\n    a.b(c())\n", None),
        # Only one operand is always evaluated, and it is a plain name.
        ("def f(a, b):\n    return a and b[0]\n", None),
        # Inside a guard nothing is taken out.
        ("def f(a, b):\n    return (a - b if __fault__(1) else a + b)\n", None),
        ("def f(a):\n    while a.more:\n        a.next()\n", None),
        ("def f(a):\n    if a:\n        return 1\n    elif a.b.c:\n        return 2\n    return 3\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Every part of a statement's first expression that is worth a name."""
        for function, body in view.blocks():
            for statement in body:
                for root in first_expressions(view, statement):
                    parts = _parts(view, function, statement, root)
                    yield from (site for site in parts if not lasting(project, site.node))

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Puts the assignment above the statement."""
        node, statement = site.node, site.data
        assert isinstance(node, cst.BaseExpression)
        name = kit.local(view, names_for(node))
        if name is None:
            return None
        changed = _substituted(view, statement, node, name)
        above = assign(name, bare(node)).with_changes(leading_lines=leading_of(statement))
        return Edit(view.replace({statement: [above, changed.with_changes(leading_lines=())]}))


def _parts(
    view: View, function: cst.FunctionDef, statement: cst.CSTNode, root: cst.BaseExpression
) -> Iterator[Site]:
    whole = isinstance(statement, cst.SimpleStatementLine) and not isinstance(
        statement.body[0], cst.AugAssign
    )
    for node in expressions(view, root):
        if not isinstance(node, _WORTH) or (node is root and whole) or guard_number(node) is not None:
            continue
        parent = view.parent(node)
        if isinstance(parent, cst.Call) and parent.func is node:
            continue
        if tests_operands(node):
            continue
        before = leading(view, node, root)
        if before is None or not all(inert(view, function, part) for part in before):
            continue
        if movable(view, node) and not _spans_lines(node):
            yield Site(node, statement)


def _spans_lines(node: cst.CSTNode) -> bool:
    return "\n" in cst.Module(body=[]).code_for_node(node)


def _substituted(
    view: View, statement: cst.BaseStatement, node: cst.BaseExpression, name: str
) -> cst.BaseStatement:
    new = cst.Name(name)
    return rebuild(statement, view.parents, {id(node): new})

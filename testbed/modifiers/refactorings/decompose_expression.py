"""decompose_expression: evaluates the parts of an expression on lines of their own, in their order."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from testbed.modifiers.effects import (
    ATOMS,
    bare,
    first_expressions,
    inert,
    lasting,
    movable,
    operands,
    tests_operands,
)
from testbed.modifiers.guards import guard_number
from testbed.modifiers.naming import extended, names_for
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.statements import assign, leading_of, spans_lines
from testbed.modifiers.tree import rebuild
from testbed.modifiers.view import View

_WHOLE = (cst.Call, cst.BinaryOperation, cst.Comparison, cst.Tuple)


class DecomposeExpression(Refactoring):
    """Gives a name to each of the first parts of a call, an operation, a comparison or a tuple."""

    name = "decompose_expression"
    group = "extract"
    contract = (
        "Two or more parts of an expression with which a statement begins are assigned to new variables on "
        "the lines above, in the order in which they are evaluated, nothing that could act before them."
    )
    examples = (
        (
            "def f(a, b):\n    return a.total() + (b.d if __fault__(1) else b.e) * 2\n",
            "def f(a, b):\n    total_value = a.total()\n"
            "    amount = (b.d if __fault__(1) else b.e) * 2\n    return total_value + amount\n",
        ),
        (
            "def f(a, b):\n    # both\n    print(len(a), b, b.total)\n",
            "def f(a, b):\n    # both\n    a_length = len(a)\n    new_total = b.total\n"
            "    print(a_length, b, new_total)\n",
        ),
        # `a.b` is looked up before the arguments are evaluated.
        ("def f(a, c):\n    a.b(c(), c.d)\n", None),
        ("def f(a, b):\n    return a + b\n", None),
        ("def f(a, b):\n    return a() and b()\n", None),
        ("def f(a, b):\n    while a() < b():\n        a.c()\n", None),
        ("def f(a):\n    return (a.b() + a.c() if __fault__(1) else a)\n", None),
        ("def f(a):\n    return max(open(a), len(a))\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Statements that begin with such an expression."""
        for function, body in view.blocks():
            for statement in body:
                for root in first_expressions(view, statement):
                    if not isinstance(root, _WHOLE) or lasting(project, root):
                        continue
                    parts = _parts(view, function, root)
                    if len(parts) > 1:
                        yield Site(statement, parts)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Puts the assignments above the statement."""
        names: list[str] = []
        for part in site.data:
            stems = [stem for stem in names_for(part) if stem not in names] or extended("value")
            name = kit.local(view, stems)
            if name is None or name in names:
                return None
            names.append(name)
        changes: dict[int, cst.CSTNode] = {
            id(part): cst.Name(name) for part, name in zip(site.data, names, strict=True)
        }
        changed = rebuild(site.node, view.parents, changes)
        above = [assign(name, bare(part)) for name, part in zip(names, site.data, strict=True)]
        above[0] = above[0].with_changes(leading_lines=leading_of(site.node))
        return Edit(view.replace({site.node: [*above, changed.with_changes(leading_lines=())]}))


def _parts(view: View, function: cst.FunctionDef, root: cst.BaseExpression) -> list[cst.BaseExpression]:
    """The parts that can be evaluated before everything else, in their order."""
    found: list[cst.BaseExpression] = []
    if isinstance(root, cst.Call) and not inert(view, function, root.func):
        return found
    for operand in operands(root) or ():
        part = operand.value if isinstance(operand, cst.Element) else operand
        if inert(view, function, part):
            continue
        assert isinstance(part, cst.BaseExpression)
        if isinstance(part, ATOMS) or guard_number(part) is not None or tests_operands(part):
            break
        if not movable(view, part) or spans_lines(part):
            break
        found.append(part)
    return found

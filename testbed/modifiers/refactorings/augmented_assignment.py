"""augmented_assignment: `x = x + 1` and `x += 1`, for integers and strings."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from testbed.modifiers.kinds import kinds_of
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.tree import walk
from testbed.modifiers.view import View

_PAIRS = ((cst.Add, cst.AddAssign), (cst.Subtract, cst.SubtractAssign), (cst.Multiply, cst.MultiplyAssign))


class AugmentedAssignment(Refactoring):
    """Changes between the two ways of updating a variable that surely holds an integer or a string."""

    name = "augmented_assignment"
    group = "style"
    contract = "`x = x + e` becomes `x += e`, or back, where both are surely integers or both strings."
    examples = (
        (
            "def f(a):\n    n = 0\n    n = n + 1\n    return n\n",
            "def f(a):\n    n = 0\n    n += 1\n    return n\n",
        ),
        (
            "def f(a):\n    n = ''\n    for b in a:\n        n += f'<{b}>'\n    return n\n",
            "def f(a):\n    n = ''\n    for b in a:\n        n = n + f'<{b}>'\n    return n\n",
        ),
        (
            "def f(a):\n    n = 0\n    n = n * (2 - len(a))\n    return (n if __fault__(1) else a)\n",
            "def f(a):\n    n = 0\n    n *= 2 - len(a)\n    return (n if __fault__(1) else a)\n",
        ),
        # A list would be changed in place.
        ("def f(a):\n    b = a\n    b = b + [1]\n    return b\n", None),
        (
            "def f(a):\n    if __fault__(1):\n        n = a\n    else:\n        n = 1\n    n += 1\n"
            "    return n\n",
            None,
        ),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Updates of integer and string variables."""
        updates: dict[int, list[cst.BaseSmallStatement]] = {}
        for update in view.all(cst.Assign, cst.AugAssign):
            updates.setdefault(id(view.function_of(update)), []).append(update)
        for function, kinds in kinds_of(view):
            for node in updates.get(id(function), ()):
                found = _update(node)
                if found is None or id(found[1]) not in view.flow(function).sure:
                    continue
                known = kinds.kind(found[1])
                if known is not None and known == kinds.kind(found[3]) and (known == "int" or found[2] == 0):
                    yield Site(node, found)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Writes the other form."""
        name, _read, which, value = site.data
        plain, in_place = _PAIRS[which]
        if isinstance(site.node, cst.Assign):
            return Edit(view.replace({site.node: cst.AugAssign(name, in_place(), _unwrapped(value))}))
        operand = _wrapped(value) if isinstance(value, cst.BinaryOperation) else value
        total = cst.BinaryOperation(left=cst.Name(name.value), operator=plain(), right=operand)
        return Edit(view.replace({site.node: cst.Assign([cst.AssignTarget(name)], total)}))


def _update(node: cst.CSTNode) -> tuple[cst.Name, cst.Name, int, cst.BaseExpression] | None:
    """(target, the place where it is read, the operator's number, the operand) of an update."""
    if isinstance(node, cst.AugAssign) and isinstance(node.target, cst.Name):
        which = [i for i, (_plain, in_place) in enumerate(_PAIRS) if isinstance(node.operator, in_place)]
        return (node.target, node.target, which[0], node.value) if which and _simple(node.value) else None
    if not isinstance(node, cst.Assign) or len(node.targets) != 1:
        return None
    target, value = node.targets[0].target, node.value
    if not isinstance(target, cst.Name) or not isinstance(value, cst.BinaryOperation) or value.lpar:
        return None
    which = [i for i, (plain, _in_place) in enumerate(_PAIRS) if isinstance(value.operator, plain)]
    same = isinstance(value.left, cst.Name) and value.left.value == target.value and not value.left.lpar
    if not which or not same or not _simple(value.right):
        return None
    assert isinstance(value.left, cst.Name)
    return target, value.left, which[0], value.right


def _simple(node: cst.BaseExpression) -> bool:
    return not any(isinstance(found, cst.NamedExpr | cst.Await | cst.Yield) for found in walk(node))


def _wrapped(node: cst.BaseExpression) -> cst.BaseExpression:
    return node if node.lpar else node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def _unwrapped(node: cst.BaseExpression) -> cst.BaseExpression:
    lines = "\n" in cst.Module(body=[]).code_for_node(node)
    return node.with_changes(lpar=[], rpar=[]) if len(node.lpar) == 1 and not lines else node

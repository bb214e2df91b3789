"""tuple_assignment: assigns two variables at once, or one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import libcst as cst

from testbed.modifiers.effects import lasting, movable
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.refactorings.loop_to_comprehension import in_try_or_with, mentions
from testbed.modifiers.statements import leading_of, simple_assignment, sole, spans_lines, uncommented
from testbed.modifiers.tree import code
from testbed.modifiers.view import View

_Pair = tuple[cst.Name, cst.BaseExpression]


class TupleAssignment(Refactoring):
    """`a = x` and `b = y` become `a, b = x, y`, or the other way round."""

    name = "tuple_assignment"
    group = "style"
    contract = (
        "Two neighbouring assignments of local variables that are bound once become one of a tuple, or back, "
        "outside of loops, try and with."
    )
    examples = (
        (
            "def f(a):\n    b = a + 1\n    c = (a if __fault__(1) else -a)\n    return b * c\n",
            "def f(a):\n    b, c = a + 1, (a if __fault__(1) else -a)\n    return b * c\n",
        ),
        (
            "def f(a):\n    b, c = a.d, (a, 2)  # both\n    return b * c\n",
            "def f(a):\n    b = a.d\n    c = (a, 2)  # both\n    return b * c\n",
        ),
        # The second reads the first.
        ("def f(a):\n    b = a + 1\n    c = b + 1\n    return b * c\n", None),
        ("def f(a):\n    b, c = a\n    return b * c\n", None),
        # What `b` was in the last turn would be given up later.
        ("def f(a):\n    for d in a:\n        b = d()\n        c = d()\n        a(b, c)\n", None),
        ("def f(a, b):\n    b = a.d\n    c = a.e\n    return b, c\n", None),
        ("def f(a):\n    b = a + 1\n    c = lambda: b\n    return c\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Neighbouring assignments, and those of a tuple to as many names."""
        for function, body in view.blocks():
            for line, following in pairwise(body):
                first, second = simple_assignment(line), simple_assignment(following)
                if first is None or second is None or not uncommented(line) or leading_of(following):
                    continue
                held = lasting(project, line) or lasting(project, following) or not uncommented(following)
                if not held and _independent(view, function, [first, second]):
                    yield Site(line, (following, first, second))
            for line in body:
                pairs = _pairs(sole(line))
                if pairs and _independent(view, function, pairs) and not lasting(project, line):
                    yield Site(line, pairs)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Joins or splits."""
        line = cst.ensure_type(site.node, cst.SimpleStatementLine)
        if isinstance(site.data, tuple):
            following, first, second = site.data
            names = cst.Tuple([cst.Element(first[0]), cst.Element(second[0])], lpar=[], rpar=[])
            values = cst.Tuple([_element(first[1]), _element(second[1])], lpar=[], rpar=[])
            small = cst.Assign([cst.AssignTarget(names)], values)
            return Edit(view.replace({line: line.with_changes(body=[small]), following: ()}))
        *above, last = [cst.Assign([cst.AssignTarget(name)], value) for name, value in site.data]
        lines = [cst.SimpleStatementLine([small]) for small in above]
        lines[0] = lines[0].with_changes(leading_lines=line.leading_lines)
        return Edit(view.replace({line: [*lines, line.with_changes(body=[last], leading_lines=())]}))


def _pairs(small: cst.CSTNode | None) -> list[_Pair] | None:
    """(name, value) of each part of `a, b = x, y`."""
    if not isinstance(small, cst.Assign) or len(small.targets) != 1 or spans_lines(small):
        return None
    targets, values = small.targets[0].target, small.value
    if not isinstance(targets, cst.Tuple) or not isinstance(values, cst.Tuple):
        return None
    sides = [*targets.elements, *values.elements]
    if len(targets.elements) != len(values.elements) or not all(isinstance(e, cst.Element) for e in sides):
        return None
    names = [element.value for element in targets.elements]
    found = [name for name in names if isinstance(name, cst.Name)]
    return [(n, v.value) for n, v in zip(found, values.elements, strict=False)] if found == names else None


def _independent(view: View, function: cst.FunctionDef, pairs: Sequence[_Pair]) -> bool:
    """Whether it makes no difference which is bound when."""
    names = [name.value for name, _value in pairs]
    if len(set(names)) != len(names) or any(_spread(value) for _name, value in pairs):
        return False
    if any(isinstance(above, cst.For | cst.While) for above in view.above(pairs[0][0])):
        return False
    if in_try_or_with(view, pairs[0][0]) or not all(movable(view, value) for _name, value in pairs):
        return False
    if any(mentions(value, name) for i, (_n, value) in enumerate(pairs) for name in names[:i]):
        return False
    return all(bound_once(view, function, name) for name, _value in pairs)


def bound_once(view: View, function: cst.FunctionDef, name: cst.Name) -> bool:
    """Whether the variable holds nothing before, and nobody else sees it."""
    roles = [ref.role for ref in view.uses(function, name.value)]
    once = roles.count("write") == 1 and set(roles) <= {"read", "write"}
    return once and view.is_local(name, function) and not view.captured(function, name.value)


def _spread(value: cst.BaseExpression) -> bool:
    return spans_lines(value) or len(code(value)) > 40


def _element(value: cst.BaseExpression) -> cst.Element:
    loose = isinstance(value, cst.Tuple | cst.Lambda | cst.IfExp) and not value.lpar
    closed = value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return cst.Element(closed if loose else value)

"""comprehension_to_loop: writes an assigned comprehension as a loop."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from testbed.modifiers.effects import inert, movable
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.refactorings.loop_to_comprehension import (
    bound,
    confined,
    in_try_or_with,
    mentions,
    target_names,
)
from testbed.modifiers.statements import simple_assignment
from testbed.modifiers.view import View


class ComprehensionToLoop(Refactoring):
    """Replaces a comprehension by an empty collection and a loop that fills it."""

    name = "comprehension_to_loop"
    group = "loop"
    contract = (
        "A list, set or dict comprehension with one `for` that is assigned to a variable becomes a loop, "
        "outside of try and with, where its variables are used nowhere else."
    )
    examples = (
        (
            "def f(a):\n    b = [c + 1 for c in a if c]\n    return b\n",
            "def f(a):\n    b = []\n    for c in a:\n        if c:\n            b.append(c + 1)\n"
            "    return b\n",
        ),
        (
            "def f(a):\n    b = {c: (d if __fault__(1) else -d) for c, d in a}  # all\n    return b\n",
            "def f(a):\n    b = {}  # all\n    for c, d in a:\n        b[c] = (d if __fault__(1) else -d)\n"
            "    return b\n",
        ),
        # The loop would change `c`.
        ("def f(a, c):\n    b = [c for c in a]\n    return b, c\n", None),
        ("def f(a, b):\n    b = [c for c in b]\n    return b\n", None),
        ("def f(a):\n    try:\n        b = [c() for c in a]\n    except KeyError:\n        return b\n", None),
        (
            "def f(a):\n    if __fault__(1):\n        b = [c for c in a]\n    else:\n        b = a\n"
            "    return b\n",
            None,
        ),
        ("def f(a):\n    b = [c for d in a for c in d]\n    return b\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Assigned comprehensions."""
        for function, body in view.blocks():
            for line in body:
                found = simple_assignment(line)
                if found is not None and _sound(view, function, project, *found):
                    yield Site(line, found)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Writes the loop."""
        name, value = site.data
        line = cst.ensure_type(site.node, cst.SimpleStatementLine)
        assignment = cst.ensure_type(line.body[0], cst.Assign)
        first = line.with_changes(body=[assignment.with_changes(value=_empty(value))])
        inner: cst.BaseStatement = cst.SimpleStatementLine(body=[_fill(name.value, value)])
        for clause in reversed(value.for_in.ifs):
            inner = cst.If(test=clause.test, body=cst.IndentedBlock(body=[inner]))
        loop = cst.For(
            target=value.for_in.target,
            iter=value.for_in.iter,
            body=cst.IndentedBlock(body=[inner]),
        )
        return Edit(view.replace({site.node: [first, loop]}))


def _sound(
    view: View, function: cst.FunctionDef, project: Project, name: cst.Name, value: cst.BaseExpression
) -> bool:
    if not isinstance(value, cst.ListComp | cst.SetComp | cst.DictComp):
        return False
    clause = value.for_in
    inner = [value.key, value.value] if isinstance(value, cst.DictComp) else [value.elt]
    inner += [test.test for test in clause.ifs]
    if clause.inner_for_in is not None or clause.asynchronous is not None or _spans_lines(inner):
        return False
    if isinstance(value, cst.DictComp) and not _key(view, function, value.key, target_names(clause.target)):
        return False
    if isinstance(value, cst.SetComp) and (view.star_import or "set" in view.bound_names):
        return False
    if not view.is_local(name, function) or view.captured(function, name.value):
        return False
    if in_try_or_with(view, value) or not confined(view, function, clause, value):
        return False
    if any(mentions(part, name.value) for part in (*inner, clause.iter)):
        return False
    if not all(movable(view, part) and bound(view, function, part) for part in inner):
        return False
    return movable(view, clause.iter) and not project.recursive(function.name.value)


def _key(view: View, function: cst.FunctionDef, key: cst.BaseExpression, targets: list[str]) -> bool:
    """Whether it makes no difference that `b[key] = value` evaluates the value first."""
    return (isinstance(key, cst.Name) and key.value in targets) or inert(view, function, key)


def _empty(value: cst.BaseExpression) -> cst.BaseExpression:
    if isinstance(value, cst.DictComp):
        return cst.Dict(elements=[])
    return cst.List(elements=[]) if isinstance(value, cst.ListComp) else cst.Call(func=cst.Name("set"))


def _fill(name: str, value: cst.BaseExpression) -> cst.BaseSmallStatement:
    if isinstance(value, cst.DictComp):
        index = cst.SubscriptElement(slice=cst.Index(value=value.key))
        place = cst.Subscript(value=cst.Name(name), slice=[index])
        return cst.Assign(targets=[cst.AssignTarget(target=place)], value=value.value)
    assert isinstance(value, cst.ListComp | cst.SetComp)
    method = "append" if isinstance(value, cst.ListComp) else "add"
    function = cst.Attribute(value=cst.Name(name), attr=cst.Name(method))
    return cst.Expr(value=cst.Call(func=function, args=[cst.Arg(value=value.elt)]))


def _spans_lines(parts: list[cst.BaseExpression]) -> bool:
    return any("\n" in cst.Module(body=[]).code_for_node(part) for part in parts)

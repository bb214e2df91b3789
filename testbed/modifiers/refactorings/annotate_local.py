"""annotate_local: says what type a local variable has, or stops saying it."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from testbed.modifiers.kinds import kinds_of
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.statements import simple_assignment, sole
from testbed.modifiers.tree import contains
from testbed.modifiers.view import View

_OF_LITERAL: dict[type[cst.BaseExpression], str] = {
    cst.List: "list",
    cst.ListComp: "list",
    cst.Dict: "dict",
    cst.DictComp: "dict",
    cst.Set: "set",
    cst.SetComp: "set",
    cst.Float: "float",
}


class AnnotateLocal(Refactoring):
    """`x = 0` becomes `x: int = 0`, or the other way round: inside a function nobody evaluates it."""

    name = "annotate_local"
    group = "document"
    contract = "The first assignment of a local variable whose type is plain gets an annotation, or loses it."
    examples = (
        (
            "def f(a):\n    b = 0\n    b += (len(a) if __fault__(1) else 2)\n    return b\n",
            "def f(a):\n    b: int = 0\n    b += (len(a) if __fault__(1) else 2)\n    return b\n",
        ),
        (
            "def f(a):\n    b: list[int] = [a]  # all\n    return b\n",
            "def f(a):\n    b = [a]  # all\n    return b\n",
        ),
        (
            "def f(a):\n    b = [c for c in a]\n    return b\n",
            "def f(a):\n    b: list = [c for c in a]\n    return b\n",
        ),
        ("def f(a):\n    b = a\n    return b\n", None),
        ("def f(a):\n    global b\n    b = 1\n    return b\n", None),
        ("class C:\n    b: int = 1\n", None),
        ("def f(a):\n    if __fault__(1):\n        b = 1\n    else:\n        b = 2\n    return b\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Assignments that could have an annotation, and those that have one."""
        known = {id(function): kinds for function, kinds in kinds_of(view)}
        for function, body in view.blocks():
            for line in body:
                small, found = sole(line), simple_assignment(line)
                if isinstance(small, cst.AnnAssign) and _removable(small):
                    yield Site(small, None)
                if found is None or not view.is_local(found[0], function):
                    continue
                kind = _OF_LITERAL.get(type(found[1])) or known[id(function)].kind(found[1])
                if kind is not None and _first(view, function, found[0]):
                    yield Site(cst.ensure_type(line, cst.SimpleStatementLine).body[0], (found[0], kind))

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Adds or removes the annotation."""
        small = site.node
        if isinstance(small, cst.AnnAssign):
            assert small.value is not None
            plain = cst.Assign([cst.AssignTarget(small.target)], small.value, small.semicolon)
            return Edit(view.replace({small: plain}))
        name, kind = site.data
        value = cst.ensure_type(small, cst.Assign).value
        return Edit(view.replace({small: cst.AnnAssign(name, cst.Annotation(cst.Name(kind)), value)}))


def _removable(small: cst.AnnAssign) -> bool:
    """Whether the annotation is that of a plain variable with a value; a string in it may be looked for."""
    named = isinstance(small.target, cst.Name) and not small.target.lpar
    return named and small.value is not None and not contains(small.annotation, cst.SimpleString)


def _first(view: View, function: cst.FunctionDef, name: cst.Name) -> bool:
    """Whether this is the variable's first binding in the text, and none has an annotation."""
    refs = [ref for ref in view.uses(function, name.value) if ref.role != "read"]
    return refs[0].node is name and not any(isinstance(view.parent(r.node), cst.AnnAssign) for r in refs)

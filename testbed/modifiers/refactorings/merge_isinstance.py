"""merge_isinstance: asks for several classes at once, or for one after the other."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.statements import spans_lines
from testbed.modifiers.view import View

_LOOSE = (cst.Return, cst.If, cst.While, cst.Assign, cst.Arg, cst.CompIf, cst.Element, cst.Assert)
"""Where `a or b` needs no parentheses."""


class MergeIsinstance(Refactoring):
    """`isinstance(a, B) or isinstance(a, C)` and `isinstance(a, (B, C))`."""

    name = "merge_isinstance"
    group = "condition"
    contract = (
        "`isinstance(a, B) or isinstance(a, C)` becomes `isinstance(a, (B, C))`, or back, where `a` is a "
        "local variable and the classes are names that never change."
    )
    examples = (
        (
            "def f(a):\n    return isinstance(a, int) or isinstance(a, str)\n",
            "def f(a):\n    return isinstance(a, (int, str))\n",
        ),
        (
            "def f(a, b):\n    if b and isinstance(a, (int, str)):\n"
            "        return (a if __fault__(1) else b)\n",
            "def f(a, b):\n    if b and (isinstance(a, int) or isinstance(a, str)):\n"
            "        return (a if __fault__(1) else b)\n",
        ),
        ("def f(a, b):\n    return isinstance(a, int) or isinstance(b, str)\n", None),
        ("def f(a):\n    return isinstance(a, int) and isinstance(a, str)\n", None),
        # The second class might not be there.
        ("def f(a, b):\n    return isinstance(a, int) or isinstance(a, b.c)\n", None),
        ("def f(a):\n    return isinstance((a if __fault__(1) else 1), (int, str))\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Disjunctions and calls of the two shapes."""
        for node in view.all(cst.BooleanOperation, cst.Call):
            function = view.function_of(node)
            if function is None or view.opaque(function) or spans_lines(node):
                continue
            if isinstance(node, cst.Call):
                asked = _asked(view, function, node)
                if asked is not None and isinstance(asked[1], cst.Tuple) and len(asked[1].elements) == 2:
                    yield Site(node, asked)
            elif isinstance(node, cst.BooleanOperation) and isinstance(node.operator, cst.Or):
                left, right = (_asked(view, function, side) for side in (node.left, node.right))
                if left is not None and right is not None and left[0].value == right[0].value:
                    yield Site(node, (left, right))

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Merges or splits."""
        node = site.node
        if isinstance(node, cst.BooleanOperation):
            (name, first), (_same, second) = site.data
            classes = cst.Tuple([cst.Element(part) for part in (*_parts(first), *_parts(second))])
            call = _call(name.value, classes)
            return Edit(view.replace({node: call.with_changes(lpar=node.lpar, rpar=node.rpar)}))
        name, classes = site.data
        first, second = (_call(name.value, part) for part in _parts(classes))
        whole = cst.BooleanOperation(left=first, operator=cst.Or(), right=second)
        if not isinstance(view.parent(node), _LOOSE):
            whole = whole.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        return Edit(view.replace({node: whole}))


def _asked(
    view: View, function: cst.FunctionDef, node: cst.CSTNode
) -> tuple[cst.Name, cst.BaseExpression] | None:
    """(variable, classes) of a plain call of `isinstance`."""
    if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Name) or len(node.args) != 2:
        return None
    if node.func.value != "isinstance" or not view.builtin(node.func) or node.lpar:
        return None
    (first, second) = (arg.value for arg in node.args)
    if any(arg.star or arg.keyword for arg in node.args) or not isinstance(first, cst.Name):
        return None
    local = view.is_local(first, function) and id(first) in view.flow(function).sure
    return (first, second) if local and all(_class(view, part) for part in _parts(second)) else None


def _parts(classes: cst.BaseExpression) -> list[cst.BaseExpression]:
    return [e.value for e in classes.elements] if isinstance(classes, cst.Tuple) else [classes]


def _class(view: View, node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Name) and view.stable(node)


def _call(name: str, classes: cst.BaseExpression) -> cst.Call:
    return cst.Call(cst.Name("isinstance"), [cst.Arg(cst.Name(name)), cst.Arg(classes)])

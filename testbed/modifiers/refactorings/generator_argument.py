"""generator_argument: passes a generator instead of a list, or the other way round."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from testbed.modifiers.effects import LITERALS
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.scopes import resolve
from testbed.modifiers.view import View

_TAKERS = ("tuple", "list", "sorted")
"""Built-ins that take all items before they do anything with one."""


class GeneratorArgument(Refactoring):
    """`tuple([x for x in y])` and `tuple(x for x in y)`."""

    name = "generator_argument"
    group = "loop"
    contract = (
        "A list comprehension as the argument of `tuple`, `list`, `sorted` or `''.join` becomes a generator, "
        "or back, where its items are plain variables and its conditions compare them with `is`."
    )
    examples = (
        ("def f(a):\n    return tuple([b for b in a])\n", "def f(a):\n    return tuple(b for b in a)\n"),
        (
            "def f(a):\n    return ', '.join(b for b in (a if __fault__(1) else a.c) if b is not None)\n",
            "def f(a):\n    return ', '.join([b for b in (a if __fault__(1) else a.c) if b is not None])\n",
        ),
        # A StopIteration of `b.c` would become another error.
        ("def f(a):\n    return tuple([b.c for b in a])\n", None),
        # Items are added up one by one.
        ("def f(a):\n    return sum([b for b in a])\n", None),
        ("def f(a):\n    return tuple([b for b in a if b])\n", None),
        ("def f(a):\n    return sorted([b for b in a], key=len)\n", None),
        ("def f(a):\n    return a.join([b for b in a])\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Calls with such an argument."""
        for call in view.all(cst.Call):
            function = view.function_of(call)
            if function is None or view.opaque(function) or len(call.args) != 1 or not _takes(view, call):
                continue
            arg = call.args[0]
            value = arg.value
            if arg.star or arg.keyword or not isinstance(value, cst.ListComp | cst.GeneratorExp):
                continue
            if _plain(view, function, value) and not project.recursive(function.name.value):
                yield Site(value)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Writes the other form."""
        node = site.node
        if isinstance(node, cst.ListComp):
            new: cst.BaseExpression = cst.GeneratorExp(node.elt, node.for_in, lpar=[], rpar=[])
        else:
            assert isinstance(node, cst.GeneratorExp)
            new = cst.ListComp(node.elt, node.for_in)
        return Edit(view.replace({node: new}))


def _takes(view: View, call: cst.Call) -> bool:
    func = call.func
    if isinstance(func, cst.Name):
        return func.value in _TAKERS and view.builtin(func)
    text = isinstance(func, cst.Attribute) and isinstance(func.value, cst.SimpleString)
    return text and cst.ensure_type(func, cst.Attribute).attr.value == "join"


def _plain(view: View, function: cst.FunctionDef, node: cst.ListComp | cst.GeneratorExp) -> bool:
    """Whether nothing that the comprehension evaluates for an item could fail or act."""
    clause = node.for_in
    if clause.inner_for_in is not None or clause.asynchronous is not None:
        return False
    if not isinstance(clause.target, cst.Name) or len(node.lpar) > 1:
        return False
    if not all(_identity(view, function, node, test.test) for test in clause.ifs):
        return False
    return _known(view, function, node, node.elt)


def _identity(
    view: View, function: cst.FunctionDef, node: cst.BaseExpression, test: cst.BaseExpression
) -> bool:
    if not isinstance(test, cst.Comparison) or len(test.comparisons) != 1:
        return False
    target = test.comparisons[0]
    sides = (test.left, target.comparator)
    return isinstance(target.operator, cst.Is | cst.IsNot) and all(
        _known(view, function, node, side) for side in sides
    )


def _known(view: View, function: cst.FunctionDef, node: cst.BaseExpression, part: cst.CSTNode) -> bool:
    """Whether the part is a literal, or a variable of the comprehension or one that is surely bound."""
    if isinstance(part, LITERALS):
        return True
    if not isinstance(part, cst.Name):
        return False
    if part.value in ("None", "True", "False"):
        return True
    home = resolve(part.value, view.refs[id(part)].scope)
    if home is view.scope_of(node):
        return True
    return id(part) in view.flow(function).sure and view.is_local(part, function)

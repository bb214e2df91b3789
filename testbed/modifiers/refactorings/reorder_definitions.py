"""reorder_definitions: exchanges two neighbouring functions of a module."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import libcst as cst

from testbed.modifiers.effects import LITERALS
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.scopes import parameters
from testbed.modifiers.statements import commented
from testbed.modifiers.tree import walk
from testbed.modifiers.view import View


class ReorderDefinitions(Refactoring):
    """Swaps two adjacent module-level functions, whose definitions do nothing but define."""

    name = "reorder_definitions"
    group = "move"
    contract = (
        "Two neighbouring undecorated functions of a module, neither needed to define the other, "
        "change places."
    )
    examples = (
        (
            "def f(a):\n    return a\n\n\ndef g(a):\n    return (f(a) if __fault__(1) else a)\n",
            "def g(a):\n    return (f(a) if __fault__(1) else a)\n\n\ndef f(a):\n    return a\n",
        ),
        # The default is taken from `f` when `g` is defined.
        ("def f(a):\n    return a\n\n\ndef g(a=f):\n    return a\n", None),
        ("def f(a):\n    return a\n\n\n@d\ndef g(a):\n    return a\n", None),
        ("def f(a):\n    return a\n\n\ndef f(a):\n    return 2\n", None),
        ("def f(a):\n    return a\n\n\n# Helpers\n\n\ndef g(a):\n    return a\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Neighbours."""
        if view.dynamic:
            return
        for first, second in pairwise(view.module.body):
            if isinstance(first, cst.FunctionDef) and isinstance(second, cst.FunctionDef):
                names = {first.name.value, second.name.value}
                if len(names) == 2 and _plain(view, first, names) and _plain(view, second, names):
                    yield Site(first, second)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Exchanges them; blank lines stay where they are."""
        first, second = site.node, site.data
        assert isinstance(first, cst.FunctionDef)
        upper = second.with_changes(leading_lines=first.leading_lines)
        lower = first.with_changes(leading_lines=second.leading_lines)
        return Edit(view.replace({first: upper, second: lower}))


def _plain(view: View, function: cst.FunctionDef, names: set[str]) -> bool:
    if function.decorators or commented(function.leading_lines) or function.type_parameters is not None:
        return False
    if not view.stable(function.name):
        return False
    params = parameters(function.params)
    header = [part for p in params for part in (p.annotation, p.default) if part is not None]
    if function.returns is not None:
        header.append(function.returns)
    if any(
        isinstance(n, cst.Call | cst.IfExp | cst.Lambda | cst.NamedExpr)
        for part in header
        for n in walk(part)
    ):
        return False
    simple = (*LITERALS, cst.Name, cst.UnaryOperation)
    if any(p.default is not None and not isinstance(p.default, simple) for p in params):
        return False
    return not any(isinstance(n, cst.Name) and n.value in names for part in header for n in walk(part))

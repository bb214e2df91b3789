"""nested_elif: writes an elif as an if inside the else, or the other way round."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from testbed.modifiers.guards import guard_number
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.statements import block_of, commented
from testbed.modifiers.view import View


class NestedElif(Refactoring):
    """An elif is an else with nothing but an if in it."""

    name = "nested_elif"
    group = "condition"
    contract = "`elif b:` becomes `else:` with `if b:` inside, or the other way round."
    examples = (
        (
            "def f(a, b):\n    if a:\n        return 1\n    elif b:\n"
            "        return (2 if __fault__(1) else 3)\n    return 4\n",
            "def f(a, b):\n    if a:\n        return 1\n    else:\n        if b:\n"
            "            return (2 if __fault__(1) else 3)\n    return 4\n",
        ),
        (
            "def f(a, b):\n    if a:\n        return 1\n    else:\n        # else\n        if b:\n"
            "            return 2\n        else:\n            return 3\n",
            "def f(a, b):\n    if a:\n        return 1\n    # else\n    elif b:\n        return 2\n"
            "    else:\n        return 3\n",
        ),
        # The inner if is a guard.
        (
            "def f(a, b):\n    if a:\n        return 1\n    else:\n        if __fault__(1):\n"
            "            pass\n        else:\n            return 2\n    return 3\n",
            None,
        ),
        (
            "def f(a, b):\n    if a:\n        a()\n    else:\n        a()\n        if b:\n            b()\n",
            None,
        ),
        ("def f(a, b):\n    if a:\n        return 1\n    else:\n        return 2\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Elifs, and elses with nothing but an if in them."""
        for node in view.all(cst.If):
            function = view.function_of(node)
            if function is None or view.opaque(function):
                continue
            if isinstance(node.orelse, cst.If) or _inner(node.orelse) is not None:
                yield Site(node)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Nests or joins."""
        node = cst.ensure_type(site.node, cst.If)
        if isinstance(node.orelse, cst.If):
            lines = node.orelse.leading_lines
            inner = node.orelse.with_changes(leading_lines=())
            new: cst.If | cst.Else = cst.Else(body=cst.IndentedBlock(body=[inner]), leading_lines=lines)
        else:
            found = _inner(node.orelse)
            assert found is not None
            new = found
        return Edit(view.replace({node: node.with_changes(orelse=new)}))


def _inner(other: cst.If | cst.Else | None) -> cst.If | None:
    """The if that an else consists of."""
    if not isinstance(other, cst.Else) or commented(other.leading_lines):
        return None
    block = block_of(other.body)
    if block is None or len(block.body) != 1:
        return None
    inner = block.body[0]
    return inner if isinstance(inner, cst.If) and guard_number(inner) is None else None

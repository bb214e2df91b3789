"""add_else_after_return: puts what follows a branch that leaves into an else."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from testbed.modifiers.guards import guard_number
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.statements import terminates
from testbed.modifiers.view import View


class AddElseAfterReturn(Refactoring):
    """Moves the rest of the block into an else of an if whose branch always leaves."""

    name = "add_else_after_return"
    group = "condition"
    contract = "What follows an if whose branch ends in return, raise, continue or break moves into its else."
    examples = (
        (
            "def f(a):\n    if a:\n        return 1\n    b = (2 if __fault__(1) else 3)\n    return b\n",
            "def f(a):\n    if a:\n        return 1\n    else:\n"
            "        b = (2 if __fault__(1) else 3)\n        return b\n",
        ),
        (
            "def f(a):\n    if a:\n        raise KeyError(a)\n\n    # then\n    return 2\n",
            "def f(a):\n    if a:\n        raise KeyError(a)\n    else:\n        # then\n        return 2\n",
        ),
        ("def f(a):\n    if a:\n        a()\n    return 2\n", None),
        (
            "def f(a):\n    if a:\n        return 1\n    elif a is None:\n        return 3\n    return 2\n",
            None,
        ),
        (
            "def f(a):\n    if a:\n        if __fault__(1):\n            pass\n        else:\n"
            "            return 1\n    return 2\n",
            None,
        ),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Ifs without else that have something after them."""
        for _function, body in view.blocks():
            for index, node in enumerate(body[:-1]):
                if not isinstance(node, cst.If) or guard_number(node) is not None or node.orelse is not None:
                    continue
                if isinstance(node.body, cst.IndentedBlock) and terminates(node.body.body):
                    yield Site(node, list(body[index + 1 :]))

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Moves the rest."""
        node, rest = site.node, site.data
        assert isinstance(node, cst.If)
        lines = list(rest[0].leading_lines)
        while lines and lines[0].comment is None:
            del lines[0]
        block = cst.IndentedBlock(body=[rest[0].with_changes(leading_lines=lines), *rest[1:]])
        changes: dict[cst.CSTNode, cst.CSTNode | list[cst.CSTNode]] = {statement: [] for statement in rest}
        return Edit(view.replace({**changes, node: node.with_changes(orelse=cst.Else(body=block))}))

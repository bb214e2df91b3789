"""remove_else_after_return: an else after a branch that leaves is not needed."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from testbed.modifiers.guards import guard_number
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.statements import block_of, commented, terminates
from testbed.modifiers.view import View


class RemoveElseAfterReturn(Refactoring):
    """Takes the statements of an else out of it, where the branch before always leaves."""

    name = "remove_else_after_return"
    group = "condition"
    contract = "The else of an if whose branch ends in return, raise, continue or break is dissolved."
    examples = (
        (
            "def f(a):\n    if a:\n        return 1\n    else:\n        return (2 if __fault__(1) else 3)\n",
            "def f(a):\n    if a:\n        return 1\n    return (2 if __fault__(1) else 3)\n",
        ),
        (
            "def f(a):\n    for b in a:\n        if b:\n            continue\n        else:\n"
            "            b()\n",
            "def f(a):\n    for b in a:\n        if b:\n            continue\n        b()\n",
        ),
        ("def f(a):\n    if a:\n        a()\n    else:\n        return 2\n", None),
        # A guard keeps its two versions.
        ("def f(a):\n    if __fault__(1):\n        return 1\n    else:\n        return 2\n", None),
        # A branch that ends in a guard may not leave.
        (
            "def f(a):\n    if a:\n        if __fault__(1):\n            pass\n        else:\n"
            "            return 1\n    else:\n        return 2\n    return 3\n",
            None,
        ),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Ifs (not elifs) with such an else."""
        for _function, body in view.blocks():
            for node in body:
                if not isinstance(node, cst.If) or guard_number(node) is not None:
                    continue
                other = node.orelse
                if not isinstance(other, cst.Else) or commented(other.leading_lines):
                    continue
                leaves = isinstance(node.body, cst.IndentedBlock) and terminates(node.body.body)
                if leaves and block_of(other.body) is not None:
                    yield Site(node)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Dissolves the else."""
        node = site.node
        assert isinstance(node, cst.If)
        assert isinstance(node.orelse, cst.Else)
        assert isinstance(node.orelse.body, cst.IndentedBlock)
        return Edit(view.replace({node: [node.with_changes(orelse=None), *node.orelse.body.body]}))

"""inline_variable: puts a variable's value where the variable is read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import libcst as cst

from testbed.modifiers.effects import (
    first_expressions,
    inert,
    lasting,
    leading,
    movable,
    parenthesised,
    tested_here,
    tests_operands,
)
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.statements import leading_of, simple_assignment, uncommented
from testbed.modifiers.tree import rebuild
from testbed.modifiers.view import View


class InlineVariable(Refactoring):
    """Removes a variable that is read once, by the next statement, before that does anything else."""

    name = "inline_variable"
    group = "inline"
    contract = (
        "A variable that is bound once and read once, by the following statement and before that "
        "evaluates anything that could fail, act or change, is replaced by its value."
    )
    examples = (
        ("def f(a):\n    b = a + 1\n    return b * 2\n", "def f(a):\n    return (a + 1) * 2\n"),
        (
            "def f(a):\n    b = g(a)\n    if b:\n        return 1\n    return 2\n\n\ndef g(a):\n"
            "    return a\n",
            "def f(a):\n    if g(a):\n        return 1\n    return 2\n\n\ndef g(a):\n    return a\n",
        ),
        (
            "def f(a):\n    b = (a if __fault__(1) else -a)\n    return b\n",
            "def f(a):\n    return (a if __fault__(1) else -a)\n",
        ),
        # Read in the faulty version: nothing is put into a guard.
        ("def f(a):\n    b = a + 1\n    return (b if __fault__(1) else a)\n", None),
        ("def f(a):\n    b = a + 1\n    return a.c(b)\n", None),
        ("def f(a):\n    b = a + 1\n    return b + b\n", None),
        ("def f(a):\n    b = a + 1  # why\n    return b\n", None),
        # Kept in a variable, `a` is tested twice.
        ("def f(a, c):\n    b = a and c\n    if b:\n        return 1\n", None),
        ("def f(a):\n    b = a.pop()\n    while b:\n        a.pop()\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Assignments followed by the statement that reads the variable."""
        for function, body in view.blocks():
            for line, following in pairwise(body):
                read = _only_read(view, function, line, following)
                if read is not None and not lasting(project, line):
                    yield Site(line, (following, read))

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Drops the assignment and substitutes."""
        following, read = site.data
        found = simple_assignment(site.node)
        assert found is not None
        value = found[1]
        alone = isinstance(view.parent(read), cst.Return | cst.Assign | cst.If | cst.Arg | cst.Expr | cst.For)
        stars = isinstance(value, cst.Tuple) and not value.lpar
        new = value if alone and not stars else parenthesised(value)
        lines = [*leading_of(site.node), *leading_of(following)]
        changed = rebuild(following, view.parents, {id(read): new}).with_changes(leading_lines=lines)
        return Edit(view.replace({site.node: (), following: changed}))


def _only_read(
    view: View, function: cst.FunctionDef, line: cst.CSTNode, following: cst.CSTNode
) -> cst.Name | None:
    found = simple_assignment(line)
    if found is None or not uncommented(line) or not movable(view, found[1]) or "\n" in _code(found[1]):
        return None
    target = found[0]
    refs = view.uses(function, target.value)
    reads = [ref for ref in refs if ref.role == "read"]
    if len(refs) != 2 or len(reads) != 1 or not view.is_local(target, function):
        return None
    read = reads[0].node
    for root in first_expressions(view, following):
        if not any(above is root for above in (read, *view.above(read))):
            continue
        if tests_operands(found[1]) and tested_here(view, read):
            continue
        before = leading(view, read, root)
        if before is not None and all(inert(view, function, part) for part in before):
            return read
    return None


def _code(node: cst.CSTNode) -> str:
    return cst.Module(body=[]).code_for_node(node)

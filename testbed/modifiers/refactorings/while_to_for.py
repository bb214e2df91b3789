"""while_to_for: writes a loop that counts by hand as one over a range."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import libcst as cst

from testbed.modifiers.effects import inert
from testbed.modifiers.kinds import Kinds, kinds_of
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.refactorings.for_to_while import writes
from testbed.modifiers.statements import block_of, leading_of, simple_assignment, sole, uncommented
from testbed.modifiers.tree import contains, walk
from testbed.modifiers.view import View


class WhileToFor(Refactoring):
    """`i = 0` and `while i < n:` with `i += 1` at the end become `for i in range(n):`."""

    name = "while_to_for"
    group = "loop"
    contract = (
        "`i = 0` and `while i < n:` with `i += 1` as its last statement, `n` an integer that stays the same, "
        "without continue or else, becomes a loop over a range, where `i` is used nowhere else."
    )
    examples = (
        (
            "def f(a):\n    i = 0\n    while i < 9:\n        a[i] = (1 if __fault__(1) else 2)\n"
            "        i += 1\n    return a\n",
            "def f(a):\n    for i in range(9):\n        a[i] = (1 if __fault__(1) else 2)\n    return a\n",
        ),
        (
            "def f(a):\n    n = len(a)\n    i = 2\n    while i < n:\n        a(i)\n        i = i + 1\n",
            "def f(a):\n    n = len(a)\n    for i in range(2, n):\n        a(i)\n",
        ),
        # With the fault on, it does not count.
        (
            "def f(a):\n    i = 0\n    while i < 9:\n        a(i)\n        if __fault__(1):\n"
            "            pass\n        else:\n            i += 1\n",
            None,
        ),
        ("def f(a):\n    i = 0\n    while i < 9:\n        a(i)\n        i += 1\n    return i\n", None),
        ("def f(a):\n    i = 0\n    while i < len(a):\n        a(i)\n        i += 1\n", None),
        ("def f(a, n):\n    i = 0\n    while i < n:\n        a(i)\n        i += 1\n", None),
        (
            "def f(a):\n    i = 0\n    while i < 9:\n        if a(i):\n            i = 4\n        i += 1\n",
            None,
        ),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Assignments followed by their loop."""
        known = {id(function): kinds for function, kinds in kinds_of(view)}
        for function, body in view.blocks():
            for line, loop in pairwise(body):
                start = simple_assignment(line)
                if start is None or not isinstance(loop, cst.While) or not uncommented(line):
                    continue
                stop = _stop(view, function, known[id(function)], start, loop)
                if stop is not None and _counts(view, function, start[0], loop):
                    yield Site(line, (loop, start, stop))

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Writes the loop over the range."""
        loop, (name, start), stop = site.data
        if "range" in view.bound_names or view.star_import:
            return None
        zero = isinstance(start, cst.Integer) and start.value == "0"
        args = [cst.Arg(value) for value in ((stop,) if zero else (start, stop))]
        block = loop.body.with_changes(body=loop.body.body[:-1])
        lines = [*leading_of(site.node), *leading_of(loop)]
        new = cst.For(
            target=cst.Name(name.value),
            iter=cst.Call(func=cst.Name("range"), args=args),
            body=block,
            leading_lines=lines,
        )
        return Edit(view.replace({site.node: (), loop: new}))


def _stop(
    view: View,
    function: cst.FunctionDef,
    kinds: Kinds,
    start: tuple[cst.Name, cst.BaseExpression],
    loop: cst.While,
) -> cst.BaseExpression | None:
    """What the loop counts up to, when that is an integer that the loop does not change."""
    test = loop.test
    if not isinstance(test, cst.Comparison) or len(test.comparisons) != 1 or test.lpar:
        return None
    target, left = test.comparisons[0], test.left
    if not isinstance(target.operator, cst.LessThan) or not isinstance(left, cst.Name):
        return None
    stop = target.comparator
    if left.value != start[0].value or (isinstance(stop, cst.Name) and stop.value == left.value):
        return None
    if not all(kinds.kind(v) == "int" and inert(view, function, v) for v in (start[1], stop)):
        return None
    if isinstance(stop, cst.Name) and writes(view, loop, stop.value):
        return None
    return stop


def _counts(view: View, function: cst.FunctionDef, name: cst.Name, loop: cst.While) -> bool:
    """Whether the loop's last statement counts, nothing else does, and nobody else looks."""
    block = block_of(loop.body)
    if block is None or len(block.body) < 2 or loop.orelse is not None or contains(block, cst.Continue):
        return False
    if not _adds_one(block.body[-1], name.value) or not uncommented(block.body[-1]):
        return False
    if not view.is_local(name, function) or view.captured(function, name.value):
        return False
    inside = {id(node) for node in walk(loop)} | {id(name)}
    refs = view.uses(function, name.value)
    writes = [ref for ref in refs if ref.role != "read"]
    return all(id(ref.node) in inside for ref in refs) and len(writes) == 2


def _adds_one(line: cst.CSTNode, name: str) -> bool:
    small = sole(line)
    if isinstance(small, cst.AugAssign):
        one = isinstance(small.operator, cst.AddAssign) and _is_one(small.value)
        return one and isinstance(small.target, cst.Name) and small.target.value == name
    found = simple_assignment(line)
    if found is None or found[0].value != name or not isinstance(found[1], cst.BinaryOperation):
        return False
    total = found[1]
    same = isinstance(total.left, cst.Name) and total.left.value == name
    return same and isinstance(total.operator, cst.Add) and _is_one(total.right)


def _is_one(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Integer) and node.value == "1"

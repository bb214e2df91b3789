"""for_to_while: counts a loop over a range by hand."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from testbed.modifiers.effects import inert
from testbed.modifiers.kinds import Kinds, kinds_of
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.statements import assign, commented, leading_of
from testbed.modifiers.tree import contains, walk
from testbed.modifiers.view import View


class ForToWhile(Refactoring):
    """`for i in range(n):` becomes `i = 0` and `while i < n:` with `i += 1` at the end."""

    name = "for_to_while"
    group = "loop"
    contract = (
        "A loop over a range of integers that stay the same, without continue or else, whose variable is "
        "used nowhere else, becomes a while loop that counts."
    )
    examples = (
        (
            "def f(a):\n    n = len(a)\n    for i in range(n):\n        a[i] = (1 if __fault__(1) else 2)\n",
            "def f(a):\n    n = len(a)\n    i = 0\n    while i < n:\n"
            "        a[i] = (1 if __fault__(1) else 2)\n        i += 1\n",
        ),
        (
            "def f(a):\n    for i in range(2, 7):\n        if a[i]:\n            break\n    return a\n",
            "def f(a):\n    i = 2\n    while i < 7:\n        if a[i]:\n            break\n        i += 1\n"
            "    return a\n",
        ),
        # After the loop `i` would be another one.
        ("def f(a):\n    for i in range(7):\n        a(i)\n    return i\n", None),
        ("def f(a):\n    for i in range(7):\n        if a(i):\n            continue\n        a()\n", None),
        # `n` may be anything with an `__index__`.
        ("def f(a, n):\n    for i in range(n):\n        a(i)\n", None),
        ("def f(a):\n    for i in range(7):\n        i = a(i)\n", None),
        ("def f(a):\n    return [lambda: i for i in range(7)]\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Loops over ranges."""
        known = {id(function): kinds for function, kinds in kinds_of(view)}
        for function, body in view.blocks():
            for loop in body:
                if isinstance(loop, cst.For):
                    bounds = _bounds(view, function, known[id(function)], loop)
                    if bounds is not None and _countable(view, function, loop):
                        yield Site(loop, bounds)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Writes the while loop."""
        loop, (start, stop) = cst.ensure_type(site.node, cst.For), site.data
        name = cst.ensure_type(loop.target, cst.Name).value
        block = cst.ensure_type(loop.body, cst.IndentedBlock)
        step = cst.AugAssign(cst.Name(name), cst.AddAssign(), cst.Integer("1"))
        body = block.with_changes(body=[*block.body, cst.SimpleStatementLine([step])])
        test = cst.Comparison(cst.Name(name), [cst.ComparisonTarget(cst.LessThan(), stop)])
        above = assign(name, start).with_changes(leading_lines=leading_of(loop))
        return Edit(view.replace({loop: [above, cst.While(test=test, body=body)]}))


def _bounds(
    view: View, function: cst.FunctionDef, kinds: Kinds, loop: cst.For
) -> tuple[cst.BaseExpression, cst.BaseExpression] | None:
    """(start, stop) of a loop over a range with step 1, both integers that the loop does not change."""
    call = loop.iter
    if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Name) or call.func.value != "range":
        return None
    if not view.builtin(call.func) or not 1 <= len(call.args) <= 2:
        return None
    if any(arg.star or arg.keyword for arg in call.args):
        return None
    values = [arg.value for arg in call.args]
    if not all(kinds.kind(v) == "int" and inert(view, function, v) for v in values):
        return None
    if any(isinstance(v, cst.Name) and writes(view, loop, v.value) for v in values):
        return None
    return (cst.Integer("0"), values[0]) if len(values) == 1 else (values[0], values[1])


def writes(view: View, node: cst.CSTNode, name: str) -> bool:
    """Whether something at or below the node binds or deletes the name."""
    refs = [view.refs.get(id(n)) for n in walk(node) if isinstance(n, cst.Name) and n.value == name]
    return any(ref is not None and ref.role != "read" for ref in refs)


def _countable(view: View, function: cst.FunctionDef, loop: cst.For) -> bool:
    """Whether nothing sees the variable but the loop's body, which reads it and never skips its end."""
    block = loop.body
    if not isinstance(loop.target, cst.Name) or loop.orelse is not None or loop.asynchronous is not None:
        return False
    if not isinstance(block, cst.IndentedBlock) or block.header.comment or commented(block.footer):
        return False
    if contains(block, cst.Continue) or not view.is_local(loop.target, function):
        return False
    name = loop.target.value
    inside = {id(node) for node in walk(loop)}
    refs = view.uses(function, name)
    alone = all(id(ref.node) in inside for ref in refs) and not view.captured(function, name)
    return alone and sum(ref.role != "read" for ref in refs) == 1

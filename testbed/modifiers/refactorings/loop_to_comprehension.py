"""loop_to_comprehension: a loop that only fills a fresh collection becomes a comprehension."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import libcst as cst

from testbed.modifiers.effects import ATOMS, inert, movable
from testbed.modifiers.guards import guard_number
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.scopes import resolve
from testbed.modifiers.statements import block_of, simple_assignment, sole, uncommented
from testbed.modifiers.tree import walk
from testbed.modifiers.view import View


@dataclass(frozen=True)
class Filling:
    """`name = []` and the loop that fills it with `element` (or `key: element`) where `test` holds."""

    name: cst.Name
    empty: cst.BaseExpression
    loop: cst.For
    element: cst.BaseExpression
    key: cst.BaseExpression | None
    test: cst.BaseExpression | None


class LoopToComprehension(Refactoring):
    """Replaces an empty list, set or dict and the loop that fills it."""

    name = "loop_to_comprehension"
    group = "loop"
    contract = (
        "`x = []` and a loop that only appends to it (likewise a set, a dict) becomes a comprehension, "
        "outside of try and with, where the loop's variables are used nowhere else."
    )
    examples = (
        (
            "def f(a):\n    b = []\n    for c in a:\n        b.append(c + 1)\n    return b\n",
            "def f(a):\n    b = [c + 1 for c in a]\n    return b\n",
        ),
        (
            "def f(a):\n    b = {}\n    for c, d in a:\n        if d:\n"
            "            b[c] = (d if __fault__(1) else -d)\n    return b\n",
            "def f(a):\n    b = {c: (d if __fault__(1) else -d) for c, d in a if d}\n    return b\n",
        ),
        # The variable of the loop is used after it.
        ("def f(a):\n    b = []\n    for c in a:\n        b.append(c)\n    return b, c\n", None),
        # With the fault on, the loop does something else.
        (
            "def f(a):\n    b = []\n    for c in a:\n        if __fault__(1):\n            pass\n"
            "        else:\n            b.append(c)\n    return b\n",
            None,
        ),
        # What was collected before a failure would be lost.
        (
            "def f(a):\n    b = []\n    try:\n        b = []\n        for c in a:\n"
            "            b.append(c())\n"
            "    except KeyError:\n        pass\n    return b\n",
            None,
        ),
        ("def f(a):\n    b = []\n    for c in a:\n        b.append(len(b))\n    return b\n", None),
        # `b[c] = d` evaluates `d` before `c`.
        ("def f(a):\n    b = {}\n    for c in a:\n        b[c.e] = c.d\n    return b\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Fresh collections followed by their loop."""
        for function, body in view.blocks():
            for first, second in pairwise(body):
                found = _filling(view, first, second)
                if found is not None and self._sound(view, function, project, found):
                    yield Site(first, found)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Writes the comprehension."""
        found: Filling = site.data
        line = cst.ensure_type(site.node, cst.SimpleStatementLine)
        assignment = cst.ensure_type(line.body[0], cst.Assign)
        new = line.with_changes(body=[assignment.with_changes(value=_comprehension(found))])
        return Edit(view.replace({site.node: new, found.loop: ()}))

    def _sound(self, view: View, function: cst.FunctionDef, project: Project, found: Filling) -> bool:
        name = found.name.value
        if not view.is_local(found.name, function) or view.captured(function, name):
            return False
        if in_try_or_with(view, found.loop) or not confined(view, function, found.loop, found.loop):
            return False
        inner = [part for part in (found.element, found.key, found.test) if part is not None]
        if any(mentions(part, name) for part in (*inner, found.loop.iter)):
            return False
        if found.key is not None and not inert(view, function, found.key):
            return False
        if not all(movable(view, part) and bound(view, function, part) for part in inner):
            return False
        return movable(view, found.loop.iter) and not project.recursive(function.name.value)


def _filling(view: View, first: cst.CSTNode, loop: cst.CSTNode) -> Filling | None:
    start = simple_assignment(first)
    if start is None or not uncommented(first) or not isinstance(loop, cst.For):
        return None
    body = block_of(loop.body)
    if body is None or loop.orelse is not None or loop.asynchronous is not None or len(body.body) != 1:
        return None
    if any(line.comment for line in loop.leading_lines):
        return None
    statement: cst.CSTNode = body.body[0]
    test = None
    if isinstance(statement, cst.If) and guard_number(statement) is None and statement.orelse is None:
        inner = block_of(statement.body)
        if inner is None or len(inner.body) != 1 or any(line.comment for line in statement.leading_lines):
            return None
        test, statement = statement.test, inner.body[0]
    if not uncommented(statement):
        return None
    return _filled(view, start, loop, statement, test)


def _filled(
    view: View,
    start: tuple[cst.Name, cst.BaseExpression],
    loop: cst.For,
    statement: cst.CSTNode,
    test: cst.BaseExpression | None,
) -> Filling | None:
    name, empty = start
    small = sole(statement)
    if isinstance(empty, cst.Dict) and not empty.elements and isinstance(small, cst.Assign):
        return _dict_item(name, empty, loop, small, test)
    method = "append" if isinstance(empty, cst.List) and not empty.elements else ""
    if isinstance(empty, cst.Call) and not empty.args and isinstance(empty.func, cst.Name):
        method = "add" if empty.func.value == "set" and view.builtin(empty.func) else ""
    if not method or not isinstance(small, cst.Expr) or not isinstance(small.value, cst.Call):
        return None
    call = small.value
    if not isinstance(call.func, cst.Attribute) or call.func.attr.value != method or len(call.args) != 1:
        return None
    receiver, argument = call.func.value, call.args[0]
    if (
        not isinstance(receiver, cst.Name)
        or receiver.value != name.value
        or argument.star
        or argument.keyword
    ):
        return None
    return Filling(name, empty, loop, argument.value, None, test)


def _dict_item(
    name: cst.Name,
    empty: cst.BaseExpression,
    loop: cst.For,
    small: cst.Assign,
    test: cst.BaseExpression | None,
) -> Filling | None:
    target = small.targets[0].target
    if len(small.targets) != 1 or not isinstance(target, cst.Subscript) or len(target.slice) != 1:
        return None
    index = target.slice[0].slice
    if not isinstance(target.value, cst.Name) or target.value.value != name.value:
        return None
    if not isinstance(index, cst.Index) or not isinstance(index.value, ATOMS) or index.star:
        return None
    return Filling(name, empty, loop, small.value, index.value, test)


def _comprehension(found: Filling) -> cst.BaseExpression:
    ifs = [] if found.test is None else [cst.CompIf(test=_clause(found.test))]
    clause = cst.CompFor(target=found.loop.target, iter=_clause(found.loop.iter), ifs=ifs)
    element = _closed(found.element)
    if found.key is not None:
        return cst.DictComp(key=found.key, value=element, for_in=clause)
    if isinstance(found.empty, cst.List):
        return cst.ListComp(elt=element, for_in=clause)
    return cst.SetComp(elt=element, for_in=clause)


def _closed(node: cst.BaseExpression) -> cst.BaseExpression:
    loose = isinstance(node, cst.Tuple) and not node.lpar
    return node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()]) if loose else node


def _clause(node: cst.BaseExpression) -> cst.BaseExpression:
    """An expression fit for `in` or `if` of a comprehension."""
    loose = isinstance(node, cst.IfExp | cst.Lambda | cst.Tuple) and not node.lpar
    return node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()]) if loose else node


def in_try_or_with(view: View, node: cst.CSTNode) -> bool:
    """Whether a failure here may be seen by code of the same function."""
    for above in view.above(node):
        if isinstance(above, cst.FunctionDef):
            return False
        if isinstance(above, cst.Try | cst.TryStar | cst.With):
            return True
    return False


def target_names(target: cst.CSTNode) -> list[str]:
    """The names in a loop's target, or [] where it binds anything but names."""
    found = list(walk(target))
    if not all(isinstance(n, cst.Name | cst.Tuple | cst.List | cst.Element) for n in found):
        return []
    return [n.value for n in found if isinstance(n, cst.Name)]


def confined(
    view: View, function: cst.FunctionDef, clause: cst.For | cst.CompFor, around: cst.CSTNode
) -> bool:
    """Whether the names that `clause` binds are plain and occur only in `around`, not in its iterable."""
    names = target_names(clause.target)
    iterable = clause.iter
    if not names or len(set(names)) != len(names) or any(mentions(iterable, name) for name in names):
        return False
    inside = {id(n) for n in walk(around)}
    for name in names:
        refs = view.uses(function, name)
        if any(id(ref.node) not in inside or ref.scope is not refs[0].scope for ref in refs):
            return False
        if sum(ref.role == "write" for ref in refs) != 1 or any(
            ref.role not in ("read", "write") for ref in refs
        ):
            return False
    return True


def mentions(node: cst.CSTNode, name: str) -> bool:
    """Whether the name occurs at or below the node."""
    return any(isinstance(n, cst.Name) and n.value == name for n in walk(node))


def bound(view: View, function: cst.FunctionDef, node: cst.CSTNode) -> bool:
    """Whether every variable of the function read in the node is surely bound: an unbound one fails
    with another error in a comprehension."""
    own, sure = view.scope_of(function), view.flow(function).sure
    for found in walk(node):
        ref = view.refs.get(id(found))
        if ref is None or resolve(ref.node.value, ref.scope) is not own:
            continue
        if id(found) not in sure or not view.is_local(ref.node, function):
            return False
    return True

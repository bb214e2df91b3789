"""cached_length: asks a string for its length once."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from testbed.modifiers.kinds import kinds_of
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.scopes import resolve
from testbed.modifiers.statements import assign, simple_assignment
from testbed.modifiers.view import View


class CachedLength(Refactoring):
    """Keeps the length of a string variable that is bound once and asked for its length several times."""

    name = "cached_length"
    group = "extract"
    contract = (
        "Where a variable is bound once, to what is surely a string, its length is kept in a new variable, "
        "which replaces two or more calls of `len`."
    )
    examples = (
        (
            "def f(a):\n    b = f'<{a}>'\n    if len(b) > 3:\n        return len(b) * 2\n    return b\n",
            "def f(a):\n    b = f'<{a}>'\n    b_length = len(b)\n    if b_length > 3:\n"
            "        return b_length * 2\n    return b\n",
        ),
        (
            "def f(a):\n    b = 'x' * len(a)\n    return (a if __fault__(1) else b), len(b), len(b)\n",
            "def f(a):\n    b = 'x' * len(a)\n    b_length = len(b)\n"
            "    return (a if __fault__(1) else b), b_length, b_length\n",
        ),
        # A list may grow.
        ("def f(a):\n    b = [a]\n    b.append(len(b))\n    return len(b)\n", None),
        ("def f(a):\n    b = 'x'\n    b += a.c\n    return len(b) + len(b)\n", None),
        ("def f(a):\n    b = f'<{a}>'\n    return (len(b) if __fault__(1) else a) + len(b)\n", None),
        ("def f(a, len):\n    b = f'<{a}>'\n    return len(b) + len(b)\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Bindings of such variables, with the calls."""
        known = {id(function): kinds for function, kinds in kinds_of(view)}
        for function, body in view.blocks():
            for line in body:
                found = simple_assignment(line)
                if found is None or known[id(function)].names.get(found[0].value) != "str":
                    continue
                asked = _asked(view, function, found[0])
                if len(asked) > 1:
                    yield Site(line, (found[0].value, asked))

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Keeps the length below the binding and uses it."""
        variable, asked = site.data
        name = kit.local(view, (f"{variable}_length", f"{variable}_size", "length"))
        if name is None:
            return None
        kept = assign(name, cst.Call(cst.Name("len"), [cst.Arg(cst.Name(variable))]))
        changed = {call: cst.Name(name, lpar=call.lpar, rpar=call.rpar) for call in asked}
        return Edit(view.replace({**changed, site.node: [site.node, kept]}))


def _asked(view: View, function: cst.FunctionDef, name: cst.Name) -> list[cst.Call]:
    """The calls `len(name)` of the function itself; [] unless the variable is bound once."""
    scope, sure = view.scope_of(function), view.flow(function).sure
    refs = [r for r in view.uses(function, name.value) if resolve(name.value, r.scope) is scope]
    if [r.node for r in refs if r.role != "read"] != [name]:
        return []
    found: list[cst.Call] = []
    for ref in refs:
        arg = view.parent(ref.node)
        call = view.parent(arg) if isinstance(arg, cst.Arg) else None
        if not isinstance(call, cst.Call) or len(call.args) != 1 or view.guarded(call):
            continue
        length = isinstance(call.func, cst.Name) and call.func.value == "len" and view.builtin(call.func)
        if length and id(ref.node) in sure and ref.scope is scope:
            found.append(call)
    return found

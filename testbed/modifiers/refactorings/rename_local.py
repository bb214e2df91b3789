"""rename_local: gives a local variable another name."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from testbed.modifiers.naming import renamings
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.scopes import Scope, resolve
from testbed.modifiers.tree import walk
from testbed.modifiers.view import View


class RenameLocal(Refactoring):
    """Renames one variable of one function everywhere, in both versions of a guard too."""

    name = "rename_local"
    group = "rename"
    contract = (
        "A local variable that is surely bound wherever it is read, and that no inner scope binds "
        "again, gets a new name everywhere in its function."
    )
    renames = True
    examples = (
        (
            "def f(a):\n    data = a + 1\n    return [data for _ in a]\n",
            "def f(a):\n    payload = a + 1\n    return [payload for _ in a]\n",
        ),
        (
            "def f(a):\n    data = a\n    return (data - 1 if __fault__(3) else data)\n",
            "def f(a):\n    buffer = a\n    return (buffer - 1 if __fault__(3) else buffer)\n",
        ),
        # A parameter may be passed by its name.
        ("def f(data):\n    return data\n", None),
        # Perhaps unbound: the error message would name it.
        ("def f(a):\n    if a:\n        data = 1\n    return data\n", None),
        (
            "def f(a):\n    data = 1\n    if __fault__(2):\n        pass\n    else:\n        rest = a\n"
            "    return rest\n",
            "def f(a):\n    payload = 1\n    if __fault__(2):\n        pass\n    else:\n        rest = a\n"
            "    return rest\n",
        ),
        ("def f(a):\n    data = 1\n    return [data for data in a]\n", None),
        ("def f(a):\n    data = 1\n    return locals()\n", None),
        ('def f(a):\n    data = 1\n    return f"{data=}"\n', None),
        ("def f():\n    global data\n    data = 1\n    return data\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """One for each variable, at the place where it is first bound."""
        for function in view.functions():
            scope = view.scope_of(function)
            seen = set(scope.params)
            for ref in scope.refs:
                name = ref.node.value
                if ref.role != "write" or name in seen or name.startswith("__"):
                    continue
                seen.add(name)
                if name != "_" and not project.frozen(name) and _renamable(view, function, scope, name):
                    yield Site(ref.node, function)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Renames every reference."""
        assert isinstance(site.node, cst.Name)
        old, function = site.node.value, site.data
        new = kit.local(view, renamings(old))
        if new is None:
            return None
        if old.startswith("_"):
            new = "_" + new
            if kit.project.knows(new):
                return None
        return Edit(
            view.replace({ref.node: ref.node.with_changes(value=new) for ref in view.uses(function, old)})
        )


def _renamable(view: View, function: cst.FunctionDef, scope: Scope, name: str) -> bool:
    if name in scope.globals | scope.nonlocals | scope.deleted:
        return False
    flow = view.flow(function)
    for ref in view.uses(function, name):
        if ref.role not in ("read", "write") or resolve(name, ref.scope) is not scope:
            return False
        parent = view.parent(ref.node)
        reads = ref.role == "read" or isinstance(parent, cst.AugAssign)
        if reads and id(ref.node) not in flow.sure:
            return False
        if isinstance(parent, cst.NamedExpr) and parent.target is ref.node:
            return False
        if isinstance(parent, cst.AsName) and not isinstance(view.parent(parent), cst.WithItem):
            return False
    return not any(_shown(found, name) for found in walk(function.body))


def _shown(node: cst.CSTNode, name: str) -> bool:
    """Whether an f-string spells the name out, as `{name=}` does."""
    return (
        isinstance(node, cst.FormattedStringExpression)
        and node.equal is not None
        and any(isinstance(n, cst.Name) and n.value == name for n in walk(node.expression))
    )

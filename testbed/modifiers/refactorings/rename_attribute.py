"""rename_attribute: gives a private attribute of a class another name."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from testbed.modifiers.classes import extendable, owner, receiver
from testbed.modifiers.naming import renamings
from testbed.modifiers.private import own
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.scopes import resolve
from testbed.modifiers.tree import walk
from testbed.modifiers.view import View

_WATCHING = ("__getattr__", "__setattr__", "__getattribute__", "__delattr__", "__getstate__", "__slots__")


class RenameAttribute(Refactoring):
    """Renames an attribute with an underscore that only methods of its class use, on `self`."""

    name = "rename_attribute"
    group = "rename"
    contract = (
        "A private attribute that `__init__` sets, and that is used on `self` alone in private classes of "
        "one file whose members nobody lists, gets a new name everywhere."
    )
    renames = True
    examples = (
        (
            "class _C:\n    def __init__(self, a):\n        self._size = a\n\n    def f(self):\n"
            "        return (self._size if __fault__(1) else -self._size)\n",
            "class _C:\n    def __init__(self, a):\n        self._width = a\n\n    def f(self):\n"
            "        return (self._width if __fault__(1) else -self._width)\n",
        ),
        (
            "class _C:\n    def __init__(self, a):\n        self._size = a\n\n    def f(self, other):\n"
            "        return self._size == other._size\n",
            None,
        ),
        # The base may have such an attribute of its own.
        (
            "import threading\n\n\nclass _C(threading.Thread):\n    def __init__(self, a):\n"
            "        self._size = a\n",
            None,
        ),
        ("class _C:\n    def __init__(self, a):\n        self.size = a\n", None),
        # What an object of a public class holds may be compared by the names of its attributes.
        ("class C:\n    def __init__(self, a):\n        self._size = a\n", None),
        (
            "class _C:\n    def __init__(self, a):\n        self._size = a\n        self.b = vars(self)\n",
            None,
        ),
        ("class _C:\n    def f(self, a):\n        self._size = a\n", None),
        ("class _C:\n    def __init__(self, a):\n        self._size = getattr(a, '_size')\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """One for each attribute."""
        if project.lists_members() or any(project.knows(word) for word in _WATCHING):
            return
        seen: set[str] = set()
        for node in view.all(cst.Attribute):
            name = node.attr.value
            if name not in seen and own(name):
                seen.add(name)
                if uses(view, project, name) is not None:
                    yield Site(node)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Renames every use."""
        old = cst.ensure_type(site.node, cst.Attribute).attr.value
        new = kit.private(view, tuple(f"_{stem}" for stem in renamings(old)))
        found = uses(view, kit.project, old)
        if new is None or found is None:
            return None
        return Edit(view.replace({node.attr: node.attr.with_changes(value=new) for node in found}))


def uses(view: View, project: Project, name: str) -> list[cst.Attribute] | None:
    """Every place that uses the attribute; None where some may not be seen."""
    if project.frozen(name) or project.elsewhere(name, view.text) or project.composable(name):
        return None
    found = [n for n in walk(view.module) if isinstance(n, cst.Attribute) and n.attr.value == name]
    if len(re.findall(rf"\b{name}\b", view.text)) != len(found):
        return None
    holders: dict[int, cst.ClassDef] = {}
    setters: set[int] = set()
    for node in found:
        method = _method(view, node)
        holder = owner(view, method) if method is not None else None
        if method is None or holder is None:
            return None
        holders[id(holder)] = holder
        if method.name.value == "__init__" and _set_first(view, method, node):
            setters.add(id(holder))
    if setters != set(holders) or not all(own(holder.name.value) for holder in holders.values()):
        return None
    return found if all(extendable(view, holder) for holder in holders.values()) else None


def _method(view: View, node: cst.Attribute) -> cst.FunctionDef | None:
    """The method whose instance the attribute is taken from."""
    value = node.value
    if not isinstance(value, cst.Name) or value.value != "self" or id(value) not in view.refs:
        return None
    scope = resolve("self", view.refs[id(value)].scope)
    home = scope.owner if scope.kind == "function" else None
    if not isinstance(home, cst.FunctionDef) or view.opaque(home):
        return None
    return home if receiver(view, home) == "self" else None


def _set_first(view: View, method: cst.FunctionDef, node: cst.Attribute) -> bool:
    """Whether a statement of the method's own block assigns the attribute."""
    target = view.parent(node)
    small = view.parent(target) if isinstance(target, cst.AssignTarget) else target
    if not isinstance(small, cst.Assign | cst.AnnAssign) or node is getattr(small, "value", None):
        return False
    return view.parent(view.parent(small)) is method.body

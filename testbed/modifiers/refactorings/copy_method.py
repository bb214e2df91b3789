"""copy_method: copies a private method and sends one call to the copy."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from testbed.modifiers.classes import extendable, owner, receiver
from testbed.modifiers.named import suspended, used_up
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.refactorings.copy_function import copy_names, copy_of, copyable_body, fits, plain
from testbed.modifiers.scopes import parameters
from testbed.modifiers.tree import walk
from testbed.modifiers.view import View


class CopyMethod(Refactoring):
    """Duplicates a private method under another private name; its guards get numbers of their own."""

    name = "copy_method"
    group = "copy"
    contract = (
        "A private, undecorated method that no other class defines is copied right after itself, and one "
        "call of it on `self` whose arguments surely fit calls the copy."
    )
    copies = True
    examples = (
        (
            "class C:\n    def _f(self, a):\n        return (a if __fault__(1) else -a)\n\n"
            "    def g(self):\n        return self._f(1)\n",
            "class C:\n    def _f(self, a):\n        return (a if __fault__(1) else -a)\n\n"
            "    def _plain_f(self, a):\n        return (a if __fault__(1000000000) else -a)\n\n"
            "    def g(self):\n        return self._plain_f(1)\n",
        ),
        # A subclass may have another one.
        (
            "class C:\n    def _f(self):\n        return 1\n\n    def g(self):\n        return self._f()\n\n"
            "\n"
            "class D(C):\n    def _f(self):\n        return 2\n",
            None,
        ),
        ("class C:\n    def f(self):\n        return 1\n\n    def g(self):\n        return self.f()\n", None),
        (
            "class C(M, metaclass=N):\n    def _f(self):\n        return 1\n\n"
            "    def g(self):\n        return self._f()\n",
            None,
        ),
        (
            "class C:\n    def _f(self):\n        return 1\n\n    def g(self, o):\n        return o._f()\n",
            None,
        ),
        # The generator would say that the copy made it.
        (
            "class C:\n    def _f(self):\n        yield 1\n\n    def g(self):\n        return self._f()\n",
            None,
        ),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Calls on `self` of methods that can be copied."""
        if project.peeped(view.text) or project.lists_members():
            return
        copyable: dict[tuple[str, str], cst.FunctionDef] = {}
        for method in view.all(cst.FunctionDef):
            holder = owner(view, method)
            if holder is not None and _copyable(view, project, holder, method):
                copyable[holder.name.value, method.name.value] = method
        for call in view.all(cst.Call) if copyable else ():
            found = _called(view, call)
            method_ = copyable.get(found) if found is not None else None
            if method_ is None or (suspended(method_) and not used_up(view, call)):
                continue
            if fits(call, _without_self(method_.params)):
                yield Site(call, method_)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Writes the copy and redirects the call."""
        call, method = site.node, site.data
        assert isinstance(call, cst.Call)
        assert isinstance(call.func, cst.Attribute)
        name = kit.private(view, copy_names(method.name.value))
        if name is None:
            return None
        copy, copies = copy_of(view, method, name, 1)
        changes: dict[cst.CSTNode, cst.CSTNode | list[cst.CSTNode]] = {call.func.attr: cst.Name(name)}
        redirected = view.replace(changes)
        return Edit(_inserted(view, redirected, method, copy), copies)


def _called(view: View, call: cst.Call) -> tuple[str, str] | None:
    """(class, method) of a call `self.method(...)` in a method of a top-level class."""
    func = call.func
    if (
        not isinstance(func, cst.Attribute)
        or not isinstance(func.value, cst.Name)
        or func.value.value != "self"
    ):
        return None
    caller = view.function_of(call)
    if caller is None or view.opaque(caller) or receiver(view, caller) is None:
        return None
    holder = owner(view, caller)
    return None if holder is None else (holder.name.value, func.attr.value)


def _copyable(view: View, project: Project, holder: cst.ClassDef, method: cst.FunctionDef) -> bool:
    name = method.name.value
    if not name.startswith("_") or name.startswith("__") or project.frozen(name) or method.decorators:
        return False
    if not copyable_body(view, method) or receiver(view, method) is None or not extendable(view, holder):
        return False
    if any(isinstance(n, cst.Name) and n.value in ("super", "__class__") for n in walk(method)):
        return False
    if not all(plain(p) for p in parameters(method.params)):
        return False
    return project.defined(name) == 1 and not project.mentions(
        name, rf"\b{name}\s*(:[^=\n]*)?=[^=]|['\"]{name}['\"]"
    )


def _without_self(params: cst.Parameters) -> cst.Parameters:
    if params.posonly_params:
        return params.with_changes(posonly_params=params.posonly_params[1:])
    return params.with_changes(params=params.params[1:])


def _inserted(view: View, module: cst.Module, method: cst.FunctionDef, copy: cst.FunctionDef) -> cst.Module:
    """The module with the copy after the method."""
    holder = owner(view, method)
    assert holder is not None
    at = next(i for i, item in enumerate(holder.body.body) if item is method)
    where = next(i for i, item in enumerate(view.module.body) if item is holder)
    new = cst.ensure_type(module.body[where], cst.ClassDef)
    block = cst.ensure_type(new.body, cst.IndentedBlock)
    block = block.with_changes(body=[*block.body[: at + 1], copy, *block.body[at + 1 :]])
    body = [*module.body[:where], new.with_changes(body=block), *module.body[where + 1 :]]
    return module.with_changes(body=body)

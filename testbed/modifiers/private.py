"""Private names of a module that nothing else can know of, and functions that are only ever called."""

from __future__ import annotations

import re

import libcst as cst

from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.copy_function import fits, plain
from testbed.modifiers.scopes import Ref, parameters, resolve
from testbed.modifiers.tree import contains, walk
from testbed.modifiers.view import View

_SUSPENDED = (cst.Yield, cst.Await, cst.Asynchronous)
_NAMED = (cst.FunctionDef, cst.ClassDef, cst.Lambda, cst.GeneratorExp)


def own(name: str) -> bool:
    """Whether the name says that it is private, and is not changed inside classes."""
    return name.startswith("_") and not name.startswith("__") and name.strip("_") != ""


def references(view: View, project: Project, name: str) -> list[Ref] | None:
    """Every occurrence of a module's private name, its only binding first; None where it may be known
    elsewhere: in other files, tests, strings, comments, attributes, or another scope of this file."""
    if not own(name) or view.dynamic or project.frozen(name) or project.elsewhere(name, view.text):
        return None
    refs = [ref for ref in view.refs.values() if ref.node.value == name]
    if len(re.findall(rf"\b{name}\b", view.text)) != len(refs) or project.composable(name):
        return None
    if any(resolve(name, ref.scope).kind != "module" for ref in refs):
        return None
    bindings = [ref for ref in refs if ref.role != "read"]
    if len(bindings) != 1 or bindings[0].role not in ("write", "define"):
        return None
    return [*bindings, *(ref for ref in refs if ref.role == "read")]


def calls(view: View, project: Project, function: cst.FunctionDef) -> list[cst.Call] | None:
    """The calls of a module's private function when that is all that happens to it, and all surely fit.

    None for any other function, and for one whose name its results could show: a generator, one with
    functions inside.
    """
    if function.decorators or not isinstance(view.parent(function), cst.Module) or view.opaque(function):
        return None
    if function.asynchronous is not None or function.type_parameters is not None:
        return None
    refs = references(view, project, function.name.value)
    if refs is None or contains(function.body, (*_SUSPENDED, *_NAMED)):
        return None
    if not all(plain(param) for param in parameters(function.params)):
        return None
    found: list[cst.Call] = []
    for ref in refs[1:]:
        call = view.parent(ref.node)
        if not isinstance(call, cst.Call) or call.func is not ref.node or not fits(call, function.params):
            return None
        found.append(call)
    return found


def mangled(node: cst.CSTNode) -> bool:
    """Whether a name at or below the node would be another one inside a class."""
    names = (n.value for n in walk(node) if isinstance(n, cst.Name))
    return any(name.startswith("__") and not name.endswith("__") for name in names)

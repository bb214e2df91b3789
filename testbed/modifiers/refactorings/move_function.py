"""move_function: moves a function to a module that its own one imports already, or to a new one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

import libcst as cst

from testbed.modifiers.graph import reached
from testbed.modifiers.imports import imports, names, resolved
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.refactorings.copy_function import plain
from testbed.modifiers.refactorings.introduce_constant import after_imports
from testbed.modifiers.scopes import parameters, resolve
from testbed.modifiers.statements import commented, is_docstring, sole
from testbed.modifiers.tree import code, contains, walk
from testbed.modifiers.view import View, words
from testbed.schema.guards import GUARD

READERS = ("__module__", "__qualname__", "pickle", "getmembers", "getmodule", "getsourcefile", "doctest")


class MoveFunction(Refactoring):
    """Moves a function that needs nothing of its module but imports, and imports it back by name."""

    name = "move_function"
    group = "move"
    contract = (
        "An undecorated function that needs nothing of its module but plain imports moves to a module which "
        "the module imports already, its imports with it, and is imported from there."
    )
    examples = (
        (
            "#: p/a.py\nimport os\n\nfrom .b import g\n\n\ndef f(a):\n"
            "    return (os.sep if __fault__(1) else a)\n\n\ndef h(a):\n    return g(f(a))\n"
            "#: p/b.py\ndef g(a):\n    return a\n",
            "#: p/a.py\nimport os\n\nfrom .b import f, g\n\n\ndef h(a):\n    return g(f(a))\n"
            "#: p/b.py\nimport os\n\n\ndef g(a):\n    return a\n\n\ndef f(a):\n"
            "    return (os.sep if __fault__(1) else a)\n",
        ),
        # It needs something that stays.
        (
            "#: p/a.py\nfrom .b import g\n\nC = 2\n\n\ndef f(a):\n    return C\n"
            "#: p/b.py\ndef g(a):\n    return a\n",
            None,
        ),
        # Each would import the other.
        (
            "#: p/a.py\nfrom .b import g\n\n\ndef f(a):\n    return a\n"
            "#: p/b.py\nimport p.a\n\n\ndef g(a):\n    return a\n",
            None,
        ),
        (
            "#: p/a.py\nfrom .b import g\n\n\n@g\ndef f(a):\n    return a\n#: p/b.py\ng = None\n",
            None,
        ),
        (
            "#: p/a.py\nfrom os import path\n\n\ndef f(a):\n    return a\n#: p/b.py\ng = None\n",
            None,
        ),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Functions that need nothing but imports, each with an import of the project to be added to."""
        if view.dynamic or project.peeped(view.text) or any(project.knows(word) for word in READERS):
            return
        origins = _origins(view)
        if not origins:
            return
        for function in view.module.body:
            if isinstance(function, cst.FunctionDef) and movable(view, project, function):
                yield from (Site(function, origin) for origin in origins)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Moves it, where the other module can take it."""
        function, origin = cst.ensure_type(site.node, cst.FunctionDef), site.data
        other = _other(kit, origin)
        there = kit.view(other) if other else None
        if other is None or there is None or there.dynamic or kit.project.peeped(there.text):
            return None
        needed = needed_imports(view, there, function)
        if needed is None or function.name.value in words(there.text) or there.star_import:
            return None
        if kit.project.mentions("import", r"import\s*\*"):
            return None
        moved = there.module.with_changes(body=_taken_in(there, function, needed))
        return Edit(_left(view, function, origin), others={other: moved})


def movable(view: View, project: Project, function: cst.FunctionDef) -> bool:
    """Whether the function says the same in another module that has the imports it needs."""
    name = function.name.value
    if function.decorators or function.asynchronous is not None or function.type_parameters is not None:
        return False
    if view.opaque(function) or commented(function.leading_lines) or not view.stable(function.name):
        return False
    if contains(function, (cst.Global, cst.Import, cst.ImportFrom, cst.ClassDef, cst.Lambda)):
        return False
    if not all(plain(p) for p in parameters(function.params)) or function.returns is not None:
        return False
    if any(p.annotation is not None for p in parameters(function.params)):
        return False
    first = function.body.body[0]
    if is_docstring(view, first) and ">>>" in code(first):
        return False
    if sum(isinstance(n, cst.Name) and n.value == name for n in walk(function)) != 1:
        return False
    if project.elsewhere(name, view.text) or not _only_called(view, function):
        return False  # a function that is passed on says which module it is of
    if any(isinstance(n, cst.FunctionDef) and n is not function for n in walk(function)):
        return False
    used = _globals(view, function)
    if any(each.startswith("__") and each != GUARD for each in used) or any(
        project.frozen(each) for each in used if each in view.top.bound
    ):
        return False  # a module's own `__name__`; what the tests may replace
    return not project.mentions(name, rf"\b{name}\s*\.\w|\.\s*{name}\s*=[^=]|['\"]{name}['\"]")


def _only_called(view: View, function: cst.FunctionDef) -> bool:
    """Whether every place that mentions the function's name in the module calls it."""
    name = function.name.value
    refs = [ref for ref in view.refs.values() if ref.node.value == name and ref.node is not function.name]
    calls = [view.parent(ref.node) for ref in refs]
    return all(isinstance(c, cst.Call) and c.func is r.node for c, r in zip(calls, refs, strict=True))


def _globals(view: View, function: cst.FunctionDef) -> list[str]:
    """The names of the module that the function uses, built-ins included."""
    refs = [ref for scope in view.scope_of(function).tree() for ref in scope.refs]
    inside = {id(n) for n in walk(function)}
    refs += [r for r in view.top.refs if id(r.node) in inside and r.node is not function.name]
    return list(dict.fromkeys(r.node.value for r in refs if resolve(r.node.value, r.scope).kind == "module"))


def needed_imports(
    view: View, there: View, function: cst.FunctionDef
) -> list[cst.SimpleStatementLine] | None:
    """The imports that the other module lacks; None where something else would be missing or different."""
    lines: list[cst.SimpleStatementLine] = []
    for name in _globals(view, function):
        if name not in view.top.bound:
            if name in there.top.bound or view.star_import:
                return None
            continue
        line = _import_of(view, name)
        if line is None:
            return None
        if name in there.top.bound:
            known = _import_of(there, name)
            if known is None or code(known.body[0]) != code(line.body[0]):
                return None
        elif name in words(there.text):
            return None
        else:
            lines.append(line)
    return lines


def _import_of(view: View, name: str) -> cst.SimpleStatementLine | None:
    """A line that imports the name alone, as a top-level line of the module does, from elsewhere."""
    for line in view.module.body:
        small = sole(line)
        if isinstance(small, cst.Import):
            for alias in small.names:
                bound = code(alias.asname.name) if alias.asname else code(alias.name)
                if bound == name:
                    new = small.with_changes(names=[alias.with_changes(comma=cst.MaybeSentinel.DEFAULT)])
                    return cst.SimpleStatementLine([new]) if _once(view, name) else None
        if isinstance(small, cst.ImportFrom) and not isinstance(small.names, cst.ImportStar):
            for alias in small.names:
                bound = code(alias.asname.name) if alias.asname else code(alias.name)
                if bound == name and not small.relative and code(small.module or small) != "__future__":
                    one = [alias.with_changes(comma=cst.MaybeSentinel.DEFAULT)]
                    new_from = small.with_changes(names=one, lpar=None, rpar=None)
                    return cst.SimpleStatementLine([new_from]) if _once(view, name) else None
    return None


def _once(view: View, name: str) -> bool:
    bindings = [r for r in view.top.refs if r.node.value == name and r.role not in ("read", "declare")]
    return len(bindings) == 1 and not any(name in scope.globals for scope in view.top.tree())


def _origins(view: View) -> list[cst.SimpleStatementLine]:
    """Top-level lines `from .module import names` in one line without comments."""
    found = []
    for line in view.module.body:
        small = sole(line)
        if isinstance(small, cst.ImportFrom) and small.relative and small.module is not None:
            alone = not isinstance(small.names, cst.ImportStar) and small.lpar is None
            if alone and cst.ensure_type(line, cst.SimpleStatementLine).trailing_whitespace.comment is None:
                found.append(cst.ensure_type(line, cst.SimpleStatementLine))
    return found


def _other(kit: Kit, origin: cst.SimpleStatementLine) -> str | None:
    """The file that the line imports from, when that one never comes to import this one."""
    small = cst.ensure_type(origin.body[0], cst.ImportFrom)
    files = kit.project.files()
    found = resolved(next(names(small)), kit.path, frozenset(files))
    if len(found) != 1 or found[0] == kit.path or found[0].endswith("__init__.py"):
        return None
    if PurePosixPath(found[0]).parent != PurePosixPath(kit.path).parent:
        return None
    ahead = reached([found[0]], imports(files))
    # A package's own file may import anything, and is imported first.
    return None if kit.path in ahead or any(path.endswith("__init__.py") for path in ahead) else found[0]


def _taken_in(
    there: View, function: cst.FunctionDef, needed: Sequence[cst.SimpleStatementLine]
) -> list[cst.CSTNode]:
    """The other module's statements with the imports and, at the end, the function."""
    gap = [cst.EmptyLine(indent=False)] * 2
    body: list[cst.CSTNode] = list(there.module.body)
    at = after_imports(there.module.body)
    lines = [_apart(line, at > 0 and i == 0 and not _imports(body[at - 1])) for i, line in enumerate(needed)]
    if lines and at < len(body):
        below = body[at]
        lead = list(getattr(below, "leading_lines", ()))
        wide = isinstance(below, cst.FunctionDef | cst.ClassDef)
        if not lead:
            body[at] = below.with_changes(leading_lines=gap if wide else gap[:1])
    body[at:at] = lines
    return [*body, function.with_changes(leading_lines=gap if body else ())]


def _apart(line: cst.SimpleStatementLine, apart: bool) -> cst.SimpleStatementLine:
    return line.with_changes(leading_lines=[cst.EmptyLine(indent=False)] if apart else ())


def _imports(node: cst.CSTNode) -> bool:
    return isinstance(sole(node), cst.Import | cst.ImportFrom)


def _left(view: View, function: cst.FunctionDef, origin: cst.SimpleStatementLine) -> cst.Module:
    """The module with the function imported instead of defined."""
    small = cst.ensure_type(origin.body[0], cst.ImportFrom)
    assert not isinstance(small.names, cst.ImportStar)
    plain_names = [alias.with_changes(comma=cst.MaybeSentinel.DEFAULT) for alias in small.names]
    new = cst.ImportAlias(cst.Name(function.name.value))
    every = sorted([*plain_names, new], key=lambda alias: re.sub(r"^_", "", code(alias.name)).lower())
    return view.replace({small: small.with_changes(names=every), function: ()})

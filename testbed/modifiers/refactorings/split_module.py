"""split_module: moves private functions of a module into a new one beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

import libcst as cst

from testbed.modifiers.naming import choose
from testbed.modifiers.private import own
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.refactorings.introduce_constant import after_imports
from testbed.modifiers.refactorings.move_function import READERS, movable, needed_imports
from testbed.modifiers.statements import sole
from testbed.modifiers.tree import code
from testbed.modifiers.view import View, view_of

_LISTERS = ("pkgutil", "iter_modules", "walk_packages", "listdir", "glob", "rglob", "iterdir", "scandir")
_ENDINGS = ("helpers", "support", "parts", "tools", "util")
MOST_FUNCTIONS = 4


class SplitModule(Refactoring):
    """Starts a new private module of a package with some functions that need nothing but imports."""

    name = "split_module"
    group = "move"
    contract = (
        "Up to four private functions of a module in a package, which need nothing of it but plain imports, "
        "move to a new private module beside it and are imported from there."
    )
    examples = (
        (
            "#: p/__init__.py\n#: p/a.py\nimport os\n\n\ndef _f(a):\n    return (a if __fault__(1) else -a)\n"
            "\n\ndef g(a):\n    return _f(a) + len(os.sep)\n",
            "#: p/__init__.py\n#: p/_a_helpers.py\n"
            "def _f(a):\n    return (a if __fault__(1) else -a)\n"
            "#: p/a.py\nimport os\n\nfrom ._a_helpers import _f\n\n\ndef g(a):\n"
            "    return _f(a) + len(os.sep)\n",
        ),
        ("#: p/__init__.py\n#: p/a.py\nB = 2\n\n\ndef _f(a):\n    return a + B\n", None),
        ("#: p/__init__.py\n#: p/a.py\nB = 2\n\n\ndef _f(a):\n    return __name__\n", None),
        # No package: there is nothing that `from .` could mean.
        ("#: a.py\nB = 2\n\n\ndef _f(a):\n    return a\n", None),
        ("#: p/__init__.py\n#: p/a.py\nB = 2\n\n\ndef f(a):\n    return a\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """One, for all functions of the module that could go."""
        if view.dynamic or project.peeped(view.text):
            return
        if any(project.knows(word) or project.frozen(word) for word in (*READERS, *_LISTERS)):
            return
        found = [f for f in view.module.body if isinstance(f, cst.FunctionDef) and own(f.name.value)]
        found = [f for f in found if movable(view, project, f) and not project.frozen(f.name.value)]
        if found and len(view.module.body) - len(found) > 1:
            yield Site(found[0], found)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Writes the new module."""
        folder = PurePosixPath(kit.path).parent
        files = kit.project.files()
        if str(folder / "__init__.py") not in files or kit.path.endswith("__init__.py"):
            return None
        order = kit.rng.permutation(len(site.data))[:MOST_FUNCTIONS]
        chosen = [site.data[at] for at in sorted(order)]
        stem = _stem(kit, view)
        if stem is None:
            return None
        empty = view_of("")
        lines: dict[str, cst.SimpleStatementLine] = {}
        for function in chosen:
            needed = needed_imports(view, empty, function)
            if needed is None:
                return None
            lines.update({code(line.body[0]): line for line in needed})
        module = cst.Module(body=_new(list(lines.values()), chosen))
        return Edit(_left(view, chosen, stem), others={str(folder / f"{stem}.py"): module})


def _stem(kit: Kit, view: View) -> str | None:
    """A name for the new module that no file mentions."""
    base = PurePosixPath(kit.path).stem.strip("_")
    taken = kit.project.taken_anywhere(view)
    return choose([f"_{base}_{ending}" for ending in _ENDINGS], taken, kit.rng)


def _new(
    lines: Sequence[cst.SimpleStatementLine], chosen: Sequence[cst.FunctionDef]
) -> list[cst.SimpleStatementLine | cst.BaseCompoundStatement]:
    gap = [cst.EmptyLine(indent=False)] * 2
    functions = [function.with_changes(leading_lines=gap) for function in chosen]
    if not lines:
        functions[0] = functions[0].with_changes(leading_lines=())
    return [*lines, *functions]


def _left(view: View, chosen: Sequence[cst.FunctionDef], stem: str) -> cst.Module:
    """The module with the functions imported instead of defined."""
    names = ", ".join(sorted(function.name.value for function in chosen))
    line = cst.parse_statement(f"from .{stem} import {names}")
    at = after_imports(view.module.body)
    changed = view.replace(dict.fromkeys(chosen, ()))
    body = list(changed.body)
    first = at == 0 or not isinstance(sole(view.module.body[at - 1]), cst.ImportFrom)
    body.insert(at, line.with_changes(leading_lines=[cst.EmptyLine(indent=False)] if at and first else ()))
    below = body[at + 1] if at + 1 < len(body) else None
    if below is not None and not getattr(below, "leading_lines", ()):
        gap = [cst.EmptyLine(indent=False)] * (2 if isinstance(below, cst.FunctionDef | cst.ClassDef) else 1)
        body[at + 1] = below.with_changes(leading_lines=gap)
    return changed.with_changes(body=body)

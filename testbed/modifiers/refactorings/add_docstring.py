"""add_docstring: says in a line what a private function does."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from testbed.modifiers.naming import snake
from testbed.modifiers.private import own
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.scopes import parameters
from testbed.modifiers.statements import is_docstring
from testbed.modifiers.view import View

_READERS = ("__doc__", "getdoc", "doctest", "cleandoc", "docopt")
_ENDINGS = ("", " for {}", " of {}", " from {}", " given {}")


class AddDocstring(Refactoring):
    """Writes a docstring for a private function that has none."""

    name = "add_docstring"
    group = "document"
    contract = "A private function without a docstring gets one, in a project that never reads docstrings."
    examples = (
        (
            "def _find_total(a):\n    return (a if __fault__(1) else a + 1)\n",
            'def _find_total(a):\n    """Find total for a."""\n    return (a if __fault__(1) else a + 1)\n',
        ),
        (
            "class C:\n    def _close(self):\n        # now\n        self.a = 1\n",
            'class C:\n    def _close(self):\n        """Close."""\n        # now\n        self.a = 1\n',
        ),
        ("def find_total(a):\n    return a\n", None),
        ('def _find(a):\n    """Finds."""\n    return a\n', None),
        ("def _find(a): return a\n", None),
        ("def _find(a):\n    return a.__doc__\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Private functions without one."""
        if any(project.knows(word) or project.frozen(word) for word in _READERS):
            return
        for function in view.functions():
            body = function.body
            if not own(function.name.value) or not isinstance(body, cst.IndentedBlock):
                continue
            if not is_docstring(view, body.body[0]) and snake(function.name.value):
                yield Site(function)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Puts it in front of the first statement."""
        function = cst.ensure_type(site.node, cst.FunctionDef)
        text = _sentence(function, kit)
        line = cst.SimpleStatementLine([cst.Expr(cst.SimpleString(f'"""{text}"""'))])
        block = cst.ensure_type(function.body, cst.IndentedBlock)
        return Edit(view.replace({block: block.with_changes(body=[line, *block.body])}))


def _sentence(function: cst.FunctionDef, kit: Kit) -> str:
    words = snake(function.name.value).replace("_", " ").capitalize()
    names = [p.name.value for p in parameters(function.params) if p.name.value not in ("self", "cls")]
    ending = _ENDINGS[int(kit.rng.integers(len(_ENDINGS)))] if names else ""
    return f"{words}{ending.format(names[0].replace('_', ' ').strip() if names else '')}."

"""return_variable: names what is returned."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from testbed.modifiers.effects import ATOMS, movable
from testbed.modifiers.naming import RESULTS, names_for
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.statements import assign, leading_of, sole
from testbed.modifiers.view import View


class ReturnVariable(Refactoring):
    """Splits `return expression` into an assignment and a return."""

    name = "return_variable"
    group = "extract"
    contract = "The expression of a return statement is assigned to a new variable, which is returned."
    examples = (
        ("def f(a):\n    return a + 1\n", "def f(a):\n    result = a + 1\n    return result\n"),
        (
            "def f(a):\n    return (a if __fault__(4) else a + 1)\n",
            "def f(a):\n    result = (a if __fault__(4) else a + 1)\n    return result\n",
        ),
        (
            "def f(a):\n    if a:\n        return a.b  # why\n",
            "def f(a):\n    if a:\n        answer = a.b\n        return answer  # why\n",
        ),
        ("def f(a):\n    return a\n", None),
        ("def f(a):\n    if a: return a + 1\n", None),
        ("def f(a):\n    if __fault__(1):\n        return a + 1\n    else:\n        return a + 2\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Returns of something that has no name yet."""
        for _function, body in view.blocks():
            for line in body:
                small = sole(line)
                if not isinstance(small, cst.Return) or small.value is None:
                    continue
                if (
                    not isinstance(small.value, ATOMS)
                    and movable(view, small.value)
                    and not _empty(small.value)
                ):
                    yield Site(line, small)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Writes the two lines."""
        small = site.data
        wanted = RESULTS if kit.rng.random() < 0.7 else names_for(small.value)
        name = kit.local(view, wanted)
        if name is None:
            return None
        above = assign(name, small.value).with_changes(leading_lines=leading_of(site.node))
        new = small.with_changes(value=cst.Name(name), whitespace_after_return=cst.SimpleWhitespace(" "))
        below = site.node.with_changes(body=[new], leading_lines=())
        return Edit(view.replace({site.node: [above, below]}))


def _empty(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Tuple | cst.List | cst.Dict) and not node.elements

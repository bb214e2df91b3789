"""rename_private: gives a private function or constant of a module another name."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from testbed.modifiers.naming import renamings
from testbed.modifiers.private import calls, references
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.statements import simple_assignment
from testbed.modifiers.view import View


class RenamePrivate(Refactoring):
    """Renames a name with an underscore that occurs in no other file, in every place, guards included."""

    name = "rename_private"
    group = "rename"
    contract = (
        "A private constant of a module, or a private function that is only ever called, gets a new name "
        "everywhere, where no other file, string or comment mentions it."
    )
    renames = True
    examples = (
        (
            "def _total(a):\n    return a\n\n\ndef f(a):\n    return (_total(a) if __fault__(1) else a)\n",
            "def _amount(a):\n    return a\n\n\ndef f(a):\n    return (_amount(a) if __fault__(1) else a)\n",
        ),
        (
            "_SIZE = 3\n\n\ndef f(a):\n    return a + _SIZE\n",
            "_WIDTH = 3\n\n\ndef f(a):\n    return a + _WIDTH\n",
        ),
        ("def total(a):\n    return a\n\n\ndef f(a):\n    return total(a)\n", None),
        # Its name may be shown.
        ("def _total(a):\n    return a\n\n\ndef f(a):\n    return a.sort(key=_total)\n", None),
        ("def _total(a):\n    return a\n\n\ndef f(a):\n    return _total()\n", None),
        ("_SIZE = 3\n\n\ndef f(a):\n    return a.pop('_SIZE')\n", None),
        ("_SIZE = 3\n\n\ndef f(a):\n    return a._SIZE\n", None),
        ("#: a.py\n_SIZE = 3\n#: b.py\nfrom a import _SIZE\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """One for each private name."""
        for line in view.module.body:
            if isinstance(line, cst.FunctionDef):
                if calls(view, project, line) is not None:
                    yield Site(line.name)
                continue
            found = simple_assignment(line)
            if found is not None and references(view, project, found[0].value) is not None:
                yield Site(found[0])

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Renames every reference."""
        old = cst.ensure_type(site.node, cst.Name).value
        stems = renamings(old.lower())
        wanted = tuple(f"_{stem.upper() if old.isupper() else stem}" for stem in stems)
        new = kit.private(view, wanted)
        refs = references(view, kit.project, old)
        if new is None or refs is None:
            return None
        return Edit(view.replace({ref.node: ref.node.with_changes(value=new) for ref in refs}))

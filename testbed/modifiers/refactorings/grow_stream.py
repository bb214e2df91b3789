"""grow_stream: a generator that does for one item after the other what another function does for one."""

from __future__ import annotations

from collections.abc import Iterator

from testbed.modifiers.growing import Base, added, bases, doc, new_name, parsed
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.refactorings.grow_batch import grown
from testbed.modifiers.view import View


class GrowStream(Refactoring):
    """Adds a generator over what a public function gives for each item."""

    name = "grow_stream"
    group = "growth"
    contract = "A new public generator gives one by one what a plain public function gives for each item."
    examples = (
        (
            "#: m.py\ndef half(a, by=2):\n    return (a if __fault__(1) else a // by)\n"
            "#: test_m.py\nassert half(4) == 2\n",
            "#: m.py\ndef half(a, by=2):\n    return (a if __fault__(1) else a // by)\n\n\n"
            "def iter_half(items, by=2):\n    for item in items:\n        yield half(item, by)\n"
            "#: test_m.py\nassert half(4) == 2\n",
        ),
        ("def half(a):\n    return a // 2\n", None),
        ("#: m.py\n@d\ndef half(a):\n    return a // 2\n#: test_m.py\nhalf(4)\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Functions to build on."""
        for base in bases(view, project):
            if "item" not in base.names and "items" not in base.names:
                yield Site(base.function, base)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Writes the generator below."""
        base: Base = site.data
        stems = (f"iter_{base.name}", f"stream_{base.name}", f"{base.name}_stream")
        name = new_name(view, kit, stems)
        if name is None:
            return None
        lines = f"def {name}({base.header('items')}):\n"
        lines += doc(view, base, f"Give {base.name} of each item as it comes.")
        lines += f"    for item in items:\n        yield {base.call('item')}\n"
        return added(view, base, parsed(lines), grown(kit, base, name, items=True))

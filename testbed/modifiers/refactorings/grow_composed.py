"""grow_composed: one function for two that are used one after the other."""

from __future__ import annotations

from collections.abc import Iterator

from testbed.modifiers.growing import Base, added, address, bases, doc, new_name, parsed
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.view import View
from testbed.protocols import Grown


class GrowComposed(Refactoring):
    """Adds a function that passes what one public function gives to another one."""

    name = "grow_composed"
    group = "growth"
    contract = "A new public function gives what one plain public function makes of what another one gives."
    examples = (
        (
            "#: m.py\ndef half(a):\n    return a // 2\n\n\ndef minus(a):\n"
            "    return (a if __fault__(1) else -a)\n"
            "#: test_m.py\nhalf(4), minus(3)\n",
            "#: m.py\ndef half(a):\n    return a // 2\n\n\ndef minus_half(a):\n"
            "    return minus(half(a))\n\n\ndef minus(a):\n"
            "    return (a if __fault__(1) else -a)\n#: test_m.py\nhalf(4), minus(3)\n",
        ),
        ("#: m.py\ndef half(a):\n    return a // 2\n#: test_m.py\nhalf(4)\n", None),
        # One takes text, the other numbers.
        (
            "#: m.py\ndef half(a):\n    return a // 2\n\n\ndef upper(a):\n    return a.upper()\n"
            "#: test_m.py\nhalf(4), upper('a')\n",
            None,
        ),
        ("def half(a):\n    return a // 2\n\n\ndef minus(a):\n    return -a\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Pairs of functions that the tests call with arguments of the same types."""
        found = [base for base in bases(view, project) if base.needed == 1]
        for inner in found:
            for outer in found:
                if inner is not outer and inner.kinds() == outer.kinds():
                    yield Site(inner.function, (inner, outer))

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Writes the function below the one that is called first."""
        inner: Base = site.data[0]
        outer: Base = site.data[1]
        stems = (
            f"{outer.name}_{inner.name}",
            f"{inner.name}_then_{outer.name}",
            f"{inner.name}_{outer.name}",
        )
        name = new_name(view, kit, stems)
        if name is None or outer.name in inner.names:
            return None
        first = inner.names[0]
        lines = f"def {name}({inner.header(first)}):\n"
        lines += doc(view, inner, f"Do {inner.name}, then {outer.name} with what it gives.")
        lines += f"    return {outer.name}({inner.call(first)})\n"
        olds = [f"old({address(kit, base.name)!r})" for base in (outer, inner)]
        definition = f"{olds[0]}({inner.call(first, olds[1])})"
        grown = Grown(address(kit, name), inner.header(first), definition, inner.examples)
        return added(view, inner, parsed(lines), grown)

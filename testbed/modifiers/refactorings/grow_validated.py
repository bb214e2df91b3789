"""grow_validated: a wrapper that checks its argument first."""

from __future__ import annotations

from collections.abc import Iterator

from testbed.modifiers.growing import Base, added, address, bases, doc, new_name, parsed
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.view import View
from testbed.protocols import Grown

_TYPES = {str: "str", int: "int", float: "float", list: "list", dict: "dict", tuple: "tuple"}


class GrowValidated(Refactoring):
    """Adds a function that raises for a wrong first argument and calls a public one for any other."""

    name = "grow_validated"
    group = "growth"
    contract = (
        "A new public function raises an error for a first argument of another type than in the tests, or "
        "for None, and otherwise does what a plain public one does."
    )
    examples = (
        (
            "#: m.py\ndef half(a, by=2):\n    return (a if __fault__(1) else a // by)\n"
            "#: test_m.py\nassert half(4) == 2\n",
            "#: m.py\ndef half(a, by=2):\n    return (a if __fault__(1) else a // by)\n\n\n"
            "def checked_half(a, by=2):\n    if not isinstance(a, int):\n"
            "        raise TypeError('a must be of type int')\n    return half(a, by)\n"
            "#: test_m.py\nassert half(4) == 2\n",
        ),
        ("def half(a):\n    return a // 2\n", None),
        ("#: m.py\ndef _half(a):\n    return a // 2\n#: test_m.py\n_half(4)\n", None),
        ("#: m.py\ndef half(a, isinstance):\n    return a\n#: test_m.py\nhalf(4, 3)\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Functions to build on."""
        used = {"isinstance", "TypeError", "ValueError", *_TYPES.values()}
        if view.star_import or used & view.bound_names:
            return
        for base in bases(view, project):
            yield Site(base.function, base)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Writes the wrapper below."""
        base: Base = site.data
        name = new_name(view, kit, (f"checked_{base.name}", f"{base.name}_checked", f"strict_{base.name}"))
        if name is None:
            return None
        first, kinds = base.names[0], base.kinds()
        kind = _TYPES.get(next(iter(kinds))) if len(kinds) == 1 else None
        if kind is not None:
            test, error = f"not isinstance({first}, {kind})", f"TypeError('{first} must be of type {kind}')"
        else:
            test, error = f"{first} is None", f"ValueError('{first} is missing')"
        lines = f"def {name}({base.header(first)}):\n"
        lines += doc(view, base, f"Check {first}, then do what {base.name} does.")
        lines += f"    if {test}:\n        raise {error}\n    return {base.call(first)}\n"
        old = base.call(first, f"old({address(kit, base.name)!r})")
        definition = f"failing({error}) if {test} else {old}"
        more = repr((None, *base.values()[0][1:]))
        grown = Grown(address(kit, name), base.header(first), definition, (*base.examples, more))
        return added(view, base, parsed(lines), grown)

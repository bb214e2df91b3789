"""grow_cached: a function that remembers what another one gave."""

from __future__ import annotations

from collections.abc import Iterator

from testbed.modifiers.growing import Base, added, address, bases, doc, new_name, parsed
from testbed.modifiers.naming import snake
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.view import View
from testbed.protocols import Grown

_KINDS = {str: "str", int: "int"}


class GrowCached(Refactoring):
    """Adds a function with a dictionary of results for arguments that are strings or integers."""

    name = "grow_cached"
    group = "growth"
    contract = (
        "A new public function keeps what a plain public one of one argument gave for a string (an integer), "
        "as the tests call it with, and gives it again where it is a string or a number."
    )
    examples = (
        (
            "#: m.py\ndef size(a):\n    return (a if __fault__(1) else len(a))\n"
            "#: test_m.py\nassert size('b') == 1\n",
            "#: m.py\ndef size(a):\n    return (a if __fault__(1) else len(a))\n\n\n_SIZE_CACHE = {}\n\n\n"
            "def cached_size(a):\n    if type(a) is not str:\n        return size(a)\n"
            "    result = _SIZE_CACHE.get(a)\n    if result is None:\n        result = size(a)\n"
            "        if isinstance(result, (str, int, float)):\n            _SIZE_CACHE[a] = result\n"
            "    return result\n"
            "#: test_m.py\nassert size('b') == 1\n",
        ),
        # A list could not be a key, and could change.
        ("#: m.py\ndef size(a):\n    return len(a)\n#: test_m.py\nsize([2])\n", None),
        ("#: m.py\ndef size(a, b):\n    return len(a)\n#: test_m.py\nsize('a', 2)\n", None),
        ("def size(a):\n    return len(a)\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Functions of one argument."""
        if view.star_import or {"type", "str", "int", "float", "isinstance"} & view.bound_names:
            return
        for base in bases(view, project):
            kinds = base.kinds()
            if (
                len(base.params) == 1
                and "result" not in base.names
                and len(kinds) == 1
                and next(iter(kinds)) in _KINDS
            ):
                yield Site(base.function, base)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Writes the dictionary and the function below."""
        base: Base = site.data
        name = new_name(view, kit, (f"cached_{base.name}", f"{base.name}_cached", f"remembered_{base.name}"))
        stem = snake(base.name).upper()
        cache = kit.private(view, (f"_{stem}_CACHE", f"_{stem}_RESULTS", f"_KNOWN_{stem}"))
        if name is None or cache is None:
            return None
        first, kind = base.names[0], _KINDS[next(iter(base.kinds()))]
        lines = f"{cache} = {{}}\n\n\ndef {name}({first}):\n"
        lines += doc(view, base, f"Give what {base.name} gives, computed once for each {first}.")
        lines += f"    if type({first}) is not {kind}:\n        return {base.call(first)}\n"
        lines += f"    result = {cache}.get({first})\n    if result is None:\n"
        lines += f"        result = {base.call(first)}\n"
        lines += f"        if isinstance(result, (str, int, float)):\n            {cache}[{first}] = result\n"
        lines += "    return result\n"
        old = base.call(first, f"old({address(kit, base.name)!r})")
        return added(view, base, parsed(lines), Grown(address(kit, name), first, old, base.examples))

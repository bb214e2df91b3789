"""grow_batch: a function that does for many what another does for one."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from testbed.modifiers.growing import Base, added, address, bases, doc, new_name, parsed
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.view import View
from testbed.protocols import Grown


class GrowBatch(Refactoring):
    """Adds a function that applies a public one to each of many items and gives a list."""

    name = "grow_batch"
    group = "growth"
    contract = "A new public function gives the list of what a plain public one gives for each of many items."
    examples = (
        (
            "#: m.py\ndef half(a, by=2):\n    return (a if __fault__(1) else a // by)\n"
            "#: test_m.py\nassert half(4) == 2\n",
            "#: m.py\ndef half(a, by=2):\n    return (a if __fault__(1) else a // by)\n\n\n"
            "def half_all(items, by=2):\n    return [half(item, by) for item in items]\n"
            "#: test_m.py\nassert half(4) == 2\n",
        ),
        (
            '#: m.py\ndef half(a):\n    """Half."""\n    return a // 2\n#: test_m.py\nassert half(4) == 2\n',
            '#: m.py\ndef half(a):\n    """Half."""\n    return a // 2\n\n\ndef half_each(items):\n'
            '    """Apply half to each of the items."""\n    results = []\n    for item in items:\n'
            "        results.append(half(item))\n    return results\n#: test_m.py\nassert half(4) == 2\n",
        ),
        # Nothing says what it can be called with.
        ("def half(a):\n    return a // 2\n", None),
        ("#: m.py\ndef half(a):\n    yield a // 2\n#: test_m.py\nhalf(4)\n", None),
        ("#: m.py\ndef half(*a):\n    return a\n#: test_m.py\nhalf(4)\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Functions to build on."""
        for base in bases(view, project):
            if "item" not in base.names and "items" not in base.names and "results" not in base.names:
                yield Site(base.function, base)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Writes the function below."""
        base: Base = site.data
        name = new_name(view, kit, tuple(f"{base.name}_{word}" for word in ("all", "each", "many", "batch")))
        if name is None:
            return None
        lines = f"def {name}({base.header('items')}):\n"
        lines += doc(view, base, f"Apply {base.name} to each of the items.")
        if kit.rng.random() < 0.5:
            lines += f"    return [{base.call('item')} for item in items]\n"
        else:
            lines += "    results = []\n    for item in items:\n"
            lines += f"        results.append({base.call('item')})\n    return results\n"
        return added(view, base, parsed(lines), grown(kit, base, name))


def grown(kit: Kit, base: Base, name: str, items: bool = False) -> Grown:
    """What a batch or a stream of a function must give."""
    one = f"{base.call('item', f'old({address(kit, base.name)!r})')} for item in items"
    return Grown(
        address(kit, name),
        base.header("items"),
        f"[*({one})]" if items else f"[{one}]",  # a StopIteration is another error in a generator
        _batches(base),
        items,
    )


def _batches(base: Base) -> tuple[str, ...]:
    """Lists of the examples' first arguments, those with the same further arguments together."""
    batches: dict[str, list[object]] = {}
    for first, *others in base.values():
        batches.setdefault(repr(others), []).append(first)
    found = [repr((firsts, *_others(others))) for others, firsts in batches.items()]
    return (*found, repr(([], *base.values()[0][1:])))


def _others(text: str) -> list[object]:
    others: list[object] = ast.literal_eval(text)
    return others

"""grow_variant: a copy of a function with something of its own, as people make them."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from testbed.modifiers.growing import Base, added, address, bases, doc, new_name, parsed
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.refactorings.copy_function import copy_of, copyable_body
from testbed.modifiers.statements import is_docstring
from testbed.modifiers.view import View, words
from testbed.protocols import Grown


class GrowVariant(Refactoring):
    """Copies a public function under a new name; the copy gives a default where there is no argument."""

    name = "grow_variant"
    group = "growth"
    contract = (
        "A plain public function is copied under a new public name; the copy has one more parameter, which "
        "it gives back when the first is None."
    )
    examples = (
        (
            "#: m.py\ndef half(a, by=2):\n    return (a if __fault__(1) else a // by)\n"
            "#: test_m.py\nassert half(4) == 2\n",
            "#: m.py\ndef half(a, by=2):\n    return (a if __fault__(1) else a // by)\n\n\n"
            "def half_or(a, by=2, default=None):\n    if a is None:\n        return default\n"
            "    return (a if __fault__(1000000000) else a // by)\n#: test_m.py\nassert half(4) == 2\n",
        ),
        ("def half(a):\n    return a // 2\n", None),
        # The copy would call the original.
        ("#: m.py\ndef down(a):\n    return down(a - 1) if a else 0\n#: test_m.py\ndown(4)\n", None),
        # The function inside would say that the copy made it.
        ("#: m.py\ndef half(a):\n    return lambda: a // 2\n#: test_m.py\nhalf(4)\n", None),
        ("#: m.py\ndef half(a, default):\n    return a // 2\n#: test_m.py\nhalf(4, 1)\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Functions that can be copied."""
        for base in bases(view, project):
            if copyable_body(view, base.function) and "default" not in words(_text(base.function)):
                yield Site(base.function, base)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Writes the copy below, with its own beginning."""
        base: Base = site.data
        name = new_name(view, kit, (f"{base.name}_or", f"{base.name}_or_default", f"maybe_{base.name}"))
        if name is None:
            return None
        first = base.names[0]
        lines = f"def {name}({base.header(first, 'default=None')}):\n"
        lines += doc(view, base, f"Do what {base.name} does, with a default for no {first}.")
        lines += f"    if {first} is None:\n        return default\n"
        statements = parsed(lines)
        beginning = cst.ensure_type(statements[0], cst.FunctionDef)
        copy, copies = copy_of(view, base.function, name, 2)
        body = list(copy.body.body)
        body = body[1:] if is_docstring(view, body[0]) and len(body) > 1 else body
        block = cst.IndentedBlock(body=[*beginning.body.body, *body])  # type: ignore[list-item]
        old = base.call(first, f"old({address(kit, base.name)!r})")
        grown = Grown(
            address(kit, name),
            base.header(first, "default=None"),
            f"default if {first} is None else {old}",
            (*base.examples, repr((None, *base.values()[0][1:]))),
        )
        edit = added(view, base, [beginning.with_changes(body=block)], grown)
        edit.copies.update(copies)
        return edit


def _text(function: cst.FunctionDef) -> str:
    return cst.Module(body=[function]).code

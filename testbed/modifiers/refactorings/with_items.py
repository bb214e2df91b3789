"""with_items: nests the items of a with statement, or joins two nested ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.statements import block_of, commented, spans_lines
from testbed.modifiers.view import View


class WithItems(Refactoring):
    """`with a, b:` becomes `with a:` with `with b:` inside, or the other way round."""

    name = "with_items"
    group = "style"
    contract = "A with statement of several items becomes two nested ones, or two nested ones become one."
    examples = (
        (
            "def f(a, b):\n    with a as c, b:\n        return (c if __fault__(1) else a)\n",
            "def f(a, b):\n    with a as c:\n        with b:\n"
            "            return (c if __fault__(1) else a)\n",
        ),
        (
            "def f(a, b):\n    with a:\n        with b as c:\n            return c\n",
            "def f(a, b):\n    with a, b as c:\n        return c\n",
        ),
        ("def f(a, b):\n    with a:\n        # why\n        with b as c:\n            return c\n", None),
        ("def f(a, b):\n    with a:\n        with b as c:\n            c()\n        a()\n", None),
        ("async def f(a, b):\n    async with a:\n        with b as c:\n            return c\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """With statements of the two shapes; the data is the inner one, or None."""
        for _function, body in view.blocks():
            for node in body:
                if not isinstance(node, cst.With) or not _plain(node):
                    continue
                if len(node.items) > 1:
                    yield Site(node, None)
                elif (inner := _nested(node)) is not None:
                    yield Site(node, inner)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Nests or joins."""
        node = cst.ensure_type(site.node, cst.With)
        if site.data is None:
            inner = cst.With(items=_listed(node.items[1:]), body=node.body)
            block = cst.IndentedBlock(body=[inner])
            new = cst.With(items=_listed(node.items[:1]), body=block, leading_lines=node.leading_lines)
        else:
            items = _listed([*node.items, *site.data.items])
            new = cst.With(items=items, body=site.data.body, leading_lines=node.leading_lines)
        return Edit(view.replace({node: new}))


def _plain(node: cst.With) -> bool:
    block = isinstance(node.body, cst.IndentedBlock) and node.body.header.comment is None
    lines = any(spans_lines(item) for item in node.items)
    return block and node.asynchronous is None and not lines and node.lpar is cst.MaybeSentinel.DEFAULT


def _nested(node: cst.With) -> cst.With | None:
    block = block_of(node.body)
    if block is None or len(block.body) != 1:
        return None
    inner = block.body[0]
    if not isinstance(inner, cst.With) or commented(inner.leading_lines) or not _plain(inner):
        return None
    return inner


def _listed(items: Sequence[cst.WithItem]) -> list[cst.WithItem]:
    """The items with a comma between them."""
    return [item.with_changes(comma=cst.MaybeSentinel.DEFAULT) for item in items]

"""annotate_return: says what a private function returns, or stops saying it."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from testbed.modifiers.kinds import Kinds
from testbed.modifiers.private import own
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.statements import terminates
from testbed.modifiers.tree import contains, walk
from testbed.modifiers.view import View

_READERS = (
    *("get_type_hints", "__annotations__", "get_annotations", "signature", "getfullargspec", "getargspec"),
    *("singledispatch", "singledispatchmethod", "inspect", "typechecked"),
)
_HARMLESS = ("None", "bool", "int", "str")


class AnnotateReturn(Refactoring):
    """Adds or removes the annotation of what a private function returns."""

    name = "annotate_return"
    group = "document"
    contract = (
        "A private, undecorated function that surely returns None, an integer or a string gets an annotation "
        "that says so, or loses it, in a project that never reads annotations."
    )
    examples = (
        (
            "def _f(a):\n    return f'{a} (' + ('b' if __fault__(1) else 'c') + ')'\n",
            None,
        ),
        ("def _f(a):\n    return f'<{a}>'\n", "def _f(a) -> str:\n    return f'<{a}>'\n"),
        (
            "class C:\n    def _f(self):\n        self.a = (1 if __fault__(1) else 2)\n",
            "class C:\n    def _f(self) -> None:\n        self.a = (1 if __fault__(1) else 2)\n",
        ),
        ("def _f(a) -> int:\n    return len(a)\n", "def _f(a):\n    return len(a)\n"),
        ("def f(a):\n    return len(a)\n", None),
        ("def _f(a):\n    if a:\n        return 1\n", None),
        ("def _f(a):\n    return a\n", None),
        ("import inspect\n\n\ndef _f(a):\n    return len(a)\n", None),
        ("def _f(a):\n    yield 1\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Functions of that sort, with what they return."""
        if any(project.knows(word) or project.frozen(word) for word in _READERS) or view.star_import:
            return
        for function in view.functions():
            if not own(function.name.value) or function.decorators or function.asynchronous is not None:
                continue
            if function.returns is not None:
                written = function.returns.annotation
                if isinstance(written, cst.Name) and written.value in _HARMLESS:
                    yield Site(function, None)
                continue
            kind = _returned(view, function)
            if kind is not None and kind not in view.bound_names:
                yield Site(function, kind)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Adds or removes the annotation."""
        function = cst.ensure_type(site.node, cst.FunctionDef)
        if site.data is None:
            return Edit(view.replace({function: function.with_changes(returns=None)}))
        returns = cst.Annotation(cst.Name(site.data))
        return Edit(view.replace({function: function.with_changes(returns=returns)}))


def _returned(view: View, function: cst.FunctionDef) -> str | None:
    """The name of the type that the function surely returns."""
    if not isinstance(function.body, cst.IndentedBlock) or contains(function.body, (cst.Yield, cst.Await)):
        return None
    found = [n for n in _own(function.body) if isinstance(n, cst.Return)]
    values = [n.value for n in found if n.value is not None]
    if not values:
        return "None"
    kinds = Kinds(view, function)
    kind = kinds.kind(values[0])
    same = len(values) == len(found) and all(kinds.kind(value) == kind for value in values)
    return kind if same and terminates(function.body.body) else None


def _own(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The nodes of a function's body, functions inside it left out."""
    inner = {id(n) for f in walk(node) if isinstance(f, cst.FunctionDef) for n in walk(f)}
    return (n for n in walk(node) if id(n) not in inner)

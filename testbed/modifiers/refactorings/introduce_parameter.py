"""introduce_parameter: makes a literal of a private function a parameter with a default."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from testbed.modifiers.private import calls
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.refactorings.introduce_constant import literals, subject
from testbed.modifiers.view import View

_STEMS = ("limit", "size", "width", "step", "bound", "amount")
_TEXTS = ("label", "text", "kind", "mode", "marker")


class IntroduceParameter(Refactoring):
    """Adds a parameter that no call gives, so that its default is the literal that stood in the function."""

    name = "introduce_parameter"
    group = "extract"
    contract = (
        "A number or string in a private function that is only ever called becomes the default of a new last "
        "parameter."
    )
    examples = (
        (
            "def _f(a):\n    return a > 255\n\n\ndef g(a):\n    return (_f(a) if __fault__(1) else _f(-a))\n",
            "def _f(a, a_limit=255):\n    return a > a_limit\n\n\ndef g(a):\n"
            "    return (_f(a) if __fault__(1) else _f(-a))\n",
        ),
        (
            "def _f(a, b=2):\n    return a.c('utf')\n\n\ndef g(a):\n    return _f(a)\n",
            "def _f(a, b=2, label='utf'):\n    return a.c(label)\n\n\ndef g(a):\n    return _f(a)\n",
        ),
        ("def f(a):\n    return a > 255\n\n\ndef g(a):\n    return f(a)\n", None),
        ("def _f(a):\n    return a > 255\n\n\ndef g(a):\n    return map(_f, a)\n", None),
        ("def _f(a, *b):\n    return a > 255\n\n\ndef g(a):\n    return _f(a)\n", None),
        ("def _f(a):\n    return (a > 255 if __fault__(1) else a)\n\n\ndef g(a):\n    return _f(a)\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Literals in functions of that sort."""
        plain: dict[int, bool] = {}
        for node, function in literals(view):
            if id(function) not in plain:
                params = function.params
                open_ended = params.star_kwarg is not None or not isinstance(
                    params.star_arg, cst.MaybeSentinel
                )
                found = None if open_ended or not params.params else calls(view, project, function)
                plain[id(function)] = bool(found)
            if plain[id(function)]:
                yield Site(node, function)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Adds the parameter and uses it."""
        node, function = site.node, site.data
        stem = subject(view, node)
        text = isinstance(node, cst.SimpleString)
        stems = _TEXTS if text else (*(f"{stem}_{word}" for word in _STEMS[:3] if stem), *_STEMS)
        name = kit.local(view, stems)
        if name is None:
            return None
        assert isinstance(node, cst.Integer | cst.Float | cst.SimpleString)
        param = cst.Param(
            name=cst.Name(name),
            default=node.with_changes(lpar=[], rpar=[]),
            equal=cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace("")),
        )
        old = function.params
        *first, last = old.params
        last = last.with_changes(comma=cst.Comma(whitespace_after=cst.SimpleWhitespace(" ")))
        params = old.with_changes(params=[*first, last, param])
        return Edit(view.replace({node: cst.Name(name, lpar=node.lpar, rpar=node.rpar), old: params}))

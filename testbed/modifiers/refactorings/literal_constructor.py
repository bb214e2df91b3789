"""literal_constructor: writes an empty or plain collection as a call, or the call as a literal."""

from __future__ import annotations

import keyword
from collections.abc import Iterator

import libcst as cst

from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.statements import spans_lines
from testbed.modifiers.view import View

_MADE: dict[type[cst.BaseExpression], str] = {cst.Dict: "dict", cst.List: "list", cst.Tuple: "tuple"}


class LiteralConstructor(Refactoring):
    """`{"a": x}` and `dict(a=x)`, `[]` and `list()`, `()` and `tuple()`."""

    name = "literal_constructor"
    group = "style"
    contract = "`{'a': x}` becomes `dict(a=x)`, `[]` becomes `list()`, `()` becomes `tuple()`, or back."
    examples = (
        (
            'def f(a):\n    return {"b": a, "c": (a if __fault__(1) else 2)}\n',
            "def f(a):\n    return dict(b=a, c=(a if __fault__(1) else 2))\n",
        ),
        ("def f(a):\n    return dict(b=a.c, d=1)\n", 'def f(a):\n    return {"b": a.c, "d": 1}\n'),
        ("def f(a):\n    a.b = []\n", "def f(a):\n    a.b = list()\n"),
        ("def f(a):\n    return tuple()\n", "def f(a):\n    return ()\n"),
        ('def f(a):\n    return {"class": a}\n', None),
        ('def f(a):\n    return {"b": 1, "b": a}\n', None),
        ("def f(a, list):\n    return []\n", None),
        ("def f(a):\n    return dict(a)\n", None),
        ("def f(a):\n    return [a]\n", None),
        # The braces would mean something else there.
        ("def f(a):\n    return f'{dict(b=a)}'\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Literals and calls of the shapes."""
        for node in view.all(cst.Dict, cst.List, cst.Tuple, cst.Call):
            function = view.function_of(node)
            if function is None or view.opaque(function) or spans_lines(node):
                continue
            if any(isinstance(above, cst.Annotation | cst.FormattedString) for above in view.above(node)):
                continue
            if isinstance(node, cst.Call):
                if isinstance(node.func, cst.Name) and view.builtin(node.func) and _plain_call(node):
                    yield Site(node)
            elif _plain_literal(node) and _means(view, _MADE[type(node)]):
                yield Site(node)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Writes the other form."""
        node = site.node
        if isinstance(node, cst.Call):
            return Edit(view.replace({node: _literal(node)}))
        assert isinstance(node, cst.Dict | cst.List | cst.Tuple)
        parts = [p for p in node.elements if isinstance(p, cst.DictElement)]
        equal = cst.AssignEqual(
            whitespace_before=cst.SimpleWhitespace(""), whitespace_after=cst.SimpleWhitespace("")
        )
        args = [cst.Arg(p.value, keyword=cst.Name(_key(p)), equal=equal) for p in parts]
        around = () if isinstance(node, cst.Tuple) else node.lpar
        call = cst.Call(func=cst.Name(_MADE[type(node)]), args=args)
        return Edit(view.replace({node: call.with_changes(lpar=around, rpar=node.rpar if around else ())}))


def _plain_literal(node: cst.CSTNode) -> bool:
    if isinstance(node, cst.Dict):
        keys = [_key(part) for part in node.elements]
        return all(keys) and len(set(keys)) == len(keys) and len(keys) <= 6
    return isinstance(node, cst.List | cst.Tuple) and not node.elements


def _key(part: cst.BaseDictElement) -> str:
    """The key when it could be a keyword of a call, else ""."""
    if not isinstance(part, cst.DictElement) or not isinstance(part.key, cst.SimpleString):
        return ""
    name = part.key.raw_value
    plain = not part.key.prefix and name.isascii() and name.isidentifier() and not keyword.iskeyword(name)
    return name if plain and name != "__debug__" and not part.key.lpar else ""


def _plain_call(node: cst.Call) -> bool:
    name = cst.ensure_type(node.func, cst.Name).value
    if name in ("list", "tuple"):
        return not node.args
    return name == "dict" and all(arg.keyword is not None and not arg.star for arg in node.args)


def _literal(node: cst.Call) -> cst.BaseExpression:
    name = cst.ensure_type(node.func, cst.Name).value
    if name == "tuple":
        return cst.Tuple(elements=[])
    if name == "list":
        return cst.List(elements=[], lpar=node.lpar, rpar=node.rpar)
    parts = [
        cst.DictElement(cst.SimpleString(f'"{arg.keyword.value}"'), arg.value)
        for arg in node.args
        if arg.keyword is not None
    ]
    return cst.Dict(elements=parts, lpar=node.lpar, rpar=node.rpar)


def _means(view: View, name: str) -> bool:
    """Whether the name means the built-in everywhere in the module."""
    return not view.star_import and name not in view.bound_names

"""format_to_fstring: writes a call of `format` as an f-string."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.refactorings.format_string import code, fields, interchangeable, plain_quotes
from testbed.modifiers.view import View


class FormatToFstring(Refactoring):
    """Puts the arguments of `format` into the string."""

    name = "format_to_fstring"
    group = "style"
    contract = (
        '"{}".format(a) becomes f"{a}", where there is one argument or all are variables, and the '
        "fields are in order."
    )
    examples = (
        (
            'def f(a, b):\n    return "{}: {!r:>4} {{}}".format(a, b)\n',
            'def f(a, b):\n    return f"{a}: {b!r:>4} {{}}"\n',
        ),
        (
            'def f(a):\n    return "<{}>".format((a if __fault__(1) else -a))\n',
            'def f(a):\n    return f"<{(a if __fault__(1) else -a)}>"\n',
        ),
        # `a.c` could fail after `a.b` was formatted.
        ('def f(a):\n    return "{}{}".format(a.b, a.c)\n', None),
        ('def f(a):\n    return "{0}{0}".format(a)\n', None),
        ('def f(a):\n    return "{}".format(a["b"])\n', None),
        ("def f(a):\n    return a.format(a)\n", None),
        ('def f(a):\n    return "{}{}".format(a)\n', None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Calls of `format` on a plain string."""
        for node in view.all(cst.Call):
            function = view.function_of(node)
            if function is None or view.opaque(function) or not isinstance(node.func, cst.Attribute):
                continue
            string = node.func.value
            if node.func.attr.value != "format" or not isinstance(string, cst.SimpleString):
                continue
            if not plain_quotes(string) or string.lpar or any(arg.star or arg.keyword for arg in node.args):
                continue
            found = fields(string.raw_value)
            if not found or len(found) != len(node.args) or isinstance(view.parent(node), cst.Attribute):
                continue
            values = [arg.value for arg in node.args]
            if all(_fits(value, string.quote) for value in values) and interchangeable(
                view, function, values
            ):
                yield Site(node)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Writes the f-string."""
        node = site.node
        assert isinstance(node, cst.Call)
        string = cst.ensure_type(cst.ensure_type(node.func, cst.Attribute).value, cst.SimpleString)
        text = string.raw_value
        for arg in node.args:
            text = _filled(text, code(arg.value))
        text = text.replace("\0", "{")
        new = cst.parse_expression(f"f{string.quote}{text}{string.quote}")
        return Edit(view.replace({node: new.with_changes(lpar=node.lpar, rpar=node.rpar)}))


def _filled(text: str, value: str) -> str:
    """The text with its first empty field filled in; a NUL stands for the brace of a field that is done."""
    position = 0
    while text[position : position + 2] == "{{" or text[position] != "{":
        position += 2 if text[position] == "{" else 1
    return f"{text[:position]}\0{value}{text[position + 1 :]}"


def _fits(value: cst.BaseExpression, quote: str) -> bool:
    """Whether the expression may stand in an f-string of any Python version."""
    loose = isinstance(value, cst.Lambda | cst.Yield | cst.GeneratorExp | cst.FormattedString)
    text = code(value)
    first = text[:1] in ("{", "")
    return (
        not loose and not first and not any(mark in text for mark in ("'", '"', "\\", "\n", "#", "!=", "{"))
    )

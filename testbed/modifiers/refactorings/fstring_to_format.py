"""fstring_to_format: writes an f-string as a call of `format`."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.refactorings.format_string import code, interchangeable
from testbed.modifiers.view import View


class FstringToFormat(Refactoring):
    """Takes the expressions of an f-string out of it."""

    name = "fstring_to_format"
    group = "style"
    contract = (
        'f"{a}" becomes "{}".format(a), where there is one expression or all are variables and '
        "no format depends on a value."
    )
    examples = (
        (
            'def f(a, b):\n    return f"{a}: {b!r:>4} {{}}"\n',
            'def f(a, b):\n    return "{}: {!r:>4} {{}}".format(a, b)\n',
        ),
        ('def f(a):\n    return f"<{a.b(1):02d}>"\n', 'def f(a):\n    return "<{:02d}>".format(a.b(1))\n'),
        (
            'def f(a):\n    return f"<{(a if __fault__(1) else -a)}>"\n',
            'def f(a):\n    return "<{}>".format((a if __fault__(1) else -a))\n',
        ),
        # `a.b` is formatted before `a.c` is read.
        ('def f(a):\n    return f"{a.b}{a.c}"\n', None),
        ('def f(a, b):\n    return f"{a:{b}}"\n', None),
        ('def f(a):\n    return f"{a=}"\n', None),
        ('def f(a):\n    return f"plain"\n', None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """F-strings that stand alone."""
        for node in view.all(cst.FormattedString):
            function = view.function_of(node)
            if function is None or view.opaque(function) or node.start not in ('f"', "f'", 'F"', "F'"):
                continue
            if isinstance(
                view.parent(node), cst.ConcatenatedString | cst.FormattedStringExpression | cst.Attribute
            ):
                continue
            parts = [p for p in node.parts if isinstance(p, cst.FormattedStringExpression)]
            if not parts or not all(_plain(p) for p in parts):
                continue
            if interchangeable(view, function, [p.expression for p in parts]):
                yield Site(node)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Writes the call."""
        node = site.node
        assert isinstance(node, cst.FormattedString)
        text, values = "", []
        for part in node.parts:
            if isinstance(part, cst.FormattedStringExpression):
                conversion = f"!{part.conversion}" if part.conversion else ""
                spec = "" if part.format_spec is None else ":" + "".join(code(p) for p in part.format_spec)
                text += "{" + conversion + spec + "}"
                values.append(cst.Arg(value=part.expression))
            else:
                text += code(part)
        string = cst.SimpleString(value=node.start[1:] + text + node.end)
        call = cst.Call(func=cst.Attribute(value=string, attr=cst.Name("format")), args=values)
        return Edit(view.replace({node: call.with_changes(lpar=node.lpar, rpar=node.rpar)}))


def _plain(part: cst.FormattedStringExpression) -> bool:
    """Whether the field has no `=`, no nested field, and an expression that reads the same outside."""
    if part.equal is not None or isinstance(part.expression, cst.Tuple | cst.Yield | cst.GeneratorExp):
        return False
    spec = part.format_spec or ()
    text = all(isinstance(p, cst.FormattedStringText) and not set(code(p)) & set("{}\\") for p in spec)
    return text and "\n" not in code(part)

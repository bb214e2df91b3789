"""introduce_constant: gives a literal a name at the top of the module."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from testbed.modifiers.naming import snake
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.statements import sole
from testbed.modifiers.view import View

_UNTOUCHED = (
    cst.Annotation,
    cst.Decorator,
    cst.Param,
    cst.ConcatenatedString,
    cst.FormattedString,
    cst.MatchValue,
    cst.UnaryOperation,
    cst.Expr,
)
"""What a literal must not be in: it is text there, or a name would mean something else."""


class IntroduceConstant(Refactoring):
    """Defines a private module constant and uses it in place of one literal in a function."""

    name = "introduce_constant"
    group = "extract"
    contract = (
        "A number or string in a function becomes a private constant, defined after the module's imports."
    )
    examples = (
        (
            '"""M."""\n\nimport os\n\n\ndef f(a):\n    return a > 255\n',
            '"""M."""\n\nimport os\n\n_A_LIMIT = 255\n\n\ndef f(a):\n    return a > _A_LIMIT\n',
        ),
        (
            'def f(a):\n    return a.g("utf-8")\n',
            '_UTF_8 = "utf-8"\n\n\ndef f(a):\n    return a.g(_UTF_8)\n',
        ),
        ("def f(a):\n    return (a + 77 if __fault__(1) else a)\n", None),
        ('def f(a):\n    """A docstring."""\n    return a + 1\n', None),
        ("def f(a=77):\n    return a\n", None),
        ('def f(a: "int") -> "str":\n    return -77\n', None),
        ("def f(a):\n    return a + 77, globals()\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Literals in functions that are worth a name."""
        if view.dynamic:
            return
        for node, _function in literals(view):
            yield Site(node)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Defines the constant and uses it."""
        node = site.node
        assert isinstance(node, cst.Integer | cst.Float | cst.SimpleString)
        name = kit.private(view, _names(view, node))
        if name is None:
            return None
        value = node.with_changes(lpar=[], rpar=[])
        line = cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(cst.Name(name))], value)])
        changed = view.replace({node: cst.Name(name, lpar=node.lpar, rpar=node.rpar)})
        at = after_imports(view.module.body)
        return Edit(changed.with_changes(body=_placed(view, changed.body, at, line)))


def literals(view: View) -> Iterator[tuple[cst.BaseExpression, cst.FunctionDef]]:
    """(literal, function) of every literal in a function that is worth a name."""
    for node in view.all(cst.Integer, cst.Float, cst.SimpleString):
        function = view.function_of(node)
        if function is None or view.opaque(function) or not _worth(node):
            continue
        around = []
        for above in view.above(node):
            if above is function.body:
                break
            around.append(above)
        if not any(isinstance(above, _UNTOUCHED) and not _called(above) for above in around):
            yield node, function


def _called(node: cst.CSTNode) -> bool:
    """A statement that is a call may hold literals; one that is a string is a docstring."""
    return isinstance(node, cst.Expr) and isinstance(node.value, cst.Call)


def _worth(node: cst.CSTNode) -> bool:
    if isinstance(node, cst.SimpleString):
        return (
            not node.prefix
            and len(node.quote) == 1
            and 2 < len(node.raw_value) < 40
            and len(snake(node.raw_value)) > 2
        )
    return isinstance(node, cst.Integer | cst.Float) and node.value not in ("0", "1", "2", "0.0", "1.0")


def _names(view: View, node: cst.CSTNode) -> tuple[str, ...]:
    if isinstance(node, cst.SimpleString):
        stem = "_".join(snake(node.raw_value).split("_")[:4]).upper()
        return (f"_{stem}", f"_{stem}_TEXT", f"_{stem}_NAME", f"_{stem}_LABEL")
    stem = subject(view, node).upper()
    around = tuple(f"_{stem}_{word}" for word in ("LIMIT", "SIZE", "BOUND")) if stem else ()
    return (*around, "_LIMIT", "_DEFAULT_SIZE", "_STEP", "_FACTOR", "_THRESHOLD", "_WIDTH")


def subject(view: View, node: cst.CSTNode) -> str:
    """What a number is compared with, added to, or passed as."""
    above = view.parent(node)
    if isinstance(above, cst.Arg) and above.keyword is not None:
        return snake(above.keyword.value)
    whole = view.parent(above) if isinstance(above, cst.ComparisonTarget) else above
    other = getattr(whole, "left", None)
    if isinstance(other, cst.Call) and other.args and isinstance(other.args[0].value, cst.Name):
        return snake(other.args[0].value.value)
    if isinstance(other, cst.Attribute):
        return snake(other.attr.value)
    return snake(other.value) if isinstance(other, cst.Name) else ""


def after_imports(body: Sequence[cst.CSTNode]) -> int:
    """The place after the docstring and the first run of imports."""
    at = 0
    if body and isinstance(sole(body[0]), cst.Expr):
        at = 1
    while at < len(body) and isinstance(sole(body[at]), cst.Import | cst.ImportFrom):
        at += 1
    return at


def _placed(
    view: View, body: Sequence[cst.CSTNode], at: int, line: cst.SimpleStatementLine
) -> Sequence[cst.CSTNode]:
    """The body with the constant in it, set off by blank lines as its neighbours are."""
    blank = cst.EmptyLine(indent=False)
    following = list(body[at:])
    beside = bool(following) and isinstance(sole(following[0]), cst.Assign)
    lead = [blank] if at else []
    if following and at == 0:
        wide = isinstance(following[0], cst.FunctionDef | cst.ClassDef)
        gap = [blank, blank] if wide else []
        following[0] = following[0].with_changes(leading_lines=[*gap, *following[0].leading_lines])  # type: ignore[attr-defined]
    elif following and beside and at:
        lead = list(following[0].leading_lines)  # type: ignore[attr-defined]
        if any(other.comment for other in lead):
            lead = [blank]
        else:
            following[0] = following[0].with_changes(leading_lines=())
    return [*body[:at], line.with_changes(leading_lines=lead), *following]

"""inline_constant: puts a private constant's value where the constant is used."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from testbed.modifiers.private import references
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.statements import simple_assignment, spans_lines, uncommented
from testbed.modifiers.view import View

MOST_USES = 3


class InlineConstant(Refactoring):
    """Removes a private constant that holds a literal and is used a few times."""

    name = "inline_constant"
    group = "inline"
    contract = (
        "A private constant of a module that is bound once, to a number or a string, and used at most three "
        "times, is replaced by its value, where no other file, string or comment mentions it."
    )
    examples = (
        (
            "_SIZE = 30\n\n\ndef f(a):\n    return (a if __fault__(1) else -a) + _SIZE\n",
            "def f(a):\n    return (a if __fault__(1) else -a) + 30\n",
        ),
        (
            "import os\n\n_KEY = 'name'\nB = 2\n\n\ndef f(a):\n    return a[_KEY]\n",
            "import os\n\nB = 2\n\n\ndef f(a):\n    return a['name']\n",
        ),
        # Nothing is put into a guard.
        ("_SIZE = 30\n\n\ndef f(a):\n    return (_SIZE if __fault__(1) else a)\n", None),
        ("_KEY = 'b'\n\n\ndef f(a):\n    return f'{a}{_KEY}'\n", None),
        ("_SIZE = 3000\n\n\ndef f(a):\n    return a is _SIZE\n", None),
        ("_SIZE = 30\n\n\ndef f(a):\n    global _SIZE\n    _SIZE = a\n", None),
        ("#: a.py\n_SIZE = 3\n\n\ndef f(a):\n    return a + _SIZE\n#: b.py\nimport a\nb = a._SIZE\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """The constants."""
        for line in view.module.body:
            found = simple_assignment(line)
            if found is None or not uncommented(line) or not _literal(found[1]):
                continue
            refs = references(view, project, found[0].value)
            uses = [] if refs is None else [ref.node for ref in refs[1:]]
            if 0 < len(uses) <= MOST_USES and all(_replaceable(view, use, found[1]) for use in uses):
                yield Site(line, (found[1], uses))

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Drops the line and writes the value."""
        value, uses = site.data
        changes: dict[cst.CSTNode, cst.CSTNode | tuple[cst.CSTNode, ...]] = {site.node: ()}
        for use in uses:
            tight = isinstance(view.parent(use), cst.Attribute | cst.BinaryOperation | cst.UnaryOperation)
            bare = isinstance(value, cst.SimpleString) or not tight
            bare = bare or (
                isinstance(value, cst.Integer) and not isinstance(view.parent(use), cst.Attribute)
            )
            changes[use] = (
                value if bare else value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
            )
        return Edit(_closed_up(view, site.node, view.replace(changes)))


def _literal(value: cst.BaseExpression) -> bool:
    if isinstance(value, cst.UnaryOperation) and isinstance(value.operator, cst.Minus):
        value = value.expression
    plain = isinstance(value, cst.Integer | cst.Float | cst.SimpleString)
    return plain and not value.lpar and not spans_lines(value)


def _replaceable(view: View, use: cst.Name, value: cst.BaseExpression) -> bool:
    """Whether a literal may stand there and mean the same."""
    if view.guarded(use) or use.lpar:
        return False
    above = view.parent(use)
    if isinstance(above, cst.Expr | cst.ConcatenatedString | cst.MatchValue):
        return False
    whole = view.parent(above) if isinstance(above, cst.ComparisonTarget) else above
    if isinstance(whole, cst.Comparison):
        return not any(isinstance(t.operator, cst.Is | cst.IsNot) for t in whole.comparisons)
    return not any(isinstance(a, cst.FormattedString) for a in view.above(use))


def _closed_up(view: View, line: cst.CSTNode, module: cst.Module) -> cst.Module:
    """The module; what followed a line that stood first or apart gets that line's place."""
    at = next(i for i, statement in enumerate(view.module.body) if statement is line)
    if at >= len(module.body):
        return module
    below = module.body[at]
    lines = list(below.leading_lines)
    blank = not any(empty.comment for empty in lines)
    if at == 0:
        lead = lines[next((i for i, e in enumerate(lines) if e.comment), len(lines)) :]
    else:
        own = list(cst.ensure_type(line, cst.SimpleStatementLine).leading_lines)
        lead = max(own, lines, key=len) if blank else lines
    body = [*module.body[:at], below.with_changes(leading_lines=lead), *module.body[at + 1 :]]
    return module.with_changes(body=body)

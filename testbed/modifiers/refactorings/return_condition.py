"""return_condition: returns a condition instead of True and False, or the other way round."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import libcst as cst

from testbed.modifiers.effects import negated, surely_bool
from testbed.modifiers.guards import guard_number
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.statements import leading_of, only_line, sole, spans_lines, uncommented
from testbed.modifiers.tree import contains
from testbed.modifiers.view import View


class ReturnCondition(Refactoring):
    """`if c: return True`, `return False` becomes `return bool(c)`, or the other way round."""

    name = "return_condition"
    group = "condition"
    contract = (
        "`if c: return True` followed by `return False` becomes `return bool(c)` (`return c` where that is "
        "surely a bool), or a returned `not c`, `a is b`, `a in b` becomes such an if."
    )
    examples = (
        (
            "def f(a):\n    if a.b:\n        return True\n    return False\n",
            "def f(a):\n    return bool(a.b)\n",
        ),
        (
            "def f(a):\n    if (a if __fault__(1) else -a) in a:\n        return False\n    return True\n",
            "def f(a):\n    return (a if __fault__(1) else -a) not in a\n",
        ),
        (
            "def f(a):\n    return not a\n",
            "def f(a):\n    if not a:\n        return True\n    return False\n",
        ),
        # `a < 2` may be anything.
        ("def f(a):\n    return a < 2\n", None),
        ("def f(a, bool):\n    if a:\n        return True\n    return False\n", None),
        ("def f(a):\n    if a:\n        return True\n    return True\n", None),
        ("def f(a):\n    if __fault__(1):\n        return True\n    else:\n        return False\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Pairs of returns, and returned conditions."""
        for _function, body in view.blocks():
            for node, following in pairwise(body):
                first = _returned(node)
                second = _truth(sole(following))
                if first is not None and second is (not first) and uncommented(following):
                    yield Site(node, following)
            for line in body:
                small = sole(line)
                value = small.value if isinstance(small, cst.Return) and uncommented(line) else None
                if value is not None and surely_bool(value) and not isinstance(value, cst.Name):
                    yield Site(line, None)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Writes the other form."""
        node = site.node
        if site.data is None:
            value = cst.ensure_type(sole(node), cst.Return).value
            assert value is not None
            if spans_lines(value):
                return None
            yes, no = _line("True"), _line("False")
            new = cst.If(test=value, body=cst.IndentedBlock(body=[yes]), leading_lines=leading_of(node))
            return Edit(view.replace({node: [new, no]}))
        condition = cst.ensure_type(node, cst.If)
        test = condition.test if _returned(condition) else negated(condition.test)
        if not surely_bool(test):
            if not _names_bool(view, condition):
                return None
            plain = test.with_changes(lpar=[], rpar=[]) if len(test.lpar) == 1 else test
            test = cst.Call(func=cst.Name("bool"), args=[cst.Arg(value=plain)])
        line = cst.SimpleStatementLine([cst.Return(value=test)], leading_lines=leading_of(node))
        return Edit(view.replace({node: line, site.data: ()}))


def _truth(small: cst.CSTNode | None) -> bool | None:
    """True or False where the statement returns that word, else None."""
    if isinstance(small, cst.Return) and isinstance(small.value, cst.Name):
        return {"True": True, "False": False}.get(small.value.value)
    return None


def _returned(node: cst.CSTNode) -> bool | None:
    """What an if without else returns when it is true and has nothing else in it."""
    if not isinstance(node, cst.If) or node.orelse is not None or guard_number(node) is not None:
        return None
    line = only_line(node.body)
    if line is None or contains(node.test, (cst.NamedExpr, cst.Yield)) or spans_lines(node.test):
        return None
    return _truth(line.body[0])


def _names_bool(view: View, node: cst.CSTNode) -> bool:
    """Whether `bool` means the built-in here."""
    return not view.star_import and "bool" not in view.bound_names


def _line(word: str) -> cst.SimpleStatementLine:
    return cst.SimpleStatementLine(body=[cst.Return(value=cst.Name(word))])

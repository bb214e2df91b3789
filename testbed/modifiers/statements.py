"""Helpers for statements: blocks, comments, and what ends a block."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from testbed.modifiers.guards import guard_number
from testbed.modifiers.tree import code
from testbed.modifiers.view import View


def line_of(view: View, node: cst.CSTNode) -> cst.BaseStatement | None:
    """The statement that the node belongs to, when it stands in an indented block of its own lines."""
    current = node
    for above in view.above(node):
        if isinstance(above, cst.IndentedBlock):
            return (
                current if isinstance(current, cst.SimpleStatementLine | cst.BaseCompoundStatement) else None
            )
        if isinstance(above, cst.Module | cst.SimpleStatementSuite | cst.Lambda):
            return None
        current = above
    return None


def sole(statement: cst.CSTNode) -> cst.BaseSmallStatement | None:
    """The only small statement of a line; None for a compound statement or several on a line."""
    if isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1:
        return statement.body[0]
    return None


def simple_assignment(statement: cst.CSTNode) -> tuple[cst.Name, cst.BaseExpression] | None:
    """(name, value) of a line `name = value`, else None."""
    small = sole(statement)
    if isinstance(small, cst.Assign) and len(small.targets) == 1:
        target = small.targets[0].target
        if isinstance(target, cst.Name):
            return target, small.value
    return None


def assign(name: str, value: cst.BaseExpression) -> cst.SimpleStatementLine:
    """The line `name = value`."""
    small = cst.Assign(targets=[cst.AssignTarget(target=cst.Name(name))], value=value)
    return cst.SimpleStatementLine(body=[small])


def terminates(body: Sequence[cst.CSTNode]) -> bool:
    """Whether control never passes the end of these statements. A guard never counts as an end."""
    if not body:
        return False
    last = body[-1]
    if isinstance(last, cst.SimpleStatementLine):
        return isinstance(last.body[-1], cst.Return | cst.Raise | cst.Continue | cst.Break)
    if isinstance(last, cst.If) and guard_number(last) is None and last.orelse is not None:
        other = last.orelse
        rest = terminates([other]) if isinstance(other, cst.If) else _block_ends(other.body)
        return _block_ends(last.body) and rest
    return False


def _block_ends(suite: cst.BaseSuite) -> bool:
    return isinstance(suite, cst.IndentedBlock) and terminates(suite.body)


def commented(lines: Sequence[cst.EmptyLine]) -> bool:
    """Whether one of the lines is a comment."""
    return any(line.comment is not None for line in lines)


def block_of(suite: cst.CSTNode) -> cst.IndentedBlock | None:
    """The suite when it is an indented block whose header and footer have no comments."""
    if not isinstance(suite, cst.IndentedBlock) or suite.header.comment or commented(suite.footer):
        return None
    return suite


def uncommented(statement: cst.CSTNode) -> bool:
    """Whether a simple line has no comment of its own, above it or beside it."""
    return (
        isinstance(statement, cst.SimpleStatementLine)
        and not commented(statement.leading_lines)
        and statement.trailing_whitespace.comment is None
    )


def leading_of(statement: cst.CSTNode) -> Sequence[cst.EmptyLine]:
    """The blank lines and comments above a statement."""
    lines: Sequence[cst.EmptyLine] = getattr(statement, "leading_lines", ())
    return lines


def is_docstring(view: View, line: cst.CSTNode) -> bool:
    """Whether the line is a string on its own, which may be a docstring."""
    small = sole(line)
    return isinstance(small, cst.Expr) and isinstance(
        small.value, cst.SimpleString | cst.ConcatenatedString | cst.FormattedString
    )


def spans_lines(node: cst.CSTNode) -> bool:
    """Whether the node is written on more than one line."""
    return "\n" in code(node)


def only_line(suite: cst.CSTNode) -> cst.SimpleStatementLine | None:
    """The line that a block consists of, when it holds one small statement and there is no comment."""
    block = block_of(suite)
    if block is None or len(block.body) != 1:
        return None
    line = block.body[0]
    if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 and uncommented(line):
        return line
    return None

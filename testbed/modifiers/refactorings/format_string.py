"""Reading f-strings and `format` calls that say the same thing."""

from __future__ import annotations

import re
from collections.abc import Sequence

import libcst as cst

from testbed.modifiers.effects import inert, movable
from testbed.modifiers.view import View

_FIELD = re.compile(r"\{\{|\}\}|\{(![rsa])?(:[^{}]*)?\}|[{}]")


def code(node: cst.CSTNode) -> str:
    """The text of a node."""
    return cst.Module(body=[]).code_for_node(node)


def fields(text: str) -> list[tuple[str, str]] | None:
    """(conversion, spec) of each automatic field in a format string's source; None for any other field."""
    found: list[tuple[str, str]] = []
    for match in _FIELD.finditer(text):
        if match[0] in ("{{", "}}"):
            continue
        if match[0] in ("{", "}"):
            return None
        found.append((match[1] or "", match[2] or ""))
    return found


def interchangeable(view: View, function: cst.FunctionDef, values: Sequence[cst.BaseExpression]) -> bool:
    """Whether evaluating all values before formatting any is the same as taking them one by one."""
    if len(values) == 1:
        return movable(view, values[0])
    return all(inert(view, function, value) for value in values)


def plain_quotes(node: cst.SimpleString) -> bool:
    """Whether the string has no prefix, one line, and nothing that an f-string would read otherwise."""
    return not node.prefix and len(node.quote) == 1 and "\\N" not in node.value

"""Guards that are known to be exact without trying: one expression for another that stands as firmly.

Compiling a whole function for each of its guards is what placing thousands of them costs. Where an
expression gives way to one that binds at least as tightly, keeps the names that it binds and is another
program, only one question is left, and it can be put for many guards at once: whether the text with all
of them compiles and comes apart again.
"""

from __future__ import annotations

import ast

from testbed.schema.scopes import traits
from testbed.schema.text import same

_ATOM = 99
_OPERATORS: dict[type, int] = {
    ast.BitOr: 5,
    ast.BitXor: 6,
    ast.BitAnd: 7,
    ast.LShift: 8,
    ast.RShift: 8,
    ast.Add: 9,
    ast.Sub: 9,
    ast.Mult: 10,
    ast.MatMult: 10,
    ast.Div: 10,
    ast.FloorDiv: 10,
    ast.Mod: 10,
    ast.Pow: 12,
}
_ATOMS = (
    ast.Name,
    ast.Constant,
    ast.Attribute,
    ast.Subscript,
    ast.Call,
    ast.List,
    ast.Dict,
    ast.Set,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.JoinedStr,
)


def tightness(node: ast.expr) -> int:
    """How tightly an expression's outermost operator binds; 0 where it is better not to say."""
    if isinstance(node, _ATOMS):
        return _ATOM
    if isinstance(node, ast.BoolOp):
        return 1 if isinstance(node.op, ast.Or) else 2
    if isinstance(node, ast.UnaryOp):
        return 3 if isinstance(node.op, ast.Not) else 11
    if isinstance(node, ast.Compare):
        return 4
    return _OPERATORS[type(node.op)] if isinstance(node, ast.BinOp) else 0


def certain(data: bytes, start: int, end: int, clean: ast.expr, faulty: ast.expr, new: bytes) -> bool:
    """Whether `faulty` (as text: `new`) in the place [start, end) of `clean` needs no look of its own."""
    first, second = tightness(clean), tightness(faulty)
    if not first or second < first or _runs_together(data[start - 1 : start], new, data[end : end + 1]):
        return False
    return traits(clean) == traits(faulty) and not same(clean, faulty)


def _runs_together(before: bytes, new: bytes, after: bytes) -> bool:
    """Whether the text could make one token with what stands beside it: `return"a"`, `1.real`."""
    if _joins(before) or _joins(after):
        return True
    return after == b"." and new[-1:].isdigit()


def _joins(byte: bytes) -> bool:
    return byte.isalnum() or byte in (b"_", b'"', b"'") or byte >= b"\x80"

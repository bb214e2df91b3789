"""From a program back to text, which parses to the same program again."""

from __future__ import annotations

from collections.abc import Iterator

from . import nodes
from .lexer import ESCAPES
from .parser import NEGATION, NOT, PRECEDENCE
from .values import shown

INDENT = "    "
ATOM = NEGATION + 1
WORDS: dict[type, str] = {
    nodes.Let: "let {0.name} = ",
    nodes.Assign: "{0.name} = ",
    nodes.Return: "return ",
    nodes.Print: "print ",
    nodes.Do: "",
}
ESCAPED = {sign: f"\\{letter}" for letter, sign in ESCAPES.items()}


def quoted(text: str) -> str:
    """A text as a program writes it."""
    return '"' + "".join(ESCAPED.get(sign, sign) for sign in text) + '"'


def _tightness(node: nodes.Expr) -> int:
    if isinstance(node, nodes.Binary):
        return PRECEDENCE[node.op]
    if isinstance(node, nodes.Unary):
        return NOT if node.op == "not" else NEGATION
    return ATOM


def expression(node: nodes.Expr, least: int = 0) -> str:
    """An expression, in parentheses where it binds less tightly than `least`."""
    return f"({_bare(node)})" if _tightness(node) < least else _bare(node)


def _bare(node: nodes.Expr) -> str:
    if isinstance(node, nodes.Constant):
        return quoted(node.value) if isinstance(node.value, str) else shown(node.value)
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Call):
        return f"{node.name}({', '.join(expression(arg) for arg in node.args)})"
    if isinstance(node, nodes.Binary):
        tight = PRECEDENCE[node.op]
        return f"{expression(node.left, tight)} {node.op} {expression(node.right, tight + 1)}"
    if node.op == "not":
        return f"not {expression(node.operand, NOT)}"
    # With digits at once behind it, the sign would belong to the number.
    operand = expression(node.operand, NEGATION)
    return f"-({operand})" if operand[0].isdigit() else f"-{operand}"


def _lines(statement: nodes.Stmt) -> Iterator[str]:
    if isinstance(statement, nodes.If):
        yield from _if(statement, "if")
    elif isinstance(statement, nodes.While):
        yield f"while {expression(statement.test)} {{"
        yield from _inside(statement.body)
        yield "}"
    else:
        start = WORDS[type(statement)].format(statement)
        yield f"{start}{expression(statement.value)};"


def _if(statement: nodes.If, word: str) -> Iterator[str]:
    yield f"{word} {expression(statement.test)} {{"
    yield from _inside(statement.then)
    orelse = statement.orelse
    if len(orelse) == 1 and isinstance(orelse[0], nodes.If):
        yield from _if(orelse[0], "} else if")
        return
    if orelse:
        yield "} else {"
        yield from _inside(orelse)
    yield "}"


def _inside(body: nodes.Body) -> Iterator[str]:
    for statement in body:
        for line in _lines(statement):
            yield INDENT + line


def _function(function: nodes.Function) -> Iterator[str]:
    params = ", ".join(f"{name}: {kind}" for name, kind in function.params)
    yield f"fn {function.name}({params}) -> {function.result} {{"
    yield from _inside(function.body)
    yield "}"


def show(program: nodes.Program) -> str:
    """The text of a program, functions first."""
    lines = [line for function in program.functions for line in _function(function)]
    lines += [line for statement in program.body for line in _lines(statement)]
    return "".join(f"{line}\n" for line in lines)

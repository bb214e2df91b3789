"""A program that does the same with less: constants folded, dead code gone. Errors stay where they were."""

from __future__ import annotations

from dataclasses import replace
from typing import Optional

from . import nodes
from .checker import always_returns
from .errors import RunError
from .values import BINARY, Value, unary

OPPOSITE = {"<": ">=", ">=": "<", ">": "<=", "<=": ">", "==": "!=", "!=": "=="}


def constant(value: Value) -> nodes.Constant:
    """The node of a value."""
    return nodes.Constant(type(value).__name__, value)


ZERO, ONE, EMPTY = constant(0), constant(1), constant("")
TRUE, FALSE = constant(True), constant(False)


def pure(node: nodes.Expr) -> bool:
    """Whether an expression can be left out: it does nothing and cannot fail."""
    if isinstance(node, nodes.Unary):
        return pure(node.operand)
    if isinstance(node, nodes.Binary):
        # Texts that are joined may get too long.
        return node.op not in ("/", "%", "+") and pure(node.left) and pure(node.right)
    return not isinstance(node, nodes.Call)


def fold(node: nodes.Expr) -> nodes.Expr:
    """The expression with everything evaluated that is known."""
    if isinstance(node, nodes.Call):
        return replace(node, args=tuple(fold(arg) for arg in node.args))
    if isinstance(node, nodes.Unary):
        return _unary(replace(node, operand=fold(node.operand)))
    if isinstance(node, nodes.Binary):
        folded = replace(node, left=fold(node.left), right=fold(node.right))
        return _logic(folded) if node.op in ("and", "or") else _binary(folded)
    return node


def _unary(node: nodes.Unary) -> nodes.Expr:
    operand = node.operand
    if isinstance(operand, nodes.Constant):
        return constant(unary(node.op, operand.value))
    if isinstance(operand, nodes.Unary):
        return operand.operand  # both are `-`, or both `not`
    if node.op == "not" and isinstance(operand, nodes.Binary) and operand.op in OPPOSITE:
        return replace(operand, op=OPPOSITE[operand.op])
    return node


def _binary(node: nodes.Binary) -> nodes.Expr:
    left, right = node.left, node.right
    if isinstance(left, nodes.Constant) and isinstance(right, nodes.Constant):
        try:
            return constant(BINARY[node.op](left.value, right.value))
        except RunError:
            return node  # it has to fail when it runs
    return _identity(node.op, left, right) or node


def _identity(op: str, left: nodes.Expr, right: nodes.Expr) -> Optional[nodes.Expr]:
    """x+0, x-0, x*1, x/1 and their like; x*0 where x can be left out."""
    if op == "+" and left in (ZERO, EMPTY):
        return right
    if op in ("+", "-") and right in (ZERO, EMPTY):
        return left
    if op == "*" and left == ONE:
        return right
    if op in ("*", "/") and right == ONE:
        return left
    if op == "*" and ZERO in (left, right) and pure(left) and pure(right):
        return ZERO
    return None


def _logic(node: nodes.Binary) -> nodes.Expr:
    decisive = constant(node.op == "or")
    if isinstance(node.left, nodes.Constant):
        return node.left if node.left == decisive else node.right
    if isinstance(node.right, nodes.Constant) and node.right != decisive:
        return node.left
    return node


def _block(body: nodes.Body) -> nodes.Body:
    kept: list[nodes.Stmt] = []
    for statement in body:
        kept.extend(_statement(statement))
        if always_returns(tuple(kept)):
            break
    return tuple(kept)


def _statement(statement: nodes.Stmt) -> nodes.Body:
    if isinstance(statement, nodes.If):
        return _if(replace(statement, test=fold(statement.test)))
    if isinstance(statement, nodes.While):
        test = fold(statement.test)
        return () if test == FALSE else (replace(statement, test=test, body=_block(statement.body)),)
    value = fold(statement.value)
    if isinstance(statement, nodes.Do) and pure(value):
        return ()
    if isinstance(statement, nodes.Assign) and value == nodes.Name(statement.name):
        return ()
    return (replace(statement, value=value),)


def _if(statement: nodes.If) -> nodes.Body:
    test, then, orelse = statement.test, _block(statement.then), _block(statement.orelse)
    if isinstance(test, nodes.Constant):
        return _opened(then if test.value else orelse, statement)
    if not then and not orelse:
        return () if pure(test) else (nodes.Do(test, statement.place),)
    if not then:
        test, then, orelse = fold(nodes.Unary("not", test, test.place)), orelse, ()
    return (replace(statement, test=test, then=then, orelse=orelse),)


def _opened(body: nodes.Body, statement: nodes.If) -> nodes.Body:
    """The statements of a block that is always taken; in a block still where they make variables."""
    if any(isinstance(each, nodes.Let) for each in body):
        return (replace(statement, test=TRUE, then=body, orelse=()),)
    return body


def optimise(program: nodes.Program) -> nodes.Program:
    """A program with the same output, and the same error at the same place."""
    functions = tuple(replace(each, body=_block(each.body)) for each in program.functions)
    return nodes.Program(functions, _block(program.body))

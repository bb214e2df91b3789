"""Do the parts of a program fit together? Names, types, and a value from every function."""

from __future__ import annotations

from . import nodes
from .errors import Place, TypeProblem
from .values import ARITHMETIC, BUILTINS, EQUALITY

Signature = tuple[tuple[str, ...], str]


class Checker:
    """Checks one program."""

    def __init__(self, program: nodes.Program) -> None:
        self._program = program
        self._signatures: dict[str, Signature] = {name: each[:2] for name, each in BUILTINS.items()}
        self._scopes: list[dict[str, str]] = []
        self._result = ""  # of the function that is checked; none at the top

    def check(self) -> None:
        """Raises TypeProblem at the first thing that does not fit."""
        for function in self._program.functions:
            self._declare(function)
        for function in self._program.all():
            self._function(function)

    def _declare(self, function: nodes.Function) -> None:
        if function.name in self._signatures:
            raise TypeProblem(f"{function.name} is defined twice", function.place)
        if len(dict(function.params)) < len(function.params):
            raise TypeProblem(f"a parameter of {function.name} comes twice", function.place)
        self._signatures[function.name] = (tuple(kind for _, kind in function.params), function.result)

    def _function(self, function: nodes.Function) -> None:
        self._scopes = [dict(function.params)]
        self._result = function.result
        self._block(function.body)
        if function.result and not always_returns(function.body):
            raise TypeProblem(f"{function.name} may end without a value", function.place)

    def _block(self, body: nodes.Body) -> None:
        self._scopes.append({})
        for statement in body:
            self._statement(statement)
        self._scopes.pop()

    def _statement(self, statement: nodes.Stmt) -> None:
        if isinstance(statement, nodes.Let):
            kind = self.kind(statement.value)
            if statement.name in self._scopes[-1]:
                raise TypeProblem(f"{statement.name} is there already", statement.place)
            self._scopes[-1][statement.name] = kind
        elif isinstance(statement, nodes.Assign):
            self._need(statement.value, self._variable(statement.name, statement.place))
        elif isinstance(statement, nodes.If):
            self._need(statement.test, "bool")
            self._block(statement.then)
            self._block(statement.orelse)
        elif isinstance(statement, nodes.While):
            self._need(statement.test, "bool")
            self._block(statement.body)
        elif isinstance(statement, nodes.Return):
            if not self._result:
                raise TypeProblem("return outside of a function", statement.place)
            self._need(statement.value, self._result)
        else:
            self.kind(statement.value)

    def _variable(self, name: str, place: Place) -> str:
        for scope in reversed(self._scopes):
            if name in scope:
                return scope[name]
        raise TypeProblem(f"unknown variable {name}", place)

    def _need(self, node: nodes.Expr, expected: str) -> str:
        found = self.kind(node)
        if found != expected:
            raise TypeProblem(f"expected {expected}, found {found}", node.place)
        return found

    def kind(self, node: nodes.Expr) -> str:
        """The type of an expression. Raises TypeProblem."""
        if isinstance(node, nodes.Constant):
            return node.kind
        if isinstance(node, nodes.Name):
            return self._variable(node.name, node.place)
        if isinstance(node, nodes.Unary):
            return self._need(node.operand, "bool" if node.op == "not" else "int")
        if isinstance(node, nodes.Binary):
            return self._binary(node)
        return self._call(node)

    def _binary(self, node: nodes.Binary) -> str:
        left = self._need(node.left, "bool") if node.op in ("and", "or") else self.kind(node.left)
        self._need(node.right, left)
        if node.op in ("and", "or", *EQUALITY):
            return "bool"
        if left == "bool" or (left == "str" and node.op in ("-", "*", "/", "%")):
            raise TypeProblem(f"{node.op} does not take {left}", node.place)
        return left if node.op in ARITHMETIC else "bool"

    def _call(self, node: nodes.Call) -> str:
        if node.name not in self._signatures:
            raise TypeProblem(f"unknown function {node.name}", node.place)
        params, result = self._signatures[node.name]
        if len(params) != len(node.args):
            raise TypeProblem(f"{node.name} takes {len(params)} arguments, not {len(node.args)}", node.place)
        for arg, kind in zip(node.args, params):
            self._need(arg, kind)
        return result


def _returns(statement: nodes.Stmt) -> bool:
    if isinstance(statement, nodes.If):
        return always_returns(statement.then) and always_returns(statement.orelse)
    return isinstance(statement, nodes.Return)


def always_returns(body: nodes.Body) -> bool:
    """Whether every way through a block ends in a return."""
    return any(_returns(statement) for statement in body)


def check_program(program: nodes.Program) -> None:
    """Raises TypeProblem where a program does not fit together."""
    Checker(program).check()

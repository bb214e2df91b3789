"""The reference: walks the tree of a program."""

from __future__ import annotations

from . import nodes
from .errors import BudgetError, Place, RunError, placed
from .values import BINARY, BUILTINS, Value, unary, write

STEPS = 5_000
DEEPEST = 200


class _Returned(Exception):
    def __init__(self, value: Value) -> None:
        super().__init__()
        self.value = value


class Interpreter:
    """Runs one program that fits together; `output` has the lines printed so far."""

    def __init__(self, program: nodes.Program, steps: int = STEPS) -> None:
        self._program = program
        self._functions = {function.name: function for function in program.functions}
        self._scopes: list[dict[str, Value]] = []
        self._left = steps
        self._depth = 0  # of blocks and expressions in one another
        self.output: list[str] = []

    def run(self) -> list[str]:
        """The lines that the program prints. Raises RunError."""
        self._block(self._program.body)
        return self.output

    def _deeper(self, place: Place) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise BudgetError("calls nested too deeply", place)

    def _step(self, place: Place) -> None:
        self._left -= 1
        if self._left < 0:
            raise BudgetError("too many steps", place)

    def _block(self, body: nodes.Body) -> None:
        self._scopes.append({})
        for statement in body:
            self._deeper(statement.place)
            self._step(statement.place)
            self._statement(statement)
            self._depth -= 1
        self._scopes.pop()

    def _statement(self, statement: nodes.Stmt) -> None:
        if isinstance(statement, nodes.Let):
            self._scopes[-1][statement.name] = self.value(statement.value)
        elif isinstance(statement, nodes.Assign):
            self._scope(statement.name)[statement.name] = self.value(statement.value)
        elif isinstance(statement, nodes.If):
            self._block(statement.then if self.value(statement.test) else statement.orelse)
        elif isinstance(statement, nodes.While):
            while self.value(statement.test):
                self._step(statement.place)
                self._block(statement.body)
        elif isinstance(statement, nodes.Return):
            raise _Returned(self.value(statement.value))
        elif isinstance(statement, nodes.Print):
            value = self.value(statement.value)
            placed(statement.place, write, self.output, value)
        else:
            self.value(statement.value)

    def _scope(self, name: str) -> dict[str, Value]:
        return next(scope for scope in reversed(self._scopes) if name in scope)

    def value(self, node: nodes.Expr) -> Value:
        """The value of an expression. Raises RunError."""
        if isinstance(node, nodes.Constant):
            return node.value
        if isinstance(node, nodes.Name):
            return self._scope(node.name)[node.name]
        self._deeper(node.place)
        value = self._compound(node)
        self._depth -= 1
        return value

    def _compound(self, node: nodes.Unary | nodes.Binary | nodes.Call) -> Value:
        if isinstance(node, nodes.Call):
            return self._call(node, [self.value(arg) for arg in node.args])
        if isinstance(node, nodes.Unary):
            return unary(node.op, self.value(node.operand))
        left = self.value(node.left)
        if node.op in ("and", "or"):
            return left if left == (node.op == "or") else self.value(node.right)
        return placed(node.place, BINARY[node.op], left, self.value(node.right))

    def _call(self, node: nodes.Call, args: list[Value]) -> Value:
        if node.name in BUILTINS:
            return placed(node.place, BUILTINS[node.name].run, *args)
        self._step(node.place)
        function = self._functions[node.name]
        scopes, depth = self._scopes, self._depth
        self._scopes = [{name: arg for (name, _), arg in zip(function.params, args)}]
        try:
            self._block(function.body)
        except _Returned as returned:
            self._scopes, self._depth = scopes, depth
            return returned.value
        raise RunError(f"{node.name} ended without a value", node.place)

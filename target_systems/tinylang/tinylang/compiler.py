"""From a program to code for the stack machine."""

from __future__ import annotations

from dataclasses import dataclass

from . import nodes
from .errors import NOWHERE, Place
from .peephole import Instruction, Operand, improved
from .values import BUILTINS

ENDING: dict[type, str] = {nodes.Return: "return", nodes.Print: "print", nodes.Do: "pop"}


@dataclass(frozen=True)
class Routine:
    """The code of one function: how many arguments it takes and how many variables it has."""

    params: int
    slots: int
    code: tuple[Instruction, ...]


class _Writer:
    """Compiles one body. Variables get slots; those of a block that has ended are used again."""

    def __init__(self, params: list[str]) -> None:
        self.code: list[Instruction] = []
        self.slots = len(params)
        self._scopes = [{param: slot for slot, param in enumerate(params)}]

    def _emit(self, op: str, operand: Operand = None, place: Place = NOWHERE) -> int:
        self.code.append(Instruction(op, operand, place))
        return len(self.code) - 1

    def _land(self, jump: int) -> None:
        """Lets a jump that was emitted before lead here."""
        self.code[jump] = self.code[jump]._replace(operand=len(self.code))

    def _new_slot(self, name: str) -> int:
        slot = sum(map(len, self._scopes))
        self._scopes[-1][name] = slot
        self.slots = max(self.slots, slot + 1)
        return slot

    def _slot(self, name: str) -> int:
        return next(scope[name] for scope in reversed(self._scopes) if name in scope)

    def block(self, body: nodes.Body) -> None:
        """The code of a block with variables of its own."""
        self._scopes.append({})
        for statement in body:
            self._statement(statement)
        self._scopes.pop()

    def _statement(self, statement: nodes.Stmt) -> None:
        if isinstance(statement, nodes.If):
            self._if(statement)
        elif isinstance(statement, nodes.While):
            self._while(statement)
        else:
            self._expression(statement.value)
            if isinstance(statement, nodes.Let):
                self._emit("store", self._new_slot(statement.name))
            elif isinstance(statement, nodes.Assign):
                self._emit("store", self._slot(statement.name))
            else:
                self._emit(ENDING[type(statement)], None, statement.place)

    def _if(self, statement: nodes.If) -> None:
        self._expression(statement.test)
        over = self._emit("jump_if_false")
        self.block(statement.then)
        if statement.orelse:
            end = self._emit("jump")
            self._land(over)
            self.block(statement.orelse)
            over = end
        self._land(over)

    def _while(self, statement: nodes.While) -> None:
        start = len(self.code)
        self._expression(statement.test)
        end = self._emit("jump_if_false")
        self.block(statement.body)
        self._emit("jump", start)
        self._land(end)

    def _expression(self, node: nodes.Expr) -> None:
        if isinstance(node, nodes.Constant):
            self._emit("push", node.value)
        elif isinstance(node, nodes.Name):
            self._emit("load", self._slot(node.name))
        elif isinstance(node, nodes.Unary):
            self._expression(node.operand)
            self._emit("unary", node.op)
        elif isinstance(node, nodes.Binary):
            self._binary(node)
        else:
            for arg in node.args:
                self._expression(arg)
            self._emit("builtin" if node.name in BUILTINS else "call", node.name, node.place)

    def _binary(self, node: nodes.Binary) -> None:
        self._expression(node.left)
        if node.op in ("and", "or"):
            over = self._emit("keep_if_false" if node.op == "and" else "keep_if_true")
            self._expression(node.right)
            self._land(over)
        else:
            self._expression(node.right)
            self._emit("binary", node.op, node.place)


def _routine(function: nodes.Function, optimised: bool) -> Routine:
    writer = _Writer([name for name, _ in function.params])
    writer.block(function.body)
    code = improved(writer.code) if optimised else writer.code
    return Routine(len(function.params), writer.slots, tuple(code))


def compile_program(program: nodes.Program, optimised: bool = True) -> dict[str, Routine]:
    """Name -> code of each function of a program that fits together; that of its top is called ""."""
    return {function.name: _routine(function, optimised) for function in program.all()}

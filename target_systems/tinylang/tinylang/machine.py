"""The stack machine."""

from __future__ import annotations

from dataclasses import dataclass, field

from .compiler import Routine
from .errors import BudgetError, placed
from .peephole import Instruction
from .values import BINARY, BUILTINS, Value, unary, write

STEPS = 20_000
DEEPEST = 50


@dataclass
class _Frame:
    routine: Routine
    slots: list[Value]
    next: int = 0
    stack: list[Value] = field(default_factory=list)

    def pop(self, count: int) -> list[Value]:
        """Takes the topmost values, the deepest first."""
        first = len(self.stack) - count
        values = self.stack[first:]
        del self.stack[first:]
        return values


class Machine:
    """Runs one compiled program; `output` has the lines printed so far, `steps` those taken."""

    def __init__(self, routines: dict[str, Routine], most: int = STEPS) -> None:
        self._routines = routines
        self._most = most
        self._frames: list[_Frame] = []
        self.steps = 0
        self.output: list[str] = []

    def run(self) -> list[str]:
        """The lines that the program prints. Raises RunError."""
        self._enter("", [])
        while self._frames[-1].next < len(self._frames[-1].routine.code):
            self._step(self._frames[-1])
        return self.output

    def _enter(self, name: str, args: list[Value]) -> None:
        if len(self._frames) > DEEPEST:
            raise BudgetError("calls nested too deeply")
        routine = self._routines[name]
        unused: list[Value] = [0] * (routine.slots - len(args))
        self._frames.append(_Frame(routine, args + unused))

    def _step(self, frame: _Frame) -> None:
        instruction = frame.routine.code[frame.next]
        self.steps += 1
        if self.steps > self._most:
            raise BudgetError("too many steps", instruction.place)
        frame.next += 1
        if instruction.target >= 0:
            self._jump(frame, instruction.op, instruction.target)
        else:
            placed(instruction.place, self._work, frame, instruction)

    def _jump(self, frame: _Frame, op: str, target: int) -> None:
        if op == "jump":
            frame.next = target
            return
        decided = bool(frame.stack[-1]) == op.endswith("true")
        if decided:
            frame.next = target
        if not decided or op.startswith("jump"):
            frame.stack.pop()

    def _work(self, frame: _Frame, instruction: Instruction) -> None:
        op, operand, _ = instruction
        stack = frame.stack
        if op == "push" and operand is not None:
            stack.append(operand)
        elif op == "load" and isinstance(operand, int):
            stack.append(frame.slots[operand])
        elif op == "store" and isinstance(operand, int):
            frame.slots[operand] = stack.pop()
        elif op == "binary":
            stack.append(BINARY[str(operand)](*frame.pop(2)))
        elif op == "unary":
            stack.append(unary(str(operand), stack.pop()))
        elif op == "pop":
            stack.pop()
        elif op == "print":
            write(self.output, stack.pop())
        elif op == "builtin":
            builtin = BUILTINS[str(operand)]
            stack.append(builtin.run(*frame.pop(len(builtin.params))))
        elif op == "call":
            self._enter(str(operand), frame.pop(self._routines[str(operand)].params))
        elif op == "return":
            self._frames.pop()
            self._frames[-1].stack.append(stack.pop())

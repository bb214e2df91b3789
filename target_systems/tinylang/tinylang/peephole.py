"""Code made shorter by looking at a few instructions at a time."""

from __future__ import annotations

from typing import NamedTuple, Optional, Union

from .errors import NOWHERE, Place

Operand = Union[int, bool, str, None]
ROUNDS = 10
OPPOSITE = {"jump_if_false": "jump_if_true", "jump_if_true": "jump_if_false"}
KEEPING = {"keep_if_false": "jump_if_false", "keep_if_true": "jump_if_true"}
JUMPS = ("jump", *OPPOSITE, *KEEPING)


class Instruction(NamedTuple):
    """One step of the machine; the operand of a jump is the number of an instruction."""

    op: str
    operand: Operand = None
    place: Place = NOWHERE

    @property
    def target(self) -> int:
        """Where a jump leads; -1 for what is no jump."""
        return int(self.operand or 0) if self.op in JUMPS else -1


Code = list[Instruction]
Kept = list[Optional[Instruction]]


def straight(code: Code, jump: Instruction) -> Instruction:
    """A jump to a jump goes straight to where that leads; jumps in a circle stay in it."""
    seen = {-1}
    while jump.target not in seen and jump.target < len(code):
        seen.add(jump.target)
        then = code[jump.target]
        if then.op == "jump" or (then.op == jump.op and jump.op in KEEPING):
            jump = jump._replace(operand=then.operand)
        elif jump.op in KEEPING and then.op in OPPOSITE:
            # What was kept is tested there at once: known to be false, or true.
            op = KEEPING[jump.op]
            jump = Instruction(op, then.operand if then.op == op else jump.target + 1)
    return jump


def shorter(code: Code) -> Code:
    """Without values dropped at once, jumps to the next instruction, and what stands dead behind a jump."""
    targets = {each.target for each in code}
    kept: Kept = list(code)
    for number in range(len(code) - 1):
        first, second = kept[number : number + 2]
        if first is None or second is None:
            continue
        if first.op == "jump" and first.target == number + 1:
            kept[number] = None
        elif number + 1 not in targets:
            kept[number : number + 2] = _pair(first, second)
    return _numbered(kept)


def _pair(first: Instruction, second: Instruction) -> Kept:
    if first.op in ("jump", "return"):
        return [first, None]
    if first.op in ("push", "load") and second.op == "pop":
        return [None, None]
    if first[:2] == ("unary", "not") and second.op in OPPOSITE:
        return [None, second._replace(op=OPPOSITE[second.op])]
    return [first, second]


def _numbered(kept: Kept) -> Code:
    """The code without the gaps; jumps into a gap lead behind it."""
    numbers = [0]
    for each in kept:
        numbers.append(numbers[-1] + (each is not None))
    return [
        each if each.target < 0 else each._replace(operand=numbers[each.target])
        for each in kept
        if each is not None
    ]


def improved(code: Code) -> Code:
    """Code that does the same in fewer steps."""
    for _ in range(ROUNDS):
        better = shorter([straight(code, each) for each in code])
        if better == code:
            break
        code = better
    return code

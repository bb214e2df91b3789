"""What operators and built-in functions do with values, and what becomes of output."""

from __future__ import annotations

import operator
from typing import Any, Callable, NamedTuple, Union

from .errors import RunError

Value = Union[int, bool, str]
BITS = 64
HALF = 1 << (BITS - 1)
LONGEST = 10_000
MOST_OUTPUT = 1_000


def wrap(number: int) -> int:
    """The number as a signed one of 64 bits."""
    return (number + HALF) % (1 << BITS) - HALF


def add(left: Value, right: Value) -> Value:
    """The sum of numbers, or one text behind the other. Raises RunError where a text gets too long."""
    if isinstance(left, str) or isinstance(right, str):
        joined = f"{left}{right}"
        if len(joined) > LONGEST:
            raise RunError("a text that is too long")
        return joined
    return wrap(left + right)


def divide(left: int, right: int) -> int:
    """The quotient, rounded towards zero. Raises RunError for a divisor of 0."""
    if right == 0:
        raise RunError("division by zero")
    quotient = abs(left) // abs(right)
    return wrap(quotient if (left < 0) == (right < 0) else -quotient)


def remainder(left: int, right: int) -> int:
    """What division leaves, with the sign of the dividend. Raises RunError for a divisor of 0."""
    return wrap(left - divide(left, right) * right)


ARITHMETIC: dict[str, Callable[[Any, Any], Value]] = {
    "+": add,
    "-": lambda left, right: wrap(left - right),
    "*": lambda left, right: wrap(left * right),
    "/": divide,
    "%": remainder,
}
ORDER = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
EQUALITY = {"==": operator.eq, "!=": operator.ne}
BINARY: dict[str, Callable[[Any, Any], Value]] = {**ARITHMETIC, **ORDER, **EQUALITY}


def unary(op: str, operand: Value) -> Value:
    """The value of `op operand`."""
    return not operand if op == "not" else wrap(-int(operand))


def cut(text: str, start: int, end: int) -> str:
    """The part of a text from `start` up to but without `end`; places outside count as its ends."""
    start = max(start, 0)
    return text[start : max(end, start)]


class Builtin(NamedTuple):
    """A function that every program has."""

    params: tuple[str, ...]
    result: str
    run: Callable[..., Value]


BUILTINS = {
    "len": Builtin(("str",), "int", len),
    "text": Builtin(("int",), "str", str),
    "abs": Builtin(("int",), "int", lambda number: wrap(abs(number))),
    "max": Builtin(("int", "int"), "int", max),
    "min": Builtin(("int", "int"), "int", min),
    "cut": Builtin(("str", "int", "int"), "str", cut),
}


def shown(value: Value) -> str:
    """A value as a line of output."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def write(output: list[str], value: Value) -> None:
    """Prints a value. Raises RunError where that gets too much."""
    if len(output) >= MOST_OUTPUT:
        raise RunError("too much output")
    output.append(shown(value))

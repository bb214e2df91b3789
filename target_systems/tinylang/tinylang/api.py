"""From the text of a program to what it prints."""

from __future__ import annotations

from .checker import check_program
from .compiler import Routine, compile_program
from .interpreter import Interpreter
from .machine import Machine
from .nodes import Program
from .optimiser import optimise
from .parser import parse
from .printer import show


def check(text: str) -> Program:
    """The program of a text. Raises ParseError or TypeProblem."""
    program = parse(text)
    check_program(program)
    return program


def tidy(text: str) -> str:
    """The text of a program in the one way in which it is printed. Raises ParseError."""
    return show(parse(text))


def build(text: str, optimised: bool = True) -> dict[str, Routine]:
    """The code of a program. Raises ParseError or TypeProblem."""
    program = check(text)
    return compile_program(optimise(program) if optimised else program, optimised)


def execute(text: str, optimised: bool = True) -> list[str]:
    """What the compiled program prints. Raises LangError."""
    return Machine(build(text, optimised)).run()


def interpret(text: str) -> list[str]:
    """What the program prints when its tree is walked. Raises LangError."""
    return Interpreter(check(text)).run()

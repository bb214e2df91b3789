"""What can be wrong with a program, and where."""

from __future__ import annotations

from typing import Callable, NamedTuple, TypeVar

Result = TypeVar("Result")


class Place(NamedTuple):
    """A place in the text of a program; both count from 1."""

    line: int
    column: int


NOWHERE = Place(0, 0)


class LangError(Exception):
    """The base of all errors; `place` is where the part stands that is wrong."""

    def __init__(self, message: str, place: Place = NOWHERE) -> None:
        where = "" if place == NOWHERE else f"{place.line}:{place.column}: "
        super().__init__(where + message)
        self.message = message
        self.place = place


class ParseError(LangError):
    """Text that is no program."""


class TypeProblem(LangError):
    """A program whose parts do not fit together."""


class RunError(LangError):
    """A program that went wrong while it ran."""


class BudgetError(RunError):
    """A program that took more steps or deeper calls than it was given; how many, depends on what runs it."""


def placed(place: Place, work: Callable[..., Result], *args: object) -> Result:
    """What `work` returns; a RunError that it raises gets this place."""
    try:
        return work(*args)
    except RunError as problem:
        raise type(problem)(problem.message, place) from None

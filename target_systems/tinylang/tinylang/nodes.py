"""The parts of a program, as the parser makes them. Places are not part of what makes two equal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Union

from .errors import NOWHERE, Place
from .values import Value


@dataclass(frozen=True)
class Constant:
    """A number, true or false, or a text; `kind` is its type. A negative number is written with its sign."""

    kind: str
    value: Value
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Name:
    """A variable that is read."""

    name: str
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Unary:
    """`-x` or `not x`."""

    op: str
    operand: Expr
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Binary:
    """An operator between two expressions; `and` and `or` evaluate the right one only where they must."""

    op: str
    left: Expr
    right: Expr
    place: Place = field(default=NOWHERE, compare=False)  # of the operator


@dataclass(frozen=True)
class Call:
    """A call of a function by its name."""

    name: str
    args: tuple[Expr, ...]
    place: Place = field(default=NOWHERE, compare=False)


Expr = Union[Constant, Name, Unary, Binary, Call]


@dataclass(frozen=True)
class Let:
    """A new variable."""

    name: str
    value: Expr
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Assign:
    """Another value for a variable."""

    name: str
    value: Expr
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class If:
    """One of two blocks."""

    test: Expr
    then: Body
    orelse: Body = ()
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class While:
    """A block as long as the test holds."""

    test: Expr
    body: Body
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Return:
    """The end of a function, with its value."""

    value: Expr
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Print:
    """A line of output."""

    value: Expr
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Do:
    """An expression for its effects alone."""

    value: Expr
    place: Place = field(default=NOWHERE, compare=False)


Stmt = Union[Let, Assign, If, While, Return, Print, Do]
Body = tuple[Stmt, ...]


@dataclass(frozen=True)
class Function:
    """A function with the types of its parameters and of its result."""

    name: str
    params: tuple[tuple[str, str], ...]
    result: str
    body: Body
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Program:
    """Functions, and what is done at the top."""

    functions: tuple[Function, ...]
    body: Body

    def all(self) -> tuple[Function, ...]:
        """The functions, and one without a name or a result that does what is done at the top."""
        return (*self.functions, Function("", (), "", self.body))

"""What a worker has to know of a fault that changes the default value of a parameter."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Late:
    """A fault that can be switched after loading, should nobody have looked at the value until then.

    `marker` is the number of a guard that every call of the function evaluates; `line` (that of its first
    decorator) and `name` are those of the function; `parameter` is the place of the value among
    `__defaults__`, or a name of `__kwdefaults__`; `value` is the faulty literal as text.
    """

    fault: int
    marker: int
    path: str
    line: int
    name: str
    parameter: int | str
    value: str

    def message(self) -> list[Any]:
        """As it travels."""
        return list(astuple(self))

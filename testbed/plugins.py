"""Parts that other distributions bring, found by entry point and checked before anything uses them."""

from __future__ import annotations

import inspect
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from typing import Generic, TypeVar

from testbed.errors import UserError, UserErrors

T = TypeVar("T")
_OWN = "compounding-flaw-testbed"

Check = Callable[[str, object], tuple[T | None, Sequence[str]]]
"""(name, what the entry point gave) -> the part, and what is wrong with it; no part where something is."""


@dataclass(frozen=True, slots=True)
class Plugin(Generic[T]):
    """A part by name, with the distribution that brings it. `problems` say why it cannot be used."""

    name: str
    group: str
    distribution: str
    version: str
    part: T | None
    problems: tuple[UserError, ...] = ()

    def get(self) -> T:
        """The part. Raises UserErrors with all its problems."""
        if self.part is None or self.problems:
            raise UserErrors(self.problems)
        return self.part

    @property
    def origin(self) -> str:
        """The distribution with its version, as a manifest records it."""
        return f"{self.distribution} {self.version}"


def found(group: str, check: Check[T], built_in: Iterable[str] = ()) -> tuple[Plugin[T], ...]:
    """The plug-ins of an entry point group, by name; what is wrong with one is found all at once.

    A name that the testbed has itself, or that two plug-ins have, is a problem of theirs. The testbed's
    own parts need no entry points; where its metadata has some, they are passed over.
    """
    others = [p for p in entry_points(group=group) if p.dist is None or p.dist.name != _OWN]
    points = sorted(others, key=lambda point: (point.name, point.value))
    names = Counter([*built_in, *(point.name for point in points)])
    return tuple(_plugin(point, check, names[point.name] > 1) for point in points)


def _plugin(point: EntryPoint, check: Check[T], doubled: bool) -> Plugin[T]:
    distribution = point.dist.name if point.dist is not None else "?"
    version = point.dist.version if point.dist is not None else "?"
    part, said = _checked(point, check)
    if doubled:
        said = [f"the name {point.name!r} is taken", *said]
    where = f"{distribution} {version}, {point.group}: {point.name} = {point.value}"
    problems = tuple(UserError(text, where=where) for text in said)
    return Plugin(point.name, point.group, distribution, version, part, problems)


def _checked(point: EntryPoint, check: Check[T]) -> tuple[T | None, Sequence[str]]:
    """Whatever a plug-in's code does wrong, it is told and goes no further."""
    try:
        return check(point.name, point.load())
    except Exception as problem:
        last = traceback.extract_tb(problem.__traceback__)[-1]
        said = f"{type(problem).__name__}: {problem} ({last.filename}:{last.lineno})"
        return None, [f"cannot be loaded: {said}"]


def takes(function: object, count: int) -> bool:
    """Whether it can be called with so many arguments by place."""
    if not callable(function):
        return False
    try:
        inspect.signature(function).bind(*range(count))
    except (TypeError, ValueError):
        return False
    return True


def unknown(noun: str, name: str, possible: Sequence[str], where: str) -> UserError:
    """What to say of a name that nothing has."""
    near = get_close_matches(name, possible, 1)
    remedy = f"did you mean {near[0]}?" if near else f"there are {', '.join(possible)}"
    return UserError(f"unknown {noun} {name!r}", where=where, remedy=remedy)

"""All fault operators by name, and which of them a campaign asks for."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from injectors import (
    assignment,
    assistant,
    concealment,
    cosmic_ray_family,
    exception,
    interface,
    logic,
    mutmut_family,
    omission,
    recorded,
    resource,
    security,
    state,
)
from injectors.operator import Operator, problems
from testbed.conditions import InjectionFactor
from testbed.errors import UserError
from testbed.plugins import Plugin, found, unknown

OPERATORS = "testbed.injectors"
"""Entry points: a subclass of Operator that is made without arguments."""

_MODULES = (
    logic,
    omission,
    assignment,
    interface,
    exception,
    state,
    resource,
    security,
    assistant,
    concealment,
    mutmut_family,
)


@cache
def built_in() -> tuple[Operator, ...]:
    """The built-in operators, family by family; an optional tool's where it is installed."""
    own = tuple(operator for module in _MODULES for operator in module.OPERATORS)
    return (*own, *cosmic_ray_family.operators())


@cache
def plugins() -> tuple[Plugin[Operator], ...]:
    """The operators of other distributions. Their examples are run."""
    return found(OPERATORS, _checked, [operator.name for operator in built_in()])


def _checked(name: str, part: object) -> tuple[Operator | None, list[str]]:
    if not isinstance(part, type) or not issubclass(part, Operator):
        return None, ["is no subclass of injectors.operator.Operator"]
    made = part()
    said = [] if made.name == name else [f"its name is {made.name!r}, not {name!r}"]
    return made, [*said, *problems(made)]


def operators() -> tuple[Operator, ...]:
    """All operators that can be used: the built-in ones, then plug-ins without problems."""
    return (*built_in(), *(p.part for p in plugins() if p.part is not None and not p.problems))


def families() -> tuple[str, ...]:
    """The families that can be asked for, in the catalogue's order."""
    found_ones = (operator.family for operator in operators())
    return tuple(dict.fromkeys((*found_ones, cosmic_ray_family.FAMILY, recorded.FAMILY)))


def operator(name: str, bugs: Path | None = None) -> Operator:
    """The operator of this name, from a file of recorded bugs too where one is given.

    Raises UserError for an unknown one, UserErrors for one with problems.
    """
    own = recorded.load(bugs) if bugs is not None else ()
    for each in (*own, *operators()):
        if each.name == name:
            return each
    for plugin in plugins():
        if plugin.name == name:
            return plugin.get()
    raise unknown("fault operator", name, tuple(each.name for each in (*own, *operators())), "injection")


def selected(factor: InjectionFactor) -> tuple[Operator, ...]:
    """The operators that a condition asks for. Raises UserError for an unknown name."""
    known = families()
    for family in factor.families:
        if family not in known:
            raise unknown("fault family", family, known, "injection")
    if cosmic_ray_family.FAMILY in factor.families and not cosmic_ray_family.installed():
        raise cosmic_ray_family.missing()
    own = {each.name for each in _recorded(factor)}
    for name in factor.operators:
        if name not in own:
            operator(name)
    return tuple(
        each
        for each in (*operators(), *_recorded(factor))
        if each.family in factor.families and (not factor.operators or each.name in factor.operators)
    )


def _recorded(factor: InjectionFactor) -> tuple[Operator, ...]:
    if recorded.FAMILY not in factor.families:
        return ()
    if not factor.recorded:
        raise UserError(
            "the family 'recorded' needs a file of recorded bugs",
            where="injection.recorded",
            remedy="make one with `testbed injectors import`",
        )
    return recorded.load(Path(factor.recorded))

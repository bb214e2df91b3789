"""Modifiers and refactorings by name: the built-in ones, and those of plug-ins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache

from testbed.conditions import ModifierFactor
from testbed.errors import UserError, UserErrors
from testbed.modifiers.examples import broken
from testbed.modifiers.harvest import Examples, harvest
from testbed.modifiers.outside.chat import ChatEditor
from testbed.modifiers.outside.command import CommandEditor
from testbed.modifiers.outside.itself import SelfModifier
from testbed.modifiers.outside.opaque import OpaqueModifier
from testbed.modifiers.outside.replay import ReplayModifier
from testbed.modifiers.refactor import RefactorModifier
from testbed.modifiers.refactorings import ALL, Refactoring
from testbed.plugins import Plugin, found, takes, unknown
from testbed.protocols import Modifier

MODIFIERS = "testbed.modifiers"
"""Entry points: a callable that takes the campaign's ModifierFactor and the names to leave alone, and
returns a Modifier."""

REFACTORINGS = "testbed.refactorings"
"""Entry points: a subclass of Refactoring that is made without arguments."""

Maker = Callable[[ModifierFactor, frozenset[str]], Modifier]

BUILT_IN = "refactor"

OUTSIDE: Mapping[str, type[CommandEditor] | type[ChatEditor] | type[ReplayModifier] | type[SelfModifier]] = {
    "command": CommandEditor,
    "chat": ChatEditor,
    "replay": ReplayModifier,
    "self": SelfModifier,
}
"""Modifiers that only give text back."""


def names() -> tuple[str, ...]:
    """The modifiers that a campaign may name, sorted."""
    return tuple(sorted({BUILT_IN, *OUTSIDE, *(plugin.name for plugin in modifier_plugins())}))


def make(
    factor: ModifierFactor, frozen_names: frozenset[str], files: Mapping[str, str | bytes] | None = None
) -> Modifier:
    """The modifier that a condition asks for. `files` are the target's tests: growth needs examples in them.

    Raises UserError for a name that `names` does not have, UserErrors for a plug-in with problems.
    """
    if factor.name == BUILT_IN:
        return RefactorModifier(factor, frozen_names, chosen(factor), _examples(files or {}))
    if factor.name == "command":
        return OpaqueModifier(CommandEditor(factor, files or {}))
    if factor.name == "self":
        edits = replace(factor, name=BUILT_IN)
        inner = RefactorModifier(edits, frozen_names, chosen(factor), _examples(files or {}))
        return SelfModifier(factor, inner)
    if factor.name == "replay":
        return ReplayModifier(factor)
    if factor.name == "chat":
        return OpaqueModifier(ChatEditor(factor))
    for plugin in modifier_plugins():
        if plugin.name == factor.name:
            return _made(plugin, factor, frozen_names)
    raise unknown("modifier", factor.name, names(), "modifier.name")


def _examples(files: Mapping[str, str | bytes]) -> Examples:
    return harvest({path: t.encode() if isinstance(t, str) else t for path, t in files.items()})


def _made(plugin: Plugin[Maker], factor: ModifierFactor, frozen_names: frozenset[str]) -> Modifier:
    modifier = plugin.get()(factor, frozen_names)
    wrong = _of_modifier(modifier, plugin.name)
    if wrong:
        where = f"{plugin.origin}, {plugin.group}: {plugin.name}"
        raise UserErrors([UserError(text, where=where) for text in wrong])
    return modifier


def _of_modifier(modifier: object, name: str) -> list[str]:
    """What a thing lacks to be the modifier of this name."""
    wrong = []
    if getattr(modifier, "name", None) != name:
        wrong.append(f"its name is {getattr(modifier, 'name', None)!r}, not {name!r}")
    version = getattr(modifier, "version", None)
    if not isinstance(version, str) or not version:
        wrong.append("version is no text")
    if not takes(getattr(modifier, "propose", None), 3):
        wrong.append("propose is no method that takes source, rng and offspring")
    return wrong


def _maker(name: str, part: object) -> tuple[Maker | None, list[str]]:
    if not callable(part) or not takes(part, 2):
        return None, ["is no callable that takes a ModifierFactor and the names to leave alone"]
    return part, []


@cache
def modifier_plugins() -> tuple[Plugin[Maker], ...]:
    """The modifiers of other distributions."""
    return found(MODIFIERS, _maker, [BUILT_IN, *OUTSIDE])


def refactoring_names() -> tuple[str, ...]:
    """The refactorings that a campaign may name, sorted."""
    return tuple(sorted({*_own(), *(plugin.name for plugin in refactoring_plugins())}))


def refactoring(name: str) -> Refactoring:
    """The refactoring of this name. Raises UserError for an unknown one, UserErrors for one with problems."""
    own = _own()
    if name in own:
        return own[name]
    for plugin in refactoring_plugins():
        if plugin.name == name:
            return plugin.get()
    raise unknown("refactoring", name, refactoring_names(), "modifier.refactorings")


def chosen(factor: ModifierFactor) -> tuple[Refactoring, ...]:
    """The refactorings that a factor asks for, by name. Raises UserErrors with all that is wrong."""
    if not factor.refactorings:
        return ALL
    found, problems = [], []
    for name in sorted(set(factor.refactorings)):
        try:
            found.append(refactoring(name))
        except UserError as problem:
            problems.append(problem)
    if problems:
        raise UserErrors(problems)
    return tuple(found)


def _own() -> Mapping[str, Refactoring]:
    return {each.name: each for each in ALL}


@cache
def refactoring_plugins() -> tuple[Plugin[Refactoring], ...]:
    """The refactorings of other distributions. Their examples are run."""
    return found(REFACTORINGS, _refactoring, _own())


def _refactoring(name: str, part: object) -> tuple[Refactoring | None, list[str]]:
    if not isinstance(part, type) or not issubclass(part, Refactoring):
        return None, ["is no subclass of testbed.modifiers.refactorings.Refactoring"]
    missing = sorted(getattr(part, "__abstractmethods__", ()))
    if missing:
        return None, [f"lacks {', '.join(missing)}"]
    made = part()
    return made, [*_declared(made, name), *broken(made)]


def _declared(made: Refactoring, name: str) -> list[str]:
    wrong = []
    if getattr(made, "name", None) != name:
        wrong.append(f"its name is {getattr(made, 'name', None)!r}, not {name!r}")
    if not str(getattr(made, "contract", "")).endswith("."):
        wrong.append("contract is no sentence that ends with a full stop")
    examples = getattr(made, "examples", ())
    if not any(after is None for _before, after in examples):
        wrong.append("no example says what it refuses")
    if not any("__fault__" in before for before, _after in examples):
        wrong.append("no example has a guard")
    return wrong


def origins(factor: ModifierFactor) -> dict[str, str]:
    """Plug-in -> distribution and version, of those that this factor uses; for a manifest."""
    used = {f"{MODIFIERS} {p.name}": p.origin for p in modifier_plugins() if p.name == factor.name}
    for plugin in refactoring_plugins() if factor.refactorings else ():
        if plugin.name in factor.refactorings:
            used[f"{REFACTORINGS} {plugin.name}"] = plugin.origin
    return used

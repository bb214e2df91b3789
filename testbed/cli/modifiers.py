"""The command that lists modifiers and refactorings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click


@click.command(epilog="Example: testbed modifiers --json")
@click.option("--json", "as_json", is_flag=True, help="Everything as JSON, examples included.")
@click.option("--mix", metavar="TARGET", help="What each profile makes of a target, as a table.")
@click.option(
    "--generations",
    type=click.IntRange(1),
    default=100,
    show_default=True,
    help="For --mix: of each profile.",
)
@click.option("--edits", type=click.IntRange(1), default=4, show_default=True, help="For --mix: asked for.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="For --mix.")
def modifiers(as_json: bool, mix: str | None, generations: int, edits: int, seed: int) -> None:
    """List the modifiers, and the refactorings that they draw from, each with its contract.

    Those of plug-ins are named with their distribution. One with problems is told with all of them, and
    the command exits with 2. With --mix, lists how many edits and changed lines each profile gives.
    """
    from testbed.errors import UserErrors
    from testbed.modifiers import registry

    if mix is not None:
        click.echo("\n".join(_mixes(mix, generations, edits, seed)))
        return
    listed = {"modifiers": list(_modifiers()), "refactorings": list(_refactorings())}
    click.echo(json.dumps(listed, indent=2) if as_json else "\n".join(_shown(listed)))
    found = [plugin.problems for plugin in registry.modifier_plugins()]
    found += [plugin.problems for plugin in registry.refactoring_plugins()]
    problems = [problem for several in found for problem in several]
    if problems:
        raise UserErrors(problems)


def _mixes(target: str, generations: int, edits: int, seed: int) -> list[str]:
    from testbed.conditions import ModifierFactor, TargetFactor
    from testbed.modifiers import mix
    from testbed.targets import frozen_names, resolve

    found = resolve(TargetFactor(target))
    frozen = frozen_names(found)
    measured: dict[str, mix.Mix] = {}
    for name in mix.names():
        factor = ModifierFactor(edits=edits, profile=name)
        measured[name] = mix.measure(
            factor, found.package_files, frozen, found.static, generations=generations, seed=seed
        )
    return mix.table(measured)


def _modifiers() -> Iterator[dict[str, Any]]:
    from testbed.conditions import ModifierFactor
    from testbed.modifiers import registry

    plugins = {plugin.name: plugin for plugin in registry.modifier_plugins()}
    for name in registry.names():
        plugin = plugins.get(name)
        if name in registry.OUTSIDE:
            editor = registry.OUTSIDE[name]
            summary = (editor.__doc__ or "").strip().partition("\n")[0]
            yield {"name": name, "version": editor.version, "summary": summary, "from": ""}
        elif plugin is None or not plugin.problems:
            made = registry.make(ModifierFactor(name), frozenset())
            summary = (type(made).__doc__ or "").strip().partition("\n")[0]
            origin = plugin.origin if plugin else ""
            yield {"name": name, "version": made.version, "summary": summary, "from": origin}


def _refactorings() -> Iterator[dict[str, Any]]:
    from testbed.modifiers import registry

    plugins = {plugin.name: plugin for plugin in registry.refactoring_plugins()}
    for name in registry.refactoring_names():
        plugin = plugins.get(name)
        if plugin is None or not plugin.problems:
            one = registry.refactoring(name)
            yield {
                "name": name,
                "contract": one.contract,
                "copies": one.copies,
                "from": plugin.origin if plugin else "",
                "examples": [{"before": before, "after": after} for before, after in one.examples],
            }


def _shown(listed: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    for one in listed["modifiers"]:
        yield f"{one['name']:16}{one['version']:6}{one['summary']}{_origin(one)}"
    yield f"\n{len(listed['refactorings'])} refactorings, each with the same behaviour before and after"
    for one in listed["refactorings"]:
        kind = "copy" if one["copies"] else ""
        yield f"{one['name']:26}{kind:6}{one['contract']}{_origin(one)}"


def _origin(one: dict[str, Any]) -> str:
    return f" (from {one['from']})" if one["from"] else ""

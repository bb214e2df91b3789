"""The command that lists target systems, and shows what was found of one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from testbed.conditions import TargetFactor
    from testbed.targets import Target


@click.command(epilog="Example: testbed targets pypi:toolz==1.2.0 --check")
@click.argument("name", metavar="[NAME_OR_PATH]", default="")
@click.option("--check", is_flag=True, help="Run its tests with nothing seeded, as a campaign does first.")
@click.option("--install", is_flag=True, help="Make a virtual environment with what the target needs.")
@click.option("--python", default="", metavar="PYTHON", help="The interpreter whose environment it runs in.")
@click.option("--package", multiple=True, metavar="PATH", help="What may be changed, relative to the target.")
@click.option("--tests", multiple=True, metavar="PATH", help="What pytest is given, relative to the target.")
def targets(
    name: str, check: bool, install: bool, python: str, package: tuple[str, ...], tests: tuple[str, ...]
) -> None:
    """List the built-in target systems, or show what is found of one: a built-in, a folder or a pin."""
    from testbed.conditions import TargetFactor
    from testbed.targets import resolve

    if not name:
        click.echo("\n".join(_built_in()))
        return
    factor = TargetFactor(name, python=python, install=install, package=package, tests=tests)
    click.echo("\n".join(_found(resolve(factor))))
    if check:
        click.echo("\n".join(_checked(factor)))


def _built_in() -> Iterator[str]:
    import target_systems
    from testbed.conditions import TargetFactor
    from testbed.targets.read import read

    for name in target_systems.names():
        target = read(target_systems.folder(name), TargetFactor(name))
        yield f"{name:12} {_lines(target):5,} lines  {target.summary}"
    yield "or a folder (--target PATH), or a published package (--target pypi:NAME==VERSION)"


def _lines(target: Target) -> int:
    return sum(text.count("\n") for text in target.package_files.values())


def _found(target: Target) -> Iterator[str]:
    from testbed.targets.interpreters import ask

    python = ask(target.python)
    yield f"{target.name} {target.version}".rstrip() + (f": {target.summary}" if target.summary else "")
    size = f"{len(target.package_files)} files, {_lines(target):,} lines"
    yield f"package      {', '.join(target.package)}: {size}"
    yield from (f"  {text.count(chr(10)):6,} {path}" for path, text in target.package_files.items())
    yield f"tests        {', '.join(target.tests)}"
    yield f"beside them  {len(target.static)} files that are not changed"
    if target.left_out:
        yield f"left out     {', '.join(target.left_out)} (too large)"
    for path, reason in sorted(target.left_alone.items()):
        yield f"left alone   {path} ({reason})"
    if target.options:
        yield f"pytest       {' '.join(target.options)}"
    names = ", ".join(entry.name for entry in target.entries)
    yield f"entries      {names or 'none declared: calls that the tests make are recorded'}"
    yield f"asks for     {', '.join(target.requires) or 'nothing'}"
    library = f"Hypothesis {python.hypothesis}" if python.hypothesis else "no Hypothesis"
    has = f"pytest {python.pytest or 'missing'}, {library}"
    yield f"runs on      Python {python.dotted}, {has} ({python.path})"


def _checked(factor: TargetFactor) -> Iterator[str]:
    from testbed.conditions import Condition
    from testbed.engine.prepare import prepare

    prepared = prepare([Condition(target=factor)], seed=0)[factor]
    fact = prepared.fact
    properties = sum(info.oracle == "property" for info in fact.tests)
    yield f"unseeded     {len(fact.tests)} passing tests, {properties} of them property tests"
    yield f"quarantined  {', '.join(fact.quarantined) or 'none'}"
    yield f"compared     {', '.join(fact.entries) or 'nothing: the tests make no calls that can be repeated'}"

"""The command that looks for a refactoring that changes behaviour: soundness."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, get_args

import click

from testbed.conditions import ProfileName
from testbed.errors import EXIT_TESTBED, UserError

if TYPE_CHECKING:
    from testbed.engine.prepare import Prepared
    from testbed.soundness import Asked, Tally


_SHOWN = 5  # deviations of one target that are printed


@click.command(epilog="Example: testbed soundness kvstore pypi:parse==1.22.4 --generations 40 --lineages 10")
@click.argument("targets", nargs=-1)
@click.option("--generations", type=click.IntRange(1), default=40, show_default=True, help="Of each lineage.")
@click.option("--lineages", type=click.IntRange(1), default=10, show_default=True, help="Of each target.")
@click.option("--edits", type=click.IntRange(1), default=4, show_default=True, help="Of each generation.")
@click.option(
    "--copying", type=click.FloatRange(0, 1), default=0.2, show_default=True, help="Share of copies."
)
@click.option("--profile", default="even", show_default=True, type=click.Choice(get_args(ProfileName)))
@click.option("--refactoring", "refactorings", multiple=True, metavar="NAME", help="Only this one.")
@click.option("--modifier", default="refactor", show_default=True, help="See `testbed modifiers`.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Same seed, same edits.")
@click.option("--inputs", type=click.IntRange(0), default=10, show_default=True, help="Differential inputs.")
@click.option("--examples", type=click.IntRange(1), default=20, show_default=True, help="Of each property.")
@click.option("--workers", type=click.IntRange(1, 1024), help="Processes [default: one a processor].")
@click.option("--only", default="", metavar="L.G", help="Run nothing but generation G of lineage L.")
@click.option(
    "--without",
    type=click.IntRange(1),
    multiple=True,
    metavar="G",
    help="With --only: drop this generation, which deviated.",
)
@click.option("--install", is_flag=True, help="Make a virtual environment with what each target needs.")
@click.option("--python", default="", metavar="PYTHON", help="The interpreter whose environment is used.")
@click.option("--package", multiple=True, metavar="PATH", help="What may be changed, relative to the target.")
@click.option("--tests", multiple=True, metavar="PATH", help="What pytest is given, relative to the target.")
def soundness(
    targets: tuple[str, ...],
    generations: int,
    lineages: int,
    edits: int,
    copying: float,
    profile: ProfileName,
    refactorings: tuple[str, ...],
    modifier: str,
    seed: int,
    inputs: int,
    examples: int,
    workers: int | None,
    only: str,
    without: tuple[int, ...],
    install: bool,
    python: str,
    package: tuple[str, ...],
    tests: tuple[str, ...],
) -> None:
    """Does the modifier change what the code does? Lineages of TARGETs with no fault seeded.

    All tests and the comparison with the unchanged code are run on every generation. A deviation is
    printed with the one refactoring, the definition that shows it and the command to repeat it; the exit
    code is 3 then. TARGETs are built-in names (all of them by default), folders, or pypi:NAME==VERSION.
    """
    import target_systems
    from testbed.conditions import ModifierFactor, TargetFactor
    from testbed.executors.cores import available
    from testbed.soundness import Asked
    from testbed.soundness.run import examined, tallies

    factor = ModifierFactor(modifier, edits, copying, profile, refactorings)
    asked = Asked(factor, generations, seed, inputs, examples, _only(only), without)
    names = targets or target_systems.names()
    prepared = []
    for name in names:
        prepared.append(examined(TargetFactor(name, python, install, package, tests), seed))
        click.echo(f"{_size(prepared[-1])}", err=True)
    total = len(prepared) * (1 if asked.only else lineages)
    progress = _Progress(total)
    found = list(tallies(prepared, asked, lineages, workers or available(), progress))
    options = _options(install, python, package, tests)
    click.echo("\n".join(_table(found)))
    deviations = [
        line for t, (_, tally) in zip(names, found, strict=True) for line in _said(t, tally, asked, options)
    ]
    if deviations:
        click.echo("\n".join(deviations))
        sys.exit(EXIT_TESTBED)


def _only(text: str) -> tuple[int, int] | None:
    if not text:
        return None
    lineage, _, generation = text.partition(".")
    if not lineage.isdecimal() or not generation.isdecimal() or generation == "0":
        raise UserError(
            f"{text!r} names no generation", where="--only", remedy="write lineage.generation: 3.17"
        )
    return int(lineage), int(generation)


def _options(install: bool, python: str, package: tuple[str, ...], tests: tuple[str, ...]) -> tuple[str, ...]:
    """The options that another run needs to find the same target."""
    words = ["--install"] if install else []
    words += ["--python", python] if python else []
    words += [word for path in package for word in ("--package", path)]
    words += [word for path in tests for word in ("--tests", path)]
    return tuple(words)


def _size(prepared: Prepared) -> str:
    fact = prepared.fact
    tests = f"{len(fact.tests)} tests, {len(prepared.subject.entries)} functions compared"
    return f"{fact.target} {fact.version}: {fact.lines:,} lines, {tests}"


class _Progress:
    def __init__(self, total: int) -> None:
        self.total, self.count = total, 0

    def __call__(self) -> None:
        self.count += 1
        if sys.stderr.isatty():
            click.echo(f"\r{self.count} of {self.total} lineages", nl=self.count == self.total, err=True)


_HEAD = (
    "target",
    "generations",
    "tried",
    "applied",
    "refused",
    "lines",
    "new",
    "short",
    "runs",
    "deviations",
)


def _table(found: list[tuple[Prepared, Tally]]) -> Iterator[str]:
    from testbed.soundness import Tally

    total = Tally()
    rows: list[tuple[str, ...]] = [_HEAD]
    for prepared, tally in found:
        total.add(tally)
        rows.append((f"{prepared.fact.target} {prepared.fact.version}".strip(), *_row(tally)))
    if len(found) > 1:
        rows.append(("all", *_row(total)))
    yield from _aligned(rows)
    yield ""
    names = sorted({*total.applied, *total.refused}, key=lambda name: (-total.applied[name], name))
    yield from _aligned(
        [
            ("refactoring", "applied", "refused"),
            *((n, f"{total.applied[n]}", f"{total.refused[n]}") for n in names),
        ]
    )
    for path, reason in sorted(total.skipped.items()):
        yield f"left alone: {path} ({reason})"
    for test, times in sorted(total.unsteady.items()):
        yield f"did not answer the same each time, {times} times: {test}"


def _row(tally: Tally) -> tuple[str, ...]:
    applied, refused = sum(tally.applied.values()), sum(tally.refused.values())
    edits = (tally.generations, applied + refused, applied, refused)
    numbers = (*edits, tally.lines, tally.grown, tally.short, tally.tests)
    return (*(f"{number:,}" for number in numbers), str(len(tally.deviations)))


def _aligned(rows: list[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        first, *others = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join([row[0].ljust(len(first)), *others])


def _said(name: str, tally: Tally, asked: Asked, options: tuple[str, ...]) -> Iterator[str]:
    from testbed.soundness.shown import command, report

    for deviation in tally.deviations[:_SHOWN]:
        yield ""
        yield from report(deviation, command(deviation, name, asked, options))
    if len(tally.deviations) > _SHOWN:
        yield f"... and {len(tally.deviations) - _SHOWN} more"

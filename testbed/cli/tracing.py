"""The command that says how well faults are traced through opaque edits: tracing."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from testbed.tracing.score import Counts

_QUESTIONS = {
    "persistence": "does the fault still act, or did the edit heal it?",
    "place": "is its line one on which it stands?",
    "healing": "switched off, is the program the one without it?",
    "return": "is a healed fault back, or not?",
    "copies": "was a copy that the edit made found?",
}


@click.command(epilog="Example: testbed tracing kvstore tinylang --lineages 4 --generations 8")
@click.argument("targets", nargs=-1)
@click.option("--generations", type=click.IntRange(1), default=8, show_default=True, help="Of each lineage.")
@click.option("--lineages", type=click.IntRange(1), default=4, show_default=True, help="Of each target.")
@click.option("--edits", type=click.IntRange(1), default=6, show_default=True, help="Of each generation.")
@click.option("--rate", type=click.FloatRange(0), default=3.0, show_default=True, help="Faults a generation.")
@click.option(
    "--copying", type=click.FloatRange(0, 1), default=0.4, show_default=True, help="Edits that copy."
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Same seed, same history.")
def tracing(
    targets: tuple[str, ...],
    generations: int,
    lineages: int,
    edits: int,
    rate: float,
    copying: float,
    seed: int,
) -> None:
    """How well are faults traced through edits that only give back text?

    The built-in modifier makes histories of TARGETs (all built-in ones by default) whose truth is known;
    the tracer sees the plain text alone. The share of right answers is printed with its 95% interval,
    lineages as clusters.
    """
    import target_systems
    from testbed import modifiers
    from testbed.conditions import ModifierFactor, TargetFactor
    from testbed.targets import frozen_names, resolve
    from testbed.tracing.score import Asked, lineage

    found: list[Counts] = []
    names = targets or target_systems.names()
    total = len(names) * lineages * generations
    done = 0

    def progress() -> None:
        nonlocal done
        done += 1
        if sys.stderr.isatty():
            click.echo(f"\r{done} of {total} generations", nl=done == total, err=True)

    for name in names:
        target = resolve(TargetFactor(name))
        modifier = modifiers.make(ModifierFactor(edits=edits, copying=copying), frozen_names(target))
        for number in range(lineages):
            asked = Asked(generations, rate, seed)
            found.append(lineage(target.package_files, modifier, name, number, asked, progress))
    _print(found)


def _print(found: list[Counts]) -> None:
    from testbed.tracing.score import estimate

    for question, meaning in _QUESTIONS.items():
        made = estimate(question, found)
        if made is None or made.value is None:
            click.echo(f"{question:12} never asked")
            continue
        low, high = (f"{100 * end:.1f}" if end is not None else "?" for end in (made.low, made.high))
        click.echo(f"{question:12} {100 * made.value:5.1f}%  [{low}, {high}]  of {made.n:,}  {meaning}")
    statuses = {name for counts in found for name in counts.statuses}
    totals = {name: sum(counts.statuses.get(name, 0) for counts in found) for name in sorted(statuses)}
    click.echo(", ".join(f"{name} {count:,}" for name, count in totals.items()))

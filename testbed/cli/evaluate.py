"""The command that evaluates faults on a target without a campaign: evaluate."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from testbed import whole
from testbed.cli.outputs import OUTPUT
from testbed.cli.progress import spoken
from testbed.cli.sandboxes import SANDBOX
from testbed.errors import EXIT_TESTBED

if TYPE_CHECKING:
    from testbed.evaluate.program import Result

_SHOWN = 20  # undetected faults that are listed on a terminal


@click.command(epilog="Example: testbed evaluate pypi:parse==1.22.4 --operators mutmut --json faults.json")
@click.argument("target")
@click.option("--operators", "families", multiple=True, metavar="FAMILY", help="Only this family.")
@click.option(
    "--faults",
    "diffs",
    multiple=True,
    metavar="FILE.diff",
    type=click.Path(path_type=Path),
    help="A unified diff that is one fault; may be repeated.",
)
@click.option(
    "--recorded",
    type=click.Path(path_type=Path),
    help="Bugs of your history, as `testbed injectors import` wrote them.",
)
@click.option("--matrix", is_flag=True, help="Ask every test that can tell, not only until one fails.")
@click.option("--limit", type=click.IntRange(1), help="A sample of so many faults.")
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="Of properties and samples."
)
@click.option(
    "--examples", type=click.IntRange(1), default=20, show_default=True, help="For each property test."
)
@click.option("--workers", type=click.IntRange(1, 1024), help="Processes.")
@click.option("--install", is_flag=True, help="Make a virtual environment with what the target needs.")
@click.option("--python", default="", metavar="PYTHON", help="The interpreter whose environment is used.")
@click.option("--package", multiple=True, metavar="PATH", help="What gets faults, relative to the target.")
@click.option("--tests", multiple=True, metavar="PATH", help="What pytest is given, relative to the target.")
@SANDBOX
@click.option("--cache/--no-cache", "use_cache", default=True, help="Take what is known from the cache.")
@click.option("--verify", type=click.IntRange(1), help="Run so many of the verdicts again cold.")
@click.option("--json", "file", type=OUTPUT, help="Write every fault's verdict here.")
def evaluate(
    target: str,
    families: tuple[str, ...],
    diffs: tuple[Path, ...],
    recorded: Path | None,
    matrix: bool,
    limit: int | None,
    seed: int,
    examples: int,
    workers: int | None,
    install: bool,
    python: str,
    package: tuple[str, ...],
    tests: tuple[str, ...],
    use_cache: bool,
    verify: int | None,
    file: Path | None,
) -> None:
    """Which faults do the tests of TARGET find? A built-in's name, a folder, or pypi:NAME==VERSION.

    Every place of every operator is one fault. Without --operators the classical families are taken.
    """
    from injectors.catalogue import selected
    from injectors.recorded import load
    from testbed.conditions import InjectionFactor, LimitsFactor, TargetFactor
    from testbed.evaluate import cold, known, patches, run, show
    from testbed.evaluate import faults as found
    from testbed.evaluate.program import Settings
    from testbed.executors.cores import available
    from testbed.targets import resolve

    factor = InjectionFactor(families=families) if families else InjectionFactor()
    operators = selected(factor)
    resolved = resolve(TargetFactor(target, python, install, package, tests))
    spec = resolved.spec(LimitsFactor())
    settings = Settings(matrix, seed, examples, workers or available())
    begun = perf_counter()
    source = resolved.package_files
    store = known.kept() if use_cache else known.Known(None)
    question = known.question(spec, source, settings)
    with run.Workers(spec, settings.workers) as crew:
        passing = known.control(store, question) or run.control(crew, source, settings)
        settings = replace(settings, tests=passing)
        if recorded is not None:
            every = found.every(source, load(recorded))
        else:
            every = patches.faults(diffs, source) if diffs else known.faults(store, source, operators)
        chosen = found.sample(every, limit, seed) if limit else every
        click.echo(
            f"{resolved.name}: {len(passing)} tests, {len(chosen):,} of {len(every):,} faults", err=True
        )
        keys = {fault.number: known.key_of(question, fault) for fault in chosen}
        kept = store.get(list(keys.values()))
        waiting = [fault for fault in chosen if keys[fault.number] not in kept]
        fresh = run.evaluate(crew, source, waiting, settings, _Progress(len(waiting))) if waiting else []
    known.keep(store, question, passing, fresh)
    by_number = {result.fault.number: result for result in fresh}
    results = [
        by_number.get(fault.number) or known.unpack(fault, kept[keys[fault.number]]) for fault in chosen
    ]
    seconds = perf_counter() - begun
    _print(results, resolved.package_files, seconds)
    if use_cache:
        share = len(kept) / len(chosen) if chosen else 0.0
        click.echo(f"known before: {len(kept):,} of {len(chosen):,} ({share:.1%})")
    if file is not None:
        written: dict[str, Any] = show.as_json(
            resolved.name, resolved.package_files, results, settings, passing
        )
        whole.write(file, json.dumps(written, indent=1) + "\n")
        click.echo(f"verdicts: {file}")
    if verify is not None:
        wrong = cold.disagreements(spec, resolved.package_files, results, settings, verify)
        for line in wrong:
            click.echo(line)
        click.echo(f"{min(verify, len(results)):,} verdicts run again cold: {len(wrong)} disagree")
        if wrong:
            sys.exit(EXIT_TESTBED)


class _Progress:
    def __init__(self, total: int) -> None:
        self.total, self.done = total, 0

    def __call__(self, result: Result) -> None:
        self.done += 1
        if sys.stderr.isatty():
            click.echo(f"\r{self.done:,} of {self.total:,} faults", nl=self.done == self.total, err=True)


def _print(results: Sequence[Result], source: Mapping[str, str], seconds: float) -> None:
    from testbed.evaluate.show import listed

    for line in listed(results, source, _SHOWN):
        click.echo(line)
    counts = Counter(result.verdict for result in results)
    said = ", ".join(f"{verdict} {number:,}" for verdict, number in counts.most_common())
    detected = len(results) - counts["pass"] - counts["unknown"]
    share = f" ({detected / len(results):.1%})" if results else ""
    unreached = sum(result.reached == 0 for result in results)
    click.echo(
        f"{len(results):,} faults in {spoken(seconds)}: {detected:,} detected{share}; "
        f"{said}; {unreached:,} reached by no test"
    )

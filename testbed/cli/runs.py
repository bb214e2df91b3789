"""Commands that make facts: run, resume, init."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from testbed.campaign import Campaign, Names, Override, load, override
from testbed.cli import gate as gates
from testbed.cli.executors import EXECUTOR
from testbed.cli.progress import display, spoken
from testbed.cli.review import waits
from testbed.cli.sandboxes import SANDBOX
from testbed.cli.stops import stop_on_terminate
from testbed.errors import EXIT_GATE, UserError
from testbed.executors.cores import available
from testbed.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Said:
    """What a run says beside its facts, and how."""

    gate: bool
    as_json: bool
    quiet: bool


OWN = "check"  # the built-in campaign that runs on a target given without a campaign

_WORKERS = click.option(
    "--workers", type=click.IntRange(1, 1024), default=None, help="Processes [default: one a processor]."
)
_GATE = click.option("--gate", is_flag=True, help="Ask the campaign's bounds at the end: exit 1 if not kept.")
_QUIET = click.option("--quiet", is_flag=True, help="No progress; only the table and the report's path.")
_JSON = click.option("--json", "as_json", is_flag=True, help="JSON; progress as JSON on standard error.")


@click.command(epilog="Example: testbed run quickstart --set injection.rate=0.2 --seed 7")
@click.argument("campaign", default="")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the run [default: runs/NAME/...].")
@click.option(
    "--set", "settings", multiple=True, metavar="KEY=VALUE", help="Another level, such as modifier.edits=8."
)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Another seed.")
@_WORKERS
@click.option("--target", help="A built-in's name, a folder, or pypi:NAME==VERSION.")
@click.option("--install", is_flag=True, help="Make a virtual environment with what the target needs.")
@click.option("--python", metavar="PYTHON", help="The interpreter whose environment the target runs in.")
@click.option("--package", multiple=True, metavar="PATH", help="What may be changed, relative to the target.")
@click.option("--tests", multiple=True, metavar="PATH", help="What pytest is given, relative to the target.")
@click.option("--until", metavar="WIDTH", help="Add lineages until this holds: 'width(alive_after_5) < 0.1'.")
@click.option(
    "--most",
    type=click.IntRange(2, 100_000),
    default=1000,
    show_default=True,
    help="Lineages of a condition that --until may run.",
)
@SANDBOX
@EXECUTOR
@click.option("--dry-run", is_flag=True, help="Show the conditions, the work and an estimate of the time.")
@_GATE
@_JSON
@_QUIET
def run(
    campaign: str,
    out: Path | None,
    settings: tuple[str, ...],
    seed: int | None,
    workers: int | None,
    target: str | None,
    install: bool,
    python: str | None,
    package: tuple[str, ...],
    tests: tuple[str, ...],
    until: str | None,
    most: int,
    dry_run: bool,
    gate: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Run a CAMPAIGN: a TOML file, or the name of one that comes with the testbed (such as quickstart).

    Without a CAMPAIGN but with --target, a small campaign is run on that target.
    """
    given = [override(text) for text in settings]
    named: dict[str, object] = {
        "target.name": target,
        "target.python": python,
        "target.install": install or None,
        "target.package": list(package) or None,
        "target.tests": list(tests) or None,
        "seed": seed,
    }
    given += [
        Override(address, value, f"--{address.rpartition('.')[2].replace('name', 'target')}")
        for address, value in named.items()
        if value is not None
    ]
    if not campaign and target is None:
        raise UserError(
            "no campaign", where="testbed run", remedy="give a TOML file, quickstart, or --target PATH"
        )
    loaded = load(campaign or OWN, given, known_names())
    count = workers or available()
    if gate:
        gates.needed(loaded.gate, loaded.conditions, campaign or OWN)
    beside: dict[str, Any] = {}
    if until is not None:
        from testbed.engine.until import begin, read_until

        loaded, beside = begin(loaded, read_until(until, most))
    if dry_run:
        _plan(loaded, count, quiet=quiet)
    else:
        _run(loaded, out, count, beside, Said(gate, as_json, quiet))


@click.command(epilog="Example: testbed resume runs/quickstart/latest")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@_WORKERS
@_GATE
@_JSON
@SANDBOX
@EXECUTOR
@_QUIET
def resume(folder: Path, workers: int | None, gate: bool, as_json: bool, quiet: bool) -> None:
    """Go on with the run in DIR after Ctrl-C, kill -9 or a power cut, to the same facts."""
    from testbed.engine import run as engine

    stop_on_terminate()
    with display(quiet=quiet, as_json=as_json) as watcher:
        ledger = engine.resume(folder, workers or available(), watcher)
        ledger = engine.go_on(ledger, workers or available(), watcher)
    _show(ledger, Said(gate, as_json, quiet))


@click.command(epilog="Example: testbed init campaign.toml && testbed run campaign.toml --dry-run")
@click.argument("file", default="campaign.toml", type=click.Path(path_type=Path))
def init(file: Path) -> None:
    """Write a campaign with every key, its default and what it means, to start from."""
    from testbed.campaign.template import template

    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(template())
    except FileExistsError:
        raise UserError("exists already", where=str(file), remedy="give another name") from None
    except OSError as problem:
        raise UserError(f"cannot be written ({problem.strerror})", where=str(file)) from None
    click.echo(f"{file} written; next: testbed run {file} --dry-run")


def known_names() -> Names:
    """Everything that a campaign may name."""
    import target_systems
    from injectors.catalogue import families, operators
    from testbed import modifiers
    from testbed.oversight import reviewers, risk

    return Names(
        targets=target_systems.names(),
        modifiers=tuple(modifiers.names()),
        families=families(),
        operators=tuple(operator.name for operator in operators()),
        reviewers=reviewers.names(),
        measured=gates.known,
        risks=risk.names(),
    )


def _run(
    campaign: Campaign,
    out: Path | None,
    workers: int,
    beside: Mapping[str, Any],
    wanted: Said,
) -> None:
    from testbed.engine import run as engine
    from testbed.engine.folder import default_folder, link_latest
    from testbed.engine.manifest import digest

    folder = out or default_folder(campaign.name, digest(campaign), datetime.now())
    stop_on_terminate()
    with display(quiet=wanted.quiet, as_json=wanted.as_json) as watcher:
        ledger = engine.start(campaign, folder, workers, watcher, ["testbed", *sys.argv[1:]], beside)
        if out is None:
            link_latest(folder)
        ledger = engine.go_on(ledger, workers, watcher)
    _show(ledger, wanted)


def _show(ledger: Ledger, wanted: Said) -> None:
    from testbed.cli.ledgers import write_report
    from testbed.engine.run import stopping
    from testbed.oversight import waiting

    with stopping(ledger.folder):
        write_report(ledger, silent=wanted.as_json)
        left = len(waiting.pending(ledger.folder))
        if left:
            click.echo(waits(ledger.folder, left), err=wanted.as_json)
        passed = _told_as_json(ledger, wanted) if wanted.as_json else _told(ledger, wanted)
        ledger.close()
    if not passed:
        sys.exit(EXIT_GATE)


def _told(ledger: Ledger, wanted: Said) -> bool:
    if "until" in ledger.manifest:
        for line in _waited_for(ledger):
            click.echo(line)
    return not wanted.gate or gates.show(ledger, gates.of_manifest(ledger.manifest))


def _told_as_json(ledger: Ledger, wanted: Said) -> bool:
    """Where the run is and what its gate said; the numbers are in `summary`."""
    from reports.gates import data
    from testbed.gate.judge import judge

    folder = ledger.folder
    body: dict[str, Any] = {"folder": str(folder), "report": str(folder / "report.html")}
    body["summary"] = str(folder / "summary.json")
    judged = judge(ledger, gates.of_manifest(ledger.manifest)) if wanted.gate else None
    if judged is not None:
        body["gate"] = data(judged)
    if "until" in ledger.manifest:
        body["until"] = list(_waited_for(ledger))
    click.echo(json.dumps(body, indent=2, allow_nan=False, ensure_ascii=False))
    return judged is None or judged.passed


def _waited_for(ledger: Ledger) -> Iterator[str]:
    """What --until came to, in each condition."""
    from testbed.engine.until import look_at, read_until

    state = ledger.manifest["until"]
    until = read_until(state["text"], state["most"])
    for one in look_at(ledger):
        ends = "no interval" if one.low is None or one.high is None else f"{one.low:.4g} to {one.high:.4g}"
        value = "-" if one.value is None else f"{one.value:.4g}"
        said = "narrow enough" if one.narrow else f"NOT narrow enough with the most lineages ({until.most})"
        seen = f"{value} ({ends}) from {one.lineages} lineages, look {one.look}"
        yield f"c{one.condition}  {one.label}: {seen}: {said}"
    yield (
        f"until {until.text}: each interval holds at {until.bound.confidence:.4g} "
        "over all looks together, so it is wider than the report's"
    )


def _plan(campaign: Campaign, workers: int, *, quiet: bool) -> None:
    from testbed.analysis.labels import labels
    from testbed.conditions import to_json
    from testbed.engine.estimate import estimate

    with display(quiet=quiet) as watcher:
        found = estimate(campaign, workers, watcher.examining)
    conditions = campaign.conditions
    for name, condition in zip(labels([to_json(one) for one in conditions]), conditions, strict=True):
        work = f"{condition.lineages} lineages of {condition.generations} generations"
        click.echo(f"c{condition.index}  {condition.target.name}: {name or 'all defaults'}; {work}")
    click.echo(
        f"{len(conditions)} conditions, {campaign.lineages()} lineages, "
        f"{campaign.generations()} generations; "
        f"about {spoken(found.campaign)} with {workers} workers "
        f"({found.generation:.2f} s a generation in {found.tried} that were tried)"
    )


COMMANDS: Sequence[click.Command] = (run, resume, init)

"""The fault operators: list, preview, import, document, calibrate."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from testbed import whole
from testbed.cli.outputs import OUTPUT, PAGE

if TYPE_CHECKING:
    from injectors.operator import Operator
    from testbed.engine.prepare import Prepared
    from testbed.trial import Trial

SECOND = 10.0  # seconds that CrossHair has for each fault


@click.group(
    invoke_without_command=True,
    epilog="Example: testbed injectors --family logic; testbed injectors preview off-by-one kvstore",
)
@click.option("--family", default="", help="Only this family.")
@click.option("--json", "as_json", is_flag=True, help="All that is known of each, as JSON.")
@click.pass_context
def injectors(context: click.Context, family: str, as_json: bool) -> None:
    """List the fault operators with their field weights, sources and how visible they are."""
    if context.invoked_subcommand is not None:
        return
    from injectors.catalogue import operators, plugins, selected
    from testbed.conditions import InjectionFactor
    from testbed.errors import UserErrors

    chosen = selected(InjectionFactor(families=(family,))) if family else operators()
    if as_json:
        click.echo(json.dumps([_body(operator) for operator in chosen], indent=2))
        return
    _print(chosen)
    wrong = [problem for plugin in plugins() for problem in plugin.problems]
    if wrong:
        raise UserErrors(wrong)


def _print(chosen: Sequence[Operator]) -> None:
    counts: dict[str, int] = {}
    for operator in chosen:
        counts[operator.family] = counts.get(operator.family, 0) + 1
    for family, count in counts.items():
        click.echo(f"{family} ({count})")
        for operator in (each for each in chosen if each.family == family):
            seen = f"{operator.salience.lines} lines, {operator.salience.tokens} tokens"
            click.echo(f"  {operator.name:26} {operator.weight:6.2f}  {operator.contract}")
            click.echo(f"  {'':26}         {operator.reference}; {seen}")
    click.echo(f"{len(chosen)} operators in {len(counts)} families")


def _body(operator: Operator) -> dict[str, Any]:
    return {
        "name": operator.name,
        "family": operator.family,
        "contract": operator.contract,
        "weight": operator.weight,
        "reference": operator.reference,
        "salience": {"lines": operator.salience.lines, "tokens": operator.salience.tokens},
        "examples": [{"before": each.before, "after": each.after} for each in operator.examples],
    }


@injectors.command(epilog="Example: testbed injectors preview missing-corner-case tinylang --limit 3")
@click.argument("operator")
@click.argument("target")
@click.option("--limit", type=click.IntRange(1), default=5, show_default=True, help="So many faults.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of sample and inputs.")
@click.option("--inputs", type=click.IntRange(0), default=20, show_default=True, help="Each entry point's.")
@click.option("--install", is_flag=True, help="Make a virtual environment with what the target needs.")
@click.option("--recorded", type=click.Path(path_type=Path), help="Recorded bugs that OPERATOR is one of.")
def preview(
    operator: str, target: str, limit: int, seed: int, inputs: int, install: bool, recorded: Path | None
) -> None:
    """Print what OPERATOR would do to TARGET: diffs, and inputs that show each fault."""
    from injectors import catalogue
    from testbed import trial
    from testbed.evaluate import faults as found

    made = catalogue.operator(operator, recorded)
    prepared = _prepared(target, seed, install)
    every = found.every(prepared.subject.source, [made])
    chosen = found.sample(every, limit, seed)
    result = trial.tried(prepared, chosen, trial.Asked(seed, inputs=inputs))
    for one in result.trials:
        _tell(one)
    for reason in result.unplaced.values():
        click.echo(f"not placed: {reason}")
    click.echo(f"{len(result.trials)} of {len(every)} places of {made.name} ({made.family}) in {target}")


def _prepared(target: str, seed: int, install: bool) -> Prepared:
    from testbed.conditions import Condition, TargetFactor
    from testbed.engine.prepare import prepare

    factor = TargetFactor(target, install=install)
    return prepare([Condition(target=factor)], seed)[factor]


def _tell(one: Trial) -> None:
    click.echo(one.diff, nl=False)
    for witness in one.witnesses:
        where = " (outside of inspection)" if witness.outside else ""
        click.echo(f"  differs{where}: {witness.test}: {witness.clean} -> {witness.faulty}")
    for test in one.agreeing:
        click.echo(f"  agrees:  {test}")
    if not one.witnesses:
        reached = "" if one.reached else ", none of which reaches it"
        click.echo(f"  unwitnessed: nothing differs in {one.asked} tests and inputs{reached}")
    count = one.severity
    if count.inputs:
        click.echo(
            f"  severity: {count.deviating} of {count.inputs} inputs deviate ({count.reached} reach it), "
            f"{count.crashing} of them crash; {len(count.public)} public functions"
        )
    click.echo()


@injectors.command(epilog="Example: testbed injectors document docs/faults.md")
@click.argument("file", type=OUTPUT, required=False)
def document(file: Path | None) -> None:
    """Write the page on faults from the catalogue; FILE keeps its calibration."""
    from injectors import document as pages

    text = pages.page()
    if file is None:
        click.echo(text, nl=False)
        return
    if file.exists():
        text = pages.merged(text, file.read_text(encoding="utf-8"))
    whole.write(file, text)
    click.echo(f"page: {file}")


@injectors.command(epilog="Example: testbed injectors calibrate kvstore tinylang pypi:parse==1.22.4")
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...")
@click.option("--family", "families", multiple=True, help="Only this family; may be repeated.")
@click.option("--each", type=click.IntRange(1), default=12, show_default=True, help="Family and target.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of sample and inputs.")
@click.option("--examples", type=click.IntRange(1), default=20, show_default=True, help="Each property's.")
@click.option("--inputs", type=click.IntRange(0), default=20, show_default=True, help="Each entry point's.")
@click.option("--install", is_flag=True, help="Make virtual environments with what the targets need.")
@click.option(
    "--crosshair",
    type=click.IntRange(0),
    default=0,
    help="Search for a witness of so many unwitnessed faults of each target a second time.",
)
@click.option("--write", type=PAGE, help="Put the table on this page on faults, too.")
def calibrate(
    targets: tuple[str, ...],
    families: tuple[str, ...],
    each: int,
    seed: int,
    examples: int,
    inputs: int,
    install: bool,
    write: Path | None,
    crosshair: int,
) -> None:
    """Print what faults of each family do on TARGETs: unwitnessed, reached, revealed, with intervals."""
    from injectors import document as pages
    from injectors.catalogue import selected
    from testbed import calibrate as calibration
    from testbed import second
    from testbed.conditions import InjectionFactor
    from testbed.errors import UserError
    from testbed.trial import Asked

    if write is not None and not pages.has_place(write.read_text(encoding="utf-8")):
        remedy = "give a page that `testbed injectors document` wrote"
        raise UserError("has no place for the table", where=str(write), remedy=remedy)
    asked = families or tuple(pages.FAMILIES)
    operators = selected(InjectionFactor(families=asked))
    budget = Asked(seed, examples, inputs)
    found, seconds, text = [], [], ""
    for target in targets:
        click.echo(f"{target} ...", err=True)
        prepared = _prepared(target, seed, install)
        found.append(calibration.calibrated(prepared, target, operators, each, budget))
        one = found[-1]
        click.echo(f"{target}: {len(one.trials)} faults tried, {one.unplaced} not placed", err=True)
        if crosshair:
            source = prepared.subject.source
            roots = prepared.spec.settings(source)["paths"]
            seconds.append(second.searched(source, roots, one.trials, crosshair, SECOND, seed))
        text = calibration.report(found, asked, each, budget)
        if crosshair:
            text += "\n" + calibration.second_opinion(seconds, SECOND) + "\n"
        if write is not None:  # after each target: one that is stopped leaves what it has
            page = write.read_text(encoding="utf-8")
            whole.write(write, pages.with_calibration(page, text))
            click.echo(f"page: {write}", err=True)
    click.echo(text, nl=False)


@injectors.command("import", epilog="Example: git show -U8 FIX > fix.diff; testbed injectors import fix.diff")
@click.argument("diffs", nargs=-1, required=True, metavar="DIFF...", type=click.Path(path_type=Path))
@click.option(
    "--root", default=".", type=click.Path(path_type=Path, exists=True), help="The code as it is now."
)
@click.option(
    "--to",
    "file",
    default="recorded.json",
    show_default=True,
    type=OUTPUT,
    help="What a campaign names as injection.recorded.",
)
def import_fixes(diffs: tuple[Path, ...], root: Path, file: Path) -> None:
    """Turn fixes of your own history into faults: what each DIFF mended is put back by its fault."""
    from injectors.recorded import Recorded, save
    from testbed.errors import UserError
    from testbed.history import imported

    found = [one for diff in diffs for one in imported(diff, root)]
    bugs = [one for one in found if isinstance(one, Recorded)]
    for one in found:
        if isinstance(one, Recorded):
            click.echo(f"{one.name}: {', '.join(one.paths)}, {len(one.sites)} sites")
        else:
            click.echo(f"left out: {one}")
    if not bugs:
        raise UserError("none of the fixes can be put back", where=str(diffs[0]), remedy="see above")
    save(file, bugs)
    click.echo(f"{len(bugs)} faults: {file}")

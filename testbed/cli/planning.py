"""Commands that plan from a finished campaign: tune, forecast."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from testbed import whole
from testbed.cli.outputs import OUTPUT
from testbed.errors import UserError

if TYPE_CHECKING:
    from testbed.analysis.evidence import Evidence
    from testbed.analysis.forecast import Forecast
    from testbed.analysis.tuning import Answer, Tuning

_FOLDER = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
_CONFIDENCE = click.option(
    "--confidence",
    type=click.FloatRange(0.5, 1, min_open=True, max_open=True),
    default=0.95,
    show_default=True,
    help="Chance that what is said holds.",
)
_JSON = click.option("--json", "file", type=OUTPUT, help="Write the numbers here too.")


@click.command(epilog="Example: testbed tune runs/depths/latest --residual 1.0 --after 10")
@_FOLDER
@click.option(
    "--residual",
    type=click.FloatRange(0, min_open=True),
    default=1.0,
    show_default=True,
    help="Most residual flaws, as a mean over lineages.",
)
@click.option("--after", type=click.IntRange(1), default=10, show_default=True, help="Generations.")
@_CONFIDENCE
@_JSON
def tune(folder: Path, residual: float, after: int, confidence: float, file: Path | None) -> None:
    """Find the least review depth, and the cheapest policy, that keep the flaws in DIR under a limit."""
    from testbed.analysis.summary import clean
    from testbed.analysis.tuning import tune as tuned

    found = tuned(_evidence(folder), residual, after, confidence)
    for line in _tuned(found):
        click.echo(line)
    if file is not None:
        answers = [
            {name: getattr(one, name) for name in ("circumstance", "least", "cheapest", "hopeful")}
            for one in found.answers
        ]
        rows = [dict(row) for row in found.table.to_dict("records")]
        body = {"residual": residual, "after": after, "confidence": confidence}
        _write(file, clean({**body, "conditions": rows, "answers": answers}))


@click.command(epilog="Example: testbed forecast runs/depths/latest --generations 1000 --lineages 100000")
@_FOLDER
@click.option("--generations", type=click.IntRange(1, 100_000), default=1000, show_default=True)
@click.option("--lineages", type=click.IntRange(40, 10_000_000), default=100_000, show_default=True)
@click.option("--condition", type=click.IntRange(0), multiple=True, help="Only this one; may be repeated.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--workers", type=click.IntRange(1, 1024), help="Threads [default: one a processor].")
@_CONFIDENCE
@_JSON
def forecast(
    folder: Path,
    generations: int,
    lineages: int,
    condition: tuple[int, ...],
    seed: int,
    workers: int | None,
    confidence: float,
    file: Path | None,
) -> None:
    """Simulate many more and longer lineages with the hazards of the campaign in DIR.

    The last third of its generations is predicted from the others first, and the check is printed.
    """
    from testbed.analysis.forecast import forecast as forecasted
    from testbed.executors.cores import available

    evidence = _evidence(folder)
    known = [int(one["index"]) for one in evidence.conditions]
    for index in condition:
        if index not in known:
            raise UserError(
                "no such condition",
                where=f"--condition {index}",
                remedy=f"there are {known[0]} to {known[-1]}",
            )
    written = []
    for index in condition or known:
        made = forecasted(
            evidence,
            index,
            generations,
            lineages,
            seed=seed,
            confidence=confidence,
            threads=workers or available(),
            said=lambda text: click.echo(text, err=True),
        )
        for line in _forecasted(made, confidence):
            click.echo(line)
        written.append(made)
    if file is not None:
        _write(file, _as_json(written, confidence))


def _evidence(folder: Path) -> Evidence:
    from testbed.analysis import read
    from testbed.ledger import Ledger

    ledger = Ledger.open(folder)
    found = read(ledger)
    ledger.close()
    return found


def _write(file: Path, data: Any) -> None:
    text = json.dumps(data, indent=2, sort_keys=True, allow_nan=False, ensure_ascii=False)
    whole.write(file, text + "\n")
    click.echo(f"numbers: {file}")


def columns(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Lines of a table: the first column to the left, numbers to the right, two blanks between."""
    widths = [max(len(row[at]) for row in (heads, *rows)) for at in range(len(heads))]
    for row in (heads, *rows):
        first, *rest = (
            cell.ljust(widths[0]) if at == 0 else cell.rjust(widths[at]) for at, cell in enumerate(row)
        )
        yield "  ".join([first, *rest]).rstrip()


def number(value: float | None, digits: int = 2) -> str:
    """A number for a table; "-" for none."""
    return "-" if value is None or value != value else f"{value:,.{digits}f}"


def _tuned(found: Tuning) -> Iterator[str]:
    several = len(found.answers) > 1
    for answer in found.answers:
        part = found.table[found.table["circumstance"] == answer.circumstance]
        if several:
            yield answer.circumstance
        heads = (
            "policy",
            "depth",
            "lineages",
            "residual",
            "at most",
            "hours",
            "executions",
            "kept",
            "frontier",
        )
        rows = [
            (
                row["policy"] or "as planned",
                f"{row['depth']:g}",
                str(row["lineages"]),
                number(row["residual"]),
                number(row["bound"]),
                number(row["hours"]),
                number(row["executions"], 0),
                "yes" if row["keeps"] else "no",
                "*" if row["frontier"] else "",
            )
            for row in part.to_dict("records")
        ]
        yield from columns(heads, rows)
        early = int(part["early"].sum())
        if early:
            yield f"{early} lineages ended before generation {found.after} and count with what they had"
        yield from _answered(answer, found)
        yield ""
    yield "hours, executions: means of a lineage; *: no other policy has fewer flaws for as little review"


def _who(row: Mapping[str, Any]) -> str:
    policy = f"{row['policy']}, " if row["policy"] else ""
    return f"{policy}depth {row['depth']:g} (c{row['condition']})"


def _answered(answer: Answer, found: Tuning) -> Iterator[str]:
    promise = (
        f"{found.limit:g} residual flaws after {found.after} generations "
        f"with {100 * found.confidence:.4g}% confidence"
    )
    if answer.least is not None and answer.cheapest is not None:
        yield f"at most {promise}:"
        for name, row in (("least depth", answer.least), ("cheapest", answer.cheapest)):
            yield (
                f"  {name}: {_who(row)}: {number(row['residual'])}, at most {number(row['bound'])}; "
                f"{number(row['hours'])} hours of review"
            )
    else:
        yield f"nothing here is shown to keep {promise}"
    hopeful, cheapest = answer.hopeful, answer.cheapest
    if hopeful is None:
        if cheapest is None:
            yield "  no condition has a mean under that, so more lineages of these would hardly help"
    else:
        more = max(int(hopeful["needed"]) - int(hopeful["lineages"]), 0)
        yield (
            f"  too little data: {_who(hopeful)} has {number(hopeful['residual'])}, but at most "
            f"{number(hopeful['bound'])}; {_more(more, hopeful)}"
        )


def _more(lineages: int, row: Mapping[str, Any]) -> str:
    if lineages == 0:
        return "a deeper level of the same policy has to be kept first"
    total = lineages + int(row["lineages"])
    return f"about {lineages:,} more lineages (lineages = {total:,}) would tell"


def _forecasted(made: Forecast, confidence: float) -> Iterator[str]:
    percent = f"{100 * confidence:.4g}%"
    yield f"c{made.condition}  {made.label}: {made.lineages:,} lineages simulated"
    heads = ("after", "mean live", "its band", "of a lineage", "none live", "runaway")
    rows = [
        (
            f"{row['generation']:,}",
            number(row["mean"]),
            f"{number(row['mean_low'])} to {number(row['mean_high'])}",
            f"{row['low']:,} to {row['high']:,}",
            f"{row['none']:.1%}",
            f"{row['runaway']:.1%}",
        )
        for row in made.table.to_dict("records")
    ]
    yield from columns(heads, rows)
    yield f"bands: {percent}; runaway: {made.bound:,} live or more, counted as {made.bound:,}"
    yield from _check(made, percent)
    yield ""


def _check(made: Forecast, percent: str) -> Iterator[str]:
    if made.check.empty:
        yield "no check: the campaign has too few generations, lineages or faults to hold some out"
        return
    first, last = made.fitted_until + 1, int(made.check["generation"].iloc[-1])
    yield f"check: fitted to generations 1 to {made.fitted_until}, {first} to {last} predicted and compared"
    heads = ("generation", "mean live", f"{percent} band", "lineages inside theirs")
    rows = [
        (
            str(row["generation"]),
            number(row["observed"]),
            f"{number(row['low'])} to {number(row['high'])}",
            f"{row['inside']} of {row['lineages']}",
        )
        for row in made.check.to_dict("records")
    ]
    yield from columns(heads, rows)
    if made.holds:
        yield f"the check holds; beyond {made.longest} generations, the longest seen, only the model speaks"
    else:
        yield "THE CHECK FAILS: the model does not say what was held out, so do not plan with this forecast"


def _as_json(written: Sequence[Forecast], confidence: float) -> Any:
    from testbed.analysis.summary import clean

    conditions = [
        {
            "index": made.condition,
            "label": made.label,
            "runaway_at": made.bound,
            "forecast": made.table.to_dict("records"),
            "fitted_until": made.fitted_until,
            "check": made.check.to_dict("records"),
            "holds": made.holds,
            "copying": made.fit.copying,
            "classes": [
                {"family": name, "arrivals": float(rate), "a": float(a), "b": float(b)}
                for name, rate, (a, b) in zip(
                    made.fit.families, made.fit.arrivals, made.fit.shapes, strict=True
                )
            ],
        }
        for made in written
    ]
    return clean({"confidence": confidence, "conditions": conditions})

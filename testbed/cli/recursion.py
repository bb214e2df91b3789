"""The command that says what a self-hosted, or a self-judging, campaign showed: recursion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from testbed.analysis.estimates import Estimate
    from testbed.analysis.evidence import Evidence
    from testbed.conditions import Condition
    from testbed.facts import Record


@click.command(epilog="Example: testbed recursion runs/recursion/latest")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def recursion(folder: Path) -> None:
    """Flaws that breed flaws, and references that drift: of each condition in DIR, what became of them.

    Where the target rebuilds itself: offspring for each fault, the deepest tree of descent, faults that
    outlived the one that made them, lineages that died since a generation could no longer rebuild itself,
    and faults that a second builder found. Where it reports on itself: what is reported against what is
    true, by generation. Where tests are regenerated: correct fixes that they reject, by generation.
    """
    from testbed.analysis import read
    from testbed.analysis.labels import labels
    from testbed.conditions import from_json
    from testbed.ledger import Ledger

    ledger = Ledger.open(folder)
    try:
        planned = ledger.manifest["conditions"]
        evidence = read(ledger)
        for data, label in zip(planned, labels(planned), strict=True):
            condition = from_json(data)
            told = (
                list(ledger.of_lineage(condition.index, lineage)) for lineage in range(condition.lineages)
            )
            lineages = [records for records in told if records]
            if not lineages:
                continue
            click.echo(f"condition {condition.index}: {_name(condition, label)}")
            _descent(condition, lineages)
            _report(lineages)
            _scores(lineages)
            _belief(evidence, condition.index)
            _fixes(lineages)
            _patches(evidence, condition, ledger.blob)
    finally:
        ledger.close()


def _name(condition: Condition, label: str) -> str:
    if condition.modifier.name != "self":
        return label
    every = condition.modifier.second
    return f"second builder {f'at each generation divisible by {every}' if every else 'never'}"


def _descent(condition: Condition, lineages: Sequence[Sequence[Record]]) -> None:
    """Faults of builders, and what they bred."""
    from testbed.analysis.recursion import descent
    from testbed.analysis.recursion import recursion as together

    found = [descent(records) for records in lineages]
    made = together(found)
    if condition.modifier.name != "self":
        click.echo(f"  lineages {made.lineages}, faults seeded {made.seeded}, copies {made.induced}")
        return
    click.echo(f"  lineages {made.lineages}, faults seeded {made.seeded}, induced {made.induced}")
    click.echo(f"  offspring for each fault {_shown(made.offspring)}")
    click.echo(f"  deepest tree {made.deepest}, outlived their parent {made.orphans}")
    click.echo(f"  lineages that died {_shown(made.died)}")
    click.echo(f"  found by the second builder, a lineage {_shown(made.found)}")
    reasons = Counter(reason for one in found for reason in one.reasons)
    for reason, times in reasons.most_common(5):
        click.echo(f"    {times}x {reason}")


def _report(lineages: Sequence[Sequence[Record]]) -> None:
    """What is reported against what is true, where the target has an entry point for either."""
    from testbed.analysis.reporting import kinds, reporting

    made = reporting([kinds(records) for records in lineages])
    if sum(made.counts.values()) == made.counts["neither"]:
        return
    counts = ", ".join(f"{kind} {count}" for kind, count in made.counts.items())
    click.echo(f"  faults that change what is reported and true: {counts}")
    if made.silent is not None:
        click.echo(f"  of those that change what is true, not in the report {_shown(made.silent)}")


def _scores(lineages: Sequence[Sequence[Record]]) -> None:
    """By generation: how far the flaws have moved what is reported, and what is true."""
    from testbed.analysis.drifting import scores

    rows = scores(lineages)
    if not rows:
        return
    click.echo("  quality by generation: the mean in place, and its difference to the clean twin")
    click.echo(f"    generation  answering  reported  true   {'reported':25}{'true':25}reported less true")
    for row in rows:
        shifts = " ".join(_shift(each) for each in (row.shift_reported, row.shift_true, row.flattery))
        answering = f"{row.lineages} of {row.reached}"
        head = f"{row.generation:10}  {answering:>9}  {row.reported:8.3f}  {row.true:.3f}"
        click.echo(f"    {head}  {shifts}".rstrip())


def _fixes(lineages: Sequence[Sequence[Record]]) -> None:
    """By generation: correct fixes that the tests which the generation made of itself do not let in."""
    from testbed.analysis.drifting import absorbed, fixes

    rows = fixes(lineages)
    if not rows:
        return
    click.echo("  correct fixes that the generation's own tests reject")
    for row in rows:
        share = _shown(row.rejected).partition(" of ")[0]
        click.echo(f"    generation {row.generation}: {share} of {row.faults} live faults")
    ever = absorbed(lineages)
    past = _shown(ever.share).partition(" of ")[0]
    click.echo(f"    of all {ever.share.n} that got through, past that point {past}")
    after = "" if ever.after is None else f", {ever.after:.2f} generations from birth"
    when = f"in the generation of its birth {ever.at_birth}, later {ever.later}, never {ever.never}"
    click.echo(f"    absorbed {when}{after}")


def _patches(evidence: Evidence, condition: Condition, blob: Callable[[str], str]) -> None:
    """The other point of no return: a fault's own patch conflicts with what was built on it."""
    from testbed.analysis.no_return import irreversible, points

    lineages = tuple(one for one in evidence.lineages if one.condition == condition.index)
    made = irreversible(points(replace(evidence, lineages=lineages), blob), condition.generations)
    if made.value is not None:
        click.echo(
            f"  of {made.n} witnessed faults that got through, their own patch no longer to be reverted "
            f"within {condition.generations} cycles {_shown(made)}"
        )


def _belief(evidence: Evidence, condition: int) -> None:
    """What the screen took for right, of what was wrong."""
    from testbed.analysis.belief import beliefs, summary

    frame = beliefs(evidence)
    made = summary(frame[frame["condition"] == condition])
    wrong, missed = made["wrong"], made["taken_for_right"]
    if not wrong.n:
        return
    click.echo(f"  of {wrong.n} checks wrong {_shown(wrong)}, of these taken for right {_shown(missed)}")


def _shift(made: Estimate) -> str:
    if made.value is None or made.low is None or made.high is None:
        return f"{made.value or 0:+.3f} in {'each' if made.n > 1 else 'one'}".ljust(24)
    return f"{made.value:+.3f} [{made.low:+.3f}, {made.high:+.3f}]"


def _shown(made: Estimate) -> str:
    if made.value is None:
        return f"unknown ({made.reason})"
    if made.low is None or made.high is None:
        return f"{made.value:.2f} of {made.n}"
    return f"{made.value:.2f} [{made.low:.2f}, {made.high:.2f}]"

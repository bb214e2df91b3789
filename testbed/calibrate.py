"""What the faults of each family do on real code: one table over several targets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from scipy.stats import binomtest

from injectors.operator import Operator
from testbed import seeds
from testbed.engine.prepare import Prepared
from testbed.evaluate.faults import Fault, every
from testbed.second import Second
from testbed.trial import Asked, Trial, tried

COLUMNS: tuple[tuple[str, Callable[[Trial], bool]], ...] = (
    ("unwitnessed", lambda trial: not trial.witnesses),
    ("reached", lambda trial: trial.reached),
    ("infected", lambda trial: bool(trial.infected)),
    ("propagated", lambda trial: trial.propagated),
    ("unit", lambda trial: "unit" in trial.revealed),
    ("property", lambda trial: "property" in trial.revealed),
    ("differential", lambda trial: "differential" in trial.revealed),
    ("outside", lambda trial: trial.outside),
)
"""What is counted of each fault. Infected is what is known: what cannot be probed counts as not."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """The faults tried on one target, and how many of those drawn could not be placed."""

    target: str
    trials: tuple[Trial, ...]
    unplaced: int


def sampled(
    source: Mapping[str, str], operators: Sequence[Operator], each: int, seed: int, target: str
) -> list[Fault]:
    """At most `each` faults of every family: an operator that has a place left, then one of its places."""
    places: dict[str, dict[str, list[Fault]]] = {}
    for fault in every(source, operators):
        places.setdefault(fault.family, {}).setdefault(fault.operator, []).append(fault)
    chosen: list[Fault] = []
    for family, by_operator in places.items():
        rng = seeds.stream(seed, "calibrate", target, family)
        for _ in range(each):
            able = [name for name, faults in by_operator.items() if faults]
            if not able:
                break
            faults = by_operator[able[int(rng.integers(len(able)))]]
            chosen.append(faults.pop(int(rng.integers(len(faults)))))
    return sorted(chosen, key=lambda fault: fault.number)


def calibrated(
    prepared: Prepared, target: str, operators: Sequence[Operator], each: int, asked: Asked
) -> Calibration:
    """Tries at most `each` faults of every family on one target."""
    faults = sampled(prepared.subject.source, operators, each, asked.seed, target)
    found = tried(prepared, faults, asked)
    return Calibration(target, found.trials, len(found.unplaced))


def report(found: Sequence[Calibration], families: Sequence[str], each: int, asked: Asked) -> str:
    """The table, with what it was made of above it."""
    targets = ", ".join(
        f"{one.target} ({len(one.trials)} faults, {one.unplaced} not placed)" for one in found
    )
    budget = f"{asked.examples} examples of each property, {asked.inputs} inputs of each entry point"
    said = (
        f"At most {each} faults of each family on each target, seed {asked.seed}; {budget}.\n\n{targets}.\n\n"
    )
    return said + table(found, families)


def table(found: Sequence[Calibration], families: Sequence[str]) -> str:
    """Markdown: a row a family over all targets, shares of the seeded with 95% Wilson intervals."""
    trials = [trial for one in found for trial in one.trials]
    return "".join([*_head(), *(_row(family, trials) for family in families), _row("all", trials)])


def second_opinion(found: Sequence[Second], seconds: float) -> str:
    """What an independent search says of the unwitnessed faults: the share that is truly equivalent."""
    comparable, failed = sum(one.comparable for one in found), sum(one.count("failed") for one in found)
    asked = sum(len(one.compared) for one in found) - failed
    differing, same = (sum(one.count(verdict) for one in found) for verdict in ("differs", "same"))
    begin = (
        f"Second search: CrossHair, {seconds:g} s each, on {asked + failed} of {comparable} unwitnessed "
        "faults in functions of a module (dormant and concealed ones left out); "
        f"{failed} of them could not be compared."
    )
    if not asked:
        return begin
    return (
        f"{begin} Of the other {asked}, {differing} differ after all ({_share(differing, asked)}), on inputs "
        f"of any type; {same} are alike on every path ({_share(same, asked)}); of the rest no path that was "
        f"followed differs. The share of truly equivalent ones among them is between the two: "
        f"{_wide(same, asked - differing, asked)}, at 95% on each side."
    )


def _head() -> Iterator[str]:
    names = ["family", "seeded", *(name for name, _holds in COLUMNS)]
    yield "| " + " | ".join(names) + " |\n"
    yield "|---" * len(names) + "|\n"


def _row(family: str, trials: Sequence[Trial]) -> str:
    inside = [trial for trial in trials if family in {"all", trial.fault.family}]
    cells = [_share(sum(map(holds, inside)), len(inside)) for _name, holds in COLUMNS]
    return f"| {family} | {len(inside)} | " + " | ".join(cells) + " |\n"


def _wide(least: int, most: int, total: int) -> str:
    """From the lower limit of the least share that it can be to the upper limit of the most."""
    low, high = (binomtest(count, total).proportion_ci(0.95, "wilson") for count in (least, most))
    return f"{low.low:.0%}–{high.high:.0%}".replace("%–", "–")


def _share(count: int, total: int) -> str:
    if not total:
        return "–"
    interval = binomtest(count, total).proportion_ci(0.95, "wilson")
    low, high = interval.low, interval.high
    return f"{count / total:.0%} [{low:.0%}–{high:.0%}]".replace("%–", "–")

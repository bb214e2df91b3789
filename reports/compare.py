"""Two campaigns beside each other: what changed, with its interval, in a sentence for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from reports import words
from testbed.analysis import Evidence, Facts, read
from testbed.analysis.estimates import Estimate, difference, nothing
from testbed.analysis.labels import flat, said
from testbed.analysis.summary import default_k, summarise_evidence
from testbed.errors import UserError

COMPARE_SCHEMA = 1
APART = ("lineages", "generations")  # more of them is the same experiment with narrower intervals

Direction = Literal["better", "worse", "not distinguishable", "unknown"]


@dataclass(frozen=True, slots=True)
class Measure:
    """What is compared: its place in a condition's summary, and whether less of it is better."""

    section: str
    name: str
    said: str
    share: bool = False
    less: bool = True


MEASURES = (
    Measure("persistence", "share_alive", "share alive after {k}", share=True),
    Measure("persistence", "restricted_mean", "mean generations survived, of the first {k}"),
    Measure("oversight", "escape_rate", "share of faults that escaped", share=True),
    Measure("amplification", "R", "R"),
    Measure("amplification", "offspring_per_fault", "offspring of a fault"),
    Measure("amplification", "live_at_end", "live faults at the end"),
    Measure("amplification", "blast_radius_at_end.inputs", "inputs deviating at the end", share=True),
    Measure("oversight", "seen_when_read", "faults seen when read", share=True, less=False),
    Measure("oversight", "hours_per_lineage", "review hours of a lineage"),
)


@dataclass(frozen=True, slots=True)
class Change:
    """One measure of one condition in both campaigns, and the difference, second less first."""

    condition: str
    measure: str
    said: str
    share: bool
    first: Mapping[str, Any]
    second: Mapping[str, Any]
    change: Estimate
    direction: Direction


@dataclass(frozen=True, slots=True)
class Comparison:
    """All changes; what else differs between the campaigns; conditions that only one of them has."""

    names: tuple[str, str]
    k: int
    differing: tuple[str, ...]
    changes: tuple[Change, ...]
    only: tuple[tuple[str, ...], tuple[str, ...]]

    def count(self, direction: Direction) -> int:
        """How many changes are so."""
        return sum(one.direction == direction for one in self.changes)


@dataclass(frozen=True, slots=True)
class Side:
    """One campaign: what its summary says of each condition, and all levels of each where they are known.

    A kept summary only has the levels of the factors that its campaign varied.
    """

    conditions: tuple[Mapping[str, Any], ...]
    levels: tuple[Mapping[str, Any], ...]
    complete: bool


def _side(given: Evidence | Mapping[str, Any], k: int) -> Side:
    if isinstance(given, Evidence):
        levels = ({n: v for n, v in flat(one).items() if n not in APART} for one in given.conditions)
        return Side(tuple(summarise_evidence(given, k)["conditions"]), tuple(levels), True)
    found = tuple(given["conditions"])
    varied = ({n: v for n, v in one["levels"].items() if n not in APART} for one in found)
    return Side(found, tuple(varied), False)


def _cycles(*given: Evidence | Mapping[str, Any]) -> int:
    """The cycles after which shares are compared: as a kept summary has them, which cannot be changed."""
    kept = {int(one["k"]) for one in given if not isinstance(one, Evidence)}
    if len(kept) > 1:
        raise UserError(
            f"shares alive are after {' and '.join(map(str, sorted(kept)))} cycles",
            remedy="compare the runs' folders, from which any number of cycles can be computed",
        )
    return kept.pop() if kept else min(default_k(one) for one in given if isinstance(one, Evidence))


def _fixed(levels: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The levels that all conditions of a campaign share."""
    first = levels[0]
    return {name: level for name, level in first.items() if all(one.get(name) == level for one in levels)}


def _differing(first: Side, second: Side) -> dict[str, tuple[Any, Any]]:
    """Factors at one level in each campaign, but not at the same one: what the comparison is about."""
    if not (first.complete and second.complete):
        return {}
    one, other = _fixed(first.levels), _fixed(second.levels)
    return {name: (one[name], other[name]) for name in one if name in other and one[name] != other[name]}


def _matched(first: Side, second: Side, apart: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Pairs of positions with the same levels, those in `apart` aside; two lone conditions are a pair."""
    if len(first.conditions) == len(second.conditions) == 1:
        yield 0, 0
        return
    both = None
    if not (first.complete and second.complete):
        both = {name for side in (first, second) if not side.complete for one in side.levels for name in one}

    def key(levels: Mapping[str, Any]) -> str:
        return repr(
            sorted(
                (name, repr(_plain(level)))
                for name, level in levels.items()
                if name not in apart and (both is None or name in both)
            )
        )

    here, there = ([key(one) for one in side.levels] for side in (first, second))
    for place, one in enumerate(here):
        if here.count(one) == there.count(one) == 1:
            yield place, there.index(one)


def _plain(level: Any) -> Any:
    """A level as JSON gives it back."""
    return list(level) if isinstance(level, tuple) else level


def _estimate(body: Mapping[str, Any], measure: Measure) -> Mapping[str, Any]:
    """A measure of a condition; one that an older summary does not have yet is not known."""
    value: Any = body.get(measure.section, {})
    for part in measure.name.split("."):
        value = value.get(part, {})
    found: Mapping[str, Any] = value or asdict(nothing("the older summary does not have it"))
    return found


def _direction(change: Estimate, measure: Measure) -> Direction:
    if change.value is None or change.low is None or change.high is None:
        return "unknown"
    if change.low <= 0 <= change.high:
        return "not distinguishable"
    return "better" if (change.high < 0) == measure.less else "worse"


def _changes(one: Mapping[str, Any], other: Mapping[str, Any], k: int) -> Iterator[Change]:
    label = f"c{one['index']} {one['label']}"
    for measure in MEASURES:
        first, second = _estimate(one, measure), _estimate(other, measure)
        if first["value"] is None and second["value"] is None:
            continue
        change = difference(Estimate(**first), Estimate(**second))
        told = measure.said.format(k=words.count(k, "cycle"))
        name = f"{measure.section}.{measure.name}"
        way = _direction(change, measure)
        yield Change(label, name, told, measure.share, first, second, change, way)


def compare(
    first: Facts | Mapping[str, Any],
    second: Facts | Mapping[str, Any],
    names: tuple[str, str] = ("first", "second"),
) -> Comparison:
    """Compares conditions that are alike, of facts or of a kept summary. Raises UserError where none are."""
    given = [dict(each) if isinstance(each, Mapping) else read(each) for each in (first, second)]
    k = _cycles(*given)
    one, other = (_side(each, k) for each in given)
    apart = _differing(one, other)
    pairs = list(_matched(one, other, list(apart)))
    if not pairs:
        raise UserError(
            "no condition of one campaign is like one of the other",
            remedy="compare campaigns with the same factors",
        )
    changes = [change for a, b in pairs for change in _changes(one.conditions[a], other.conditions[b], k)]
    told = [f"{name}: {said(name, a)} → {said(name, b)}" for name, (a, b) in apart.items()]
    if not (one.complete and other.complete):
        told.append("whatever a kept summary does not tell: it has the levels of varied factors alone")
    return Comparison(names, k, tuple(told), tuple(changes), _alone(one, other, pairs))


def _alone(
    one: Side, other: Side, pairs: Sequence[tuple[int, int]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    here, there = {a for a, _ in pairs}, {b for _, b in pairs}
    return (
        tuple(each["label"] for place, each in enumerate(one.conditions) if place not in here),
        tuple(each["label"] for place, each in enumerate(other.conditions) if place not in there),
    )


def _points(change: Estimate, share: bool) -> str:
    scale, unit = (100, " points") if share else (1, "")
    digits = 0 if share else 2
    told = f"{scale * (change.value or 0):+.{digits}f}{unit}"
    if change.low is None or change.high is None:
        return told
    return f"{told} [{scale * change.low:.{digits}f} to {scale * change.high:.{digits}f}]"


def sentence(one: Change) -> str:
    """One change in words."""
    show = words.percent if one.share else words.plain
    before, after = (words.with_interval(each, show) for each in (one.first, one.second))
    if one.change.value is None:
        return f"{one.said}: {before} → {after}; it cannot be told whether it changed ({one.change.reason})"
    if one.direction == "unknown":
        return f"{one.said}: {before} → {after}; without an interval it cannot be told whether it changed"
    return f"{one.said}: {before} → {after}, {_points(one.change, one.share)}: {one.direction}"


def lines(found: Comparison, *, quiet: bool = False) -> Iterator[str]:
    """The comparison as lines of text; `quiet` leaves the last one."""
    if not quiet:
        yield f"{found.names[0]} → {found.names[1]}"
        for told in found.differing:
            yield f"differs: {told}"
        if not found.differing:
            yield "the conditions are the same: what differs is the seed, the versions, or chance"
        for label in dict.fromkeys(one.condition for one in found.changes):
            yield label
            for one in found.changes:
                if one.condition == label:
                    yield f"  {sentence(one)}"
        for name, labels in zip(found.names, found.only, strict=True):
            if labels:
                yield f"only in {name}: {'; '.join(labels)}"
    ways: tuple[Direction, ...] = ("better", "worse", "not distinguishable", "unknown")
    counts = [f"{found.count(way)} {way}" for way in ways if found.count(way)]
    yield (
        f"{words.named_list(counts)}. Intervals are 95% each and not corrected for being "
        f"{len(found.changes)}; one in 20 would be called better or worse by chance."
    )


def data(found: Comparison) -> dict[str, Any]:
    """The comparison as plain JSON data."""
    from testbed.analysis.summary import clean

    made: dict[str, Any] = clean(
        {
            "schema": COMPARE_SCHEMA,
            "first": found.names[0],
            "second": found.names[1],
            "k": found.k,
            "differing": list(found.differing),
            "only_in_first": list(found.only[0]),
            "only_in_second": list(found.only[1]),
            "changes": [asdict(one) for one in found.changes],
        }
    )
    return made

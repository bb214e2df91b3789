"""Whether a campaign keeps its bounds, and how far each is from flipping."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from testbed.analysis import Evidence, Facts, read
from testbed.analysis.labels import flat
from testbed.analysis.summary import summarise_evidence
from testbed.errors import UserError
from testbed.gate.bounds import Bound, Gate
from testbed.gate.measures import Measured, measured

Status = Literal["kept", "broken", "undecided"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One bound asked of one condition.

    `margin` is the distance from the bound to the end of the interval that decides (for a count, to
    the count): above 0 on the side where the bound is kept. `more` is by how much the number of
    lineages would have to grow for a decision, if the figure stays what it is.
    """

    condition: int
    label: str
    status: Status
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    clusters: int | None = None
    confidence: float | None = None
    margin: float | None = None
    more: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """A gate with the verdicts on each of its bounds, by condition."""

    gate: Gate
    verdicts: tuple[tuple[Bound, tuple[Verdict, ...]], ...] = field(default=())

    def count(self, status: Status) -> int:
        """How many verdicts are so."""
        return sum(one.status == status for _, found in self.verdicts for one in found)

    @property
    def passed(self) -> bool:
        """Whether nothing is broken, and nothing undecided where that fails."""
        return not self.count("broken") and (self.gate.undecided == "pass" or not self.count("undecided"))


def unmatched(gate: Gate, conditions: Sequence[Mapping[str, Any]]) -> None:
    """Raises UserError for a bound that no condition (as in the manifest) would be asked."""
    for bound in gate.parsed():
        if not any(bound.asked_of(flat(dict(one))) for one in conditions):
            raise UserError(f'no condition is asked "{bound.text}"', remedy="no condition has these levels")


def judge(facts: Facts | Evidence, gate: Gate) -> Judged:
    """Asks each bound of each condition that it names. Raises UserError for one that nothing answers."""
    evidence = facts if isinstance(facts, Evidence) else read(facts)
    unmatched(gate, evidence.conditions)
    summaries: dict[tuple[int | None, float], dict[str, Any]] = {}
    found = []
    for bound in gate.parsed():
        wanted = (bound.k, bound.confidence)
        if wanted not in summaries:
            summaries[wanted] = summarise_evidence(evidence, bound.k, bound.confidence)
        found.append((bound, tuple(_asked(bound, evidence, summaries[wanted]))))
    return Judged(gate, tuple(found))


def _asked(bound: Bound, evidence: Evidence, summary: Mapping[str, Any]) -> Iterator[Verdict]:
    for condition, body in zip(evidence.conditions, summary["conditions"], strict=True):
        if bound.asked_of(flat(condition)):
            yield verdict(bound, body)


def verdict(bound: Bound, body: Mapping[str, Any]) -> Verdict:
    """The verdict on one bound from what the summary has of one condition."""
    name = (int(body["index"]), str(body["label"]))
    one = measured(bound, body)
    if one is None:
        return Verdict(
            *name, "undecided", reason=f"no fault of the family {bound.measure.rpartition('.')[2]}"
        )
    found = _number(bound, one, name) if one.estimate is None else _interval(bound, one.estimate, name)
    open_ones = body["outcomes"]["running"] + body["outcomes"]["waiting"]
    if open_ones and found.status != "undecided":
        return _undecided(found, f"{open_ones} of {body['lineages']} lineages have no outcome yet")
    return found


def _undecided(one: Verdict, reason: str) -> Verdict:
    figures = (one.value, one.low, one.high, one.n, one.clusters, one.confidence)
    return Verdict(one.condition, one.label, "undecided", *figures, reason=reason)


def _distance(bound: Bound, value: float) -> float:
    """From the bound to a value: above 0 where the bound is kept."""
    if bound.relation in {"==", "!="}:
        away = abs(value - bound.limit)
        return away if bound.relation == "!=" else -away
    return bound.limit - value if bound.relation.startswith("<") else value - bound.limit


def _number(bound: Bound, one: Measured, name: tuple[int, str]) -> Verdict:
    value = one.number or 0.0
    if one.faults == 0:
        return Verdict(*name, "undecided", value, n=0, reason="no fault was born that could have")
    status: Status = "kept" if bound.holds(value) else "broken"
    return Verdict(*name, status, value, n=one.faults, margin=_distance(bound, value))


def _interval(bound: Bound, one: Mapping[str, Any], name: tuple[int, str]) -> Verdict:
    value, low, high = one["value"], one["low"], one["high"]
    figures = (value, low, high, one["n"], one["clusters"], one["confidence"])
    if one["confidence"] < bound.confidence:
        reason = f"its interval is only given at {one['confidence']:.0%}"
        return Verdict(*name, "undecided", *figures, reason=reason)
    worst, best = (high, low) if bound.relation.startswith("<") else (low, high)
    if worst is not None and bound.holds(worst):
        return Verdict(*name, "kept", *figures, margin=_distance(bound, worst))
    if best is not None and not bound.holds(best):
        return Verdict(*name, "broken", *figures, margin=_distance(bound, best))
    if value is None or worst is None:
        return Verdict(
            *name, "undecided", *figures, reason=one["reason"] or "that side of the interval is open"
        )
    end = worst if bound.holds(value) else best
    margin = _distance(bound, worst if bound.holds(value) else value)
    return Verdict(*name, "undecided", *figures, margin=margin, more=_more(bound, value, end))


def _more(bound: Bound, value: float, end: float | None) -> float | None:
    """How many times as many lineages would take `end` to the bound, as widths go with the root."""
    if end is None or value == bound.limit:
        return None
    return math.pow((end - value) / (bound.limit - value), 2)

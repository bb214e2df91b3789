"""What a modifier from outside did and cost, and what became of the faults in its edits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from testbed.facts import BirthFact, OutsideFact, Record


@dataclass(frozen=True, slots=True)
class Turns:
    """The turns of one condition. `problems` counts those that could not be used, by the reason's first
    words; `cost` is None where some turn that asked a model had no price."""

    lineages: int
    turns: int
    problems: dict[str, int]
    calls: int
    tokens_in: int
    tokens_out: int
    cost: float | None
    statuses: dict[str, int]
    indigenous: int  # faults that the modifier made by itself


def turns(lineages: Sequence[Iterable[Record]]) -> Turns | None:
    """The lineages of one condition together; None where no modifier from outside had a turn."""
    found: list[OutsideFact] = []
    indigenous = 0
    for records in lineages:
        for record in records:
            if isinstance(record, OutsideFact):
                found.append(record)
            elif isinstance(record, BirthFact):
                indigenous += record.origin == "indigenous"
    if not found:
        return None
    asked = [fact.cost for fact in found if fact.calls]
    known = [cost for cost in asked if cost is not None]
    problems = Counter(fact.problem.partition(":")[0] for fact in found if fact.problem)
    statuses = Counter(each.status for fact in found for each in fact.traces)
    return Turns(
        lineages=len(lineages),
        turns=len(found),
        problems=dict(problems.most_common()),
        calls=sum(fact.calls for fact in found),
        tokens_in=sum(fact.tokens_in for fact in found),
        tokens_out=sum(fact.tokens_out for fact in found),
        cost=sum(known) if known and len(known) == len(asked) else None,
        statuses=dict(statuses.most_common()),
        indigenous=indigenous,
    )

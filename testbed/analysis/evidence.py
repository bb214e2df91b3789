"""The records sorted into lineages, with what a half-written generation left behind set apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any, Literal, TypeVar

from testbed.analysis.labels import labels
from testbed.analysis.source import Facts
from testbed.facts import (
    BaselineFact,
    BeliefFact,
    BirthFact,
    EffortFact,
    EndFact,
    GenerationFact,
    OutcomeFact,
    Record,
    RecordedFact,
    RefusedFact,
    ReviewFact,
    RollbackFact,
    RungFact,
    UnplacedFact,
)

R = TypeVar("R", bound=Record)

State = Literal["completed", "stalled", "runaway", "running", "waiting"]
STATES: tuple[State, ...] = ("completed", "stalled", "runaway", "running", "waiting")


@dataclass(frozen=True, slots=True)
class LineageRecords:
    """What is known of one lineage.

    A lineage without an outcome (running or interrupted) is known up to its last GenerationFact;
    records of the generation under way are left out, and its births counted in `pending`.
    """

    condition: int
    lineage: int
    births: tuple[BirthFact, ...] = ()
    ends: dict[int, EndFact] = field(default_factory=dict)
    rungs: tuple[RungFact, ...] = ()
    generations: tuple[GenerationFact, ...] = ()
    reviews: tuple[ReviewFact, ...] = ()
    efforts: tuple[EffortFact, ...] = ()
    beliefs: tuple[BeliefFact, ...] = ()
    recorded: tuple[RecordedFact, ...] = ()
    refused: tuple[RefusedFact, ...] = ()
    rollbacks: tuple[RollbackFact, ...] = ()
    unplaced: tuple[UnplacedFact, ...] = ()
    outcome: OutcomeFact | None = None
    pending: int = 0
    begun: bool = False

    @property
    def last(self) -> int:
        """The last generation accepted; 0 when there is none."""
        return self.generations[-1].generation if self.generations else 0

    @property
    def state(self) -> State:
        """The outcome, or `running` without one, or `waiting` when nothing was written yet."""
        if self.outcome is not None:
            return self.outcome.outcome
        return "running" if self.begun else "waiting"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A campaign's facts, read once: the argument of all that the analysis computes."""

    manifest: dict[str, Any]
    conditions: tuple[dict[str, Any], ...]
    labels: tuple[str, ...]  # one for each condition, only of the factors that vary
    baselines: tuple[BaselineFact, ...]
    lineages: tuple[LineageRecords, ...]  # all that were planned, by condition and lineage

    def of(self, condition: int) -> tuple[LineageRecords, ...]:
        """The lineages of the condition with that index."""
        return tuple(one for one in self.lineages if one.condition == condition)


def _of_type(records: Iterable[Record], kind: type[R]) -> tuple[R, ...]:
    return tuple(record for record in records if isinstance(record, kind))


def _generation_of(record: Record) -> int:
    return int(getattr(record, "generation", 0))


def _lineage(condition: int, lineage: int, written: list[Record]) -> LineageRecords:
    outcomes = _of_type(written, OutcomeFact)
    generations = _of_type(written, GenerationFact)
    pending = 0
    if not outcomes:
        last = max((one.generation for one in generations), default=0)
        under_way = [one for one in written if _generation_of(one) > last]
        pending = len(_of_type(under_way, BirthFact))
        written = [one for one in written if _generation_of(one) <= last]
    return LineageRecords(
        condition=condition,
        lineage=lineage,
        births=_of_type(written, BirthFact),
        ends={one.fault: one for one in _of_type(written, EndFact)},
        rungs=_of_type(written, RungFact),
        generations=generations,
        reviews=_of_type(written, ReviewFact),
        efforts=_of_type(written, EffortFact),
        beliefs=_of_type(written, BeliefFact),
        recorded=_of_type(written, RecordedFact),
        refused=_of_type(written, RefusedFact),
        rollbacks=_of_type(written, RollbackFact),
        unplaced=_of_type(written, UnplacedFact),
        outcome=outcomes[-1] if outcomes else None,
        pending=pending,
        begun=True,
    )


def _planned(conditions: Iterable[dict[str, Any]]) -> list[tuple[int, int]]:
    return [(one["index"], lineage) for one in conditions for lineage in range(one["lineages"])]


def read(facts: Facts) -> Evidence:
    """Reads all facts once. Verdicts and timings are left in the ledger."""
    manifest = dict(facts.manifest)
    conditions = tuple(manifest["conditions"])
    baselines: list[BaselineFact] = []
    known: dict[tuple[int, int], LineageRecords] = {}
    for (condition, lineage), group in groupby(facts.records(), key=itemgetter(0, 1)):
        written = [record for _, _, record in group]
        if condition < 0:
            baselines.extend(_of_type(written, BaselineFact))
        else:
            known[condition, lineage] = _lineage(condition, lineage, written)
    wanted = sorted({*_planned(conditions), *known})
    return Evidence(
        manifest=manifest,
        conditions=conditions,
        labels=labels(conditions),
        baselines=tuple(baselines),
        lineages=tuple(known.get(key) or LineageRecords(*key) for key in wanted),
    )

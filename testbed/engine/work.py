"""What a lineage process does: one lineage after the other, with a worker for the code under test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from injectors.placement import FieldInjector
from testbed import modifiers, seeds
from testbed.conditions import Condition, LimitsFactor, TargetFactor
from testbed.engine.beside import Beside
from testbed.engine.prepare import Prepared
from testbed.evaluator import ProcessEvaluator
from testbed.lineage import Batch, Lineage, Parts, State
from testbed.modifiers.outside import OpaqueModifier
from testbed.modifiers.outside.itself import SelfModifier
from testbed.modifiers.outside.replay import ReplayModifier
from testbed.oversight import reviewers
from testbed.oversight.waiting import Answer, Place, ReviewRequest, Waiting
from testbed.tracing.witness import witnesses

WITNESSES = 20
"""Differential inputs of each entry point that are asked what became of a fault in an opaque edit."""


@dataclass(frozen=True, slots=True)
class Job:
    """One lineage to be run from a state on."""

    condition: int
    lineage: int
    state: State
    answers: Mapping[Place, Answer] = field(default_factory=dict)  # of a person who reviews

    @property
    def key(self) -> tuple[int, int]:
        """(condition, lineage), unique in a campaign."""
        return self.condition, self.lineage


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a lineage process has to know. Travels once to each."""

    seed: int
    conditions: tuple[Condition, ...]
    targets: Mapping[TargetFactor, Prepared]


class Bench:
    """Runs jobs of one plan; keeps the worker of the last target warm."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._warm: tuple[TargetFactor, LimitsFactor, ProcessEvaluator] | None = None

    def run(self, job: Job) -> Iterator[Batch | ReviewRequest]:
        """The batches of a lineage, each as soon as it is made; where a person has to review, that last.

        The generation under way is thrown away then, and made again when the job is.
        """
        try:
            yield from self.lineage(job).run()
        except Waiting as waiting:
            yield waiting.request

    def lineage(self, job: Job) -> Lineage:
        """The lineage of a job, ready to go on; its `state` is that after its last batch."""
        condition = self.plan.conditions[job.condition]
        prepared = self.plan.targets[condition.target]
        evaluator = self._evaluator(condition, prepared)
        modifier = modifiers.make(condition.modifier, prepared.frozen, prepared.spec.static)
        beside = Beside(evaluator)
        asked = _asked(prepared, self.plan.seed)
        if isinstance(modifier, SelfModifier):
            modifier.begin(prepared.subject.source)
        if isinstance(modifier, ReplayModifier):
            modifier.told = beside.put
            modifier.witnesses = witnesses(beside, asked, clean=True)
        if isinstance(modifier, OpaqueModifier):
            modifier.witnesses = witnesses(evaluator, asked)
        parts = Parts(
            modifier,
            FieldInjector(condition.injection),
            beside if isinstance(modifier, ReplayModifier) else evaluator,
            reviewers.make(condition.oversight, job.answers),
        )
        return Lineage(condition, job.lineage, self.plan.seed, prepared.subject, parts, job.state)

    def _evaluator(self, condition: Condition, prepared: Prepared) -> ProcessEvaluator:
        if self._warm and self._warm[:2] == (condition.target, condition.limits):
            return self._warm[2]
        self.close()
        evaluator = ProcessEvaluator(replace(prepared.spec, limits=condition.limits))
        self._warm = (condition.target, condition.limits, evaluator)
        return evaluator

    def close(self) -> None:
        """Ends the worker."""
        if self._warm is not None:
            self._warm[2].close()
            self._warm = None


def _asked(prepared: Prepared, seed: int) -> tuple[str, ...]:
    rng = seeds.stream(seed, "witnesses", prepared.fact.target)
    drawn = rng.integers(2**31, size=(len(prepared.subject.entries), WITNESSES))
    rows = zip(prepared.subject.entries, drawn, strict=True)
    return tuple(f"diff:{entry}#{int(number)}" for entry, row in rows for number in row)

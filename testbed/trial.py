"""What single faults do on a target, without a campaign: how far each gets, what reveals it, how bad it is.

The same questions that a lineage asks of a newborn fault, asked of many faults side by side, in the situation
of a generation with a checkpoint.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from testbed import seeds
from testbed.birth import HIDING, fault_diff, witnesses
from testbed.engine.prepare import Prepared
from testbed.errors import UserError
from testbed.evaluate.faults import Fault
from testbed.evaluate.layers import Layer, place
from testbed.evaluator import ProcessEvaluator
from testbed.examination import Examination, Tests
from testbed.facts import OracleName, Witness
from testbed.protocols import Situation
from testbed.severity import Severity, severity


@dataclass(frozen=True, slots=True)
class Asked:
    """How much each fault is asked."""

    seed: int = 0
    examples: int = 20  # of each property test
    inputs: int = 20  # of each differential entry point


@dataclass(frozen=True, slots=True)
class Trial:
    """What one fault does, alone on the target."""

    fault: Fault
    diff: str
    reached: bool
    infected: bool | None  # None: it cannot be probed, and nothing came of it
    revealed: tuple[OracleName, ...]
    outside: bool  # seen only outside of inspection
    witnesses: tuple[Witness, ...]
    agreeing: tuple[str, ...]
    severity: Severity
    asked: int  # tests and inputs

    @property
    def propagated(self) -> bool:
        """Whether it changed a verdict or an outcome, in the worker."""
        return bool(self.revealed)


@dataclass(frozen=True, slots=True)
class Trials:
    """All faults tried, and why others could not be placed."""

    trials: tuple[Trial, ...]
    unplaced: Mapping[int, str]


def tried(prepared: Prepared, faults: Sequence[Fault], asked: Asked) -> Trials:
    """Tries every fault by itself. Raises UserError where the target cannot be run."""
    placed = place(prepared.subject.source, faults)
    found: list[Trial] = []
    with ProcessEvaluator(prepared.spec) as evaluator:
        for number, layer in enumerate(placed.layers):
            found += _layer(prepared, evaluator, layer, number, asked)
    return Trials(tuple(sorted(found, key=lambda trial: trial.fault.number)), placed.unplaced)


def _layer(
    prepared: Prepared, evaluator: ProcessEvaluator, layer: Layer, number: int, asked: Asked
) -> Iterator[Trial]:
    subject = prepared.subject
    rng = seeds.stream(asked.seed, "trial", number)
    inputs = tuple(
        f"diff:{entry}#{int(seed)}"
        for entry in subject.entries
        for seed in rng.integers(2**31, size=asked.inputs)
    )
    tests = Tests(subject.tests, inputs, asked.seed, asked.examples)
    exam = Examination(evaluator, 0, 1, tests, situation=Situation(checkpoint=True))
    problem = exam.load(layer.source)
    if problem:
        raise UserError(problem, where=prepared.spec.root, remedy="its own tests must run")
    for fault in layer.faults:
        yield _trial(exam, layer, fault, prepared)


def _trial(exam: Examination, layer: Layer, fault: Fault, prepared: Prepared) -> Trial:
    alone, inputs = frozenset({fault.number}), exam.tests.inputs
    differing = exam.deviating(alone, exam.tests.ids, "alone")
    revealed = tuple(dict.fromkeys(exam.tests.oracle(test) for test in differing))
    found = witnesses(exam, fault.number, fault.family, differing, inputs if fault.family in HIDING else ())
    measured = severity(exam, fault.number, prepared.subject.public)
    probes = [exam.clean[test] for test in exam.tests.ids]
    infected = bool(differing) or any(fault.number in outcome.infected for outcome in probes)
    undecided = fault.number in exam.import_time or any(fault.number in each.undecided for each in probes)
    return Trial(
        fault=fault,
        diff=fault_diff(layer.source, fault.number, frozenset()),
        reached=fault.number in exam.import_time or any(fault.number in each.reached for each in probes),
        infected=infected or (None if undecided else False),
        revealed=revealed,
        outside=any(witness.outside for witness in found),
        witnesses=found,
        agreeing=measured.agreeing,
        severity=measured,
        asked=len(exam.tests.ids),
    )

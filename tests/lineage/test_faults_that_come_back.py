"""A fault that was found, mended, and brought back by somebody who edits plain text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from testbed.conditions import (
    Condition,
    OraclesFactor,
    OversightFactor,
    TargetFactor,
    TruthFactor,
    to_json,
)
from testbed.engine.prepare import prepare
from testbed.evaluator import ProcessEvaluator
from testbed.facts import BirthFact, EndFact, OutsideFact
from testbed.ledger import Ledger
from testbed.lineage import Batch, Lineage, Parts, State, origin, restore
from testbed.modifiers.outside import Edited, OpaqueModifier
from testbed.modifiers.outside.opaque import Where
from testbed.oversight.reviewers import ConstantReviewer
from testbed.protocols import ChangeView, Injection, Seeded, Source
from testbed.schema import TextEdit, insert

CLEAN, FAULTY = "high\n    return value", "high + 1\n    return value"


class Undoing:
    """Adds a comment; in generation 3 it puts back what was mended in generation 1."""

    name, version = "undoing", "1"

    def edit(self, files: Mapping[str, str], where: Where, rng: np.random.Generator) -> Edited:
        text = files["sums.py"] + f"\nSTEP_{where.generation} = {where.generation}\n"
        return Edited({"sums.py": text.replace(CLEAN, FAULTY) if where.generation == 3 else text})


class First:
    """Seeds one fault in the first generation."""

    def __init__(self, done: bool) -> None:
        self.done = done

    def inject(
        self, source: Source, change: ChangeView, rng: np.random.Generator, number: Callable[[], int]
    ) -> Injection:
        if self.done:
            return Injection(source)
        self.done = True
        start = source["sums.py"].index(CLEAN)
        fault = number()
        text = insert(source["sums.py"], fault, [TextEdit(start, start + 4, "high + 1")])
        return Injection({"sums.py": text}, (Seeded(fault, "known", "logic", "sums.py", "clamp"),))


@pytest.fixture
def condition(small_target: Path) -> Condition:
    return Condition(
        generations=3,
        lineages=1,
        target=TargetFactor(str(small_target)),
        oracles=OraclesFactor(unit=False, property=False, inputs=40),  # so that one is sure to be found
        oversight=OversightFactor(every=0),
        truth=TruthFactor(inputs=8, witness_inputs=4),
    )


def test_it_is_a_new_fault_of_the_old_one_before_and_after_a_restart(
    condition: Condition, tmp_path: Path
) -> None:
    prepared = prepare([condition], 0)[condition.target]

    def run(evaluator: ProcessEvaluator, state: State) -> list[Batch]:
        modifier = OpaqueModifier(Undoing())
        parts = Parts(modifier, First(state.generation > 0), evaluator, ConstantReviewer(condition.oversight))
        return list(Lineage(condition, 0, 5, prepared.subject, parts, state).run())

    manifest = {"conditions": [to_json(condition)], "name": "a", "seed": 5, "campaign": ""}
    ledger = Ledger.create(tmp_path / "run", {**manifest, "versions": {}, "started": "", "command": ""})
    with ProcessEvaluator(prepared.spec) as evaluator:
        whole = run(evaluator, origin(prepared.subject))
        try:
            ledger.append(-1, -1, 0, [prepared.fact], dict(prepared.blobs), {})
            for batch in whole[:2]:
                ledger.append(0, 0, batch.generation, batch.records, batch.blobs, {})
            again = run(evaluator, restore(ledger, prepared.subject, 0, 0))
        finally:
            ledger.close()
    records = [record for batch in whole for record in batch.records]
    births = [(r.fault, r.generation, r.origin, r.parent) for r in records if isinstance(r, BirthFact)]
    assert births == [(1, 1, "seeded", None), (2, 3, "reintroduced", 1)]
    ends = [(r.fault, r.generation, r.cause) for r in records if isinstance(r, EndFact)]
    assert ends == [(1, 1, "differential"), (2, 3, "differential")]
    statuses = [each.status for r in records if isinstance(r, OutsideFact) for each in r.traces]
    assert statuses == ["reintroduced"]
    assert [batch.records for batch in again] == [batch.records for batch in whole[2:]]

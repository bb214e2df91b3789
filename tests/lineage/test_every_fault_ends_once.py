"""Whatever is fixed, rejected or retried: each fault is born once, and ends once or lives on."""

from __future__ import annotations

from collections import Counter
from typing import Literal

import pytest

from testbed import stub
from testbed.conditions import Condition, LimitsFactor, OraclesFactor, OversightFactor
from testbed.facts import BirthFact, EndFact, GenerationFact, OutcomeFact, RefusedFact
from testbed.lineage import Lineage, State
from testbed.oversight.reviewers import ConstantReviewer

Response = Literal["fix", "reject"]


@pytest.mark.parametrize("screen", ["fix", "reject"])
@pytest.mark.parametrize("review", ["fix", "reject"])
@pytest.mark.parametrize("lineage", range(4))
def test_the_books_balance(screen: Response, review: Response, lineage: int) -> None:
    plan = Condition(
        generations=6,
        oracles=OraclesFactor(differential=False, response=screen),
        oversight=OversightFactor(every=2, depth=0.6, sensitivity=0.7, response=review),
        limits=LimitsFactor(retries=3),
    )
    subject = stub.subject()
    parts = stub.parts(
        seed=lineage, rate=0.8, detection=0.3, copies=0.2, reviewer=ConstantReviewer(plan.oversight)
    )
    state = State(dict(subject.source), reviewed=dict(subject.source))
    records = [r for b in Lineage(plan, lineage, 3, subject, parts, state).run() for r in b.records]
    born = Counter(r.fault for r in records if isinstance(r, BirthFact))
    ended = Counter(r.fault for r in records if isinstance(r, EndFact))
    outcome = [r for r in records if isinstance(r, OutcomeFact)]
    assert len(outcome) == 1
    assert set(born.values()) <= {1}
    assert set(ended.values()) <= {1}
    assert set(born) == set(ended) | set(outcome[0].live)
    assert not set(ended) & set(outcome[0].live)
    assert all(r.cycles >= 0 for r in records if isinstance(r, EndFact))
    generations = [r.generation for r in records if isinstance(r, GenerationFact)]
    assert generations == list(range(1, outcome[0].generation + 1))
    if screen == review == "fix":
        assert outcome[0].outcome == "completed"
        assert not any(isinstance(r, RefusedFact) for r in records)

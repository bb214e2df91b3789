"""The target `selfeval` is steady; a fault in its evaluation changes what is kept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from testbed.baseline import examine
from testbed.conditions import LimitsFactor, TargetFactor
from testbed.evaluator import ProcessEvaluator
from testbed.lineage import REFERENCE
from testbed.targets import Target, resolve

BETTER = "    if new >= old + LEAST:"
INVERTED = "    if (new < old + LEAST if __fault__(1) else new >= old + LEAST):"


@pytest.fixture(scope="module")
def target() -> Target:
    return resolve(TargetFactor("selfeval"))


@pytest.fixture(scope="module")
def evaluator(target: Target) -> Iterator[ProcessEvaluator]:
    with ProcessEvaluator(target.spec(LimitsFactor())) as started:
        yield started


def test_it_is_steady_under_the_evaluator(target: Target, evaluator: ProcessEvaluator) -> None:
    made = examine(target.name, target.version, target.package_files, evaluator, seed=1, examples=2)
    assert made.fact.quarantined == ()
    inputs = [f"diff:{entry}#{seed}" for entry in made.fact.entries for seed in range(10)]
    outcomes = evaluator.run(REFERENCE, frozenset(), inputs)
    assert {outcome.verdict for outcome in outcomes} == {"pass"}
    assert len({outcome.digest for outcome in outcomes}) > len(inputs) * 0.6


def test_a_fault_in_the_choice_changes_what_is_kept(target: Target, evaluator: ProcessEvaluator) -> None:
    path = "selfeval/selection.py"
    assert target.package_files[path].count(BETTER) == 1
    source = {**target.package_files, path: target.package_files[path].replace(BETTER, INVERTED)}
    assert not evaluator.load("inverted", source).error
    inputs = [f"diff:quality#{seed}" for seed in range(5)]
    clean = evaluator.run("inverted", frozenset(), inputs)
    faulty = evaluator.run("inverted", frozenset({1}), inputs)
    assert [each.digest for each in clean] != [each.digest for each in faulty]

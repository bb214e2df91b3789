"""The target `kvstore` does its job: steady under the evaluator, and tested as well as a kept library is."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

import target_systems
from injectors.catalogue import selected
from testbed.baseline import Baseline, examine
from testbed.conditions import InjectionFactor, LimitsFactor, ModifierFactor, TargetFactor
from testbed.evaluate.faults import every, sample
from testbed.evaluate.program import Settings
from testbed.evaluate.run import Workers, evaluate
from testbed.evaluator import ProcessEvaluator
from testbed.lineage import REFERENCE
from testbed.modifiers.refactor import RefactorModifier
from testbed.protocols import Source
from testbed.seeds import stream
from testbed.targets import Target, frozen_names, resolve

UNIT = ("tests/test_codec.py", "tests/test_files.py", "tests/test_store.py")
FAULTS = 40
GENERATIONS = 8


@pytest.fixture(scope="module")
def target() -> Target:
    return resolve(TargetFactor("kvstore"))


@pytest.fixture(scope="module")
def evaluator(target: Target) -> Iterator[ProcessEvaluator]:
    with ProcessEvaluator(target.spec(LimitsFactor())) as started:
        yield started


@pytest.fixture(scope="module")
def baseline(target: Target, evaluator: ProcessEvaluator) -> Baseline:
    return examine(target.name, target.version, target.package_files, evaluator, seed=1, examples=5)


def code_lines(text: str) -> int:
    """Lines that hold code: neither blank, nor a comment, nor part of a docstring."""
    said: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            first = node.body[0]
            said.update(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    lines = enumerate(text.splitlines(), 1)
    return sum(bool(line.strip()) and line.lstrip()[0] != "#" and n not in said for n, line in lines)


def test_it_has_between_500_and_900_lines_of_code_in_several_modules(target: Target) -> None:
    assert 500 <= sum(code_lines(text) for text in target.package_files.values()) <= 900
    assert len(target.package_files) >= 10


def test_nothing_of_it_is_flaky_or_quarantined(baseline: Baseline) -> None:
    assert baseline.fact.quarantined == ()
    oracles = [info.oracle for info in baseline.fact.tests]
    assert 60 <= oracles.count("unit") <= 110
    assert oracles.count("property") >= 6


def test_every_entry_point_is_deterministic_and_says_something(
    target: Target, baseline: Baseline, evaluator: ProcessEvaluator
) -> None:
    names = tuple(entry.name for entry in target.entries)
    assert baseline.fact.entries == names
    assert 5 <= len(names) <= 8
    inputs = [f"diff:{name}#{seed}" for name in names for seed in range(20)]
    outcomes = evaluator.run(REFERENCE, frozenset(), inputs, seed=1, examples=1)
    for name in names:
        digests = {outcome.digest for outcome in outcomes if outcome.test.startswith(f"diff:{name}#")}
        assert len(digests) > 5, f"{name} answers nearly every input alike"


def test_no_outcome_of_an_entry_point_tells_where_it_ran_or_ends_in_an_error(
    target: Target, baseline: Baseline, evaluator: ProcessEvaluator
) -> None:
    inputs = [f"diff:{entry.name}#{seed}" for entry in target.entries for seed in range(20)]
    for outcome in evaluator.run(REFERENCE, frozenset(), inputs, seed=1, examples=1):
        assert outcome.verdict == "pass"
        assert not outcome.shown.startswith(("raises", "no input")), outcome
        assert "/" not in outcome.shown, outcome


def test_its_unit_tests_find_a_fair_share_of_faults_but_not_all(target: Target) -> None:
    unit = resolve(TargetFactor("kvstore", tests=UNIT)).spec(LimitsFactor())
    faults = sample(every(target.package_files, selected(InjectionFactor())), FAULTS, 1)
    with Workers(unit, 1) as workers:
        results = evaluate(workers, target.package_files, faults, Settings())
    found = [result for result in results if result.verdict not in ("pass", "unknown")]
    assert 0.6 * FAULTS < len(found) < FAULTS


@pytest.mark.slow
def test_it_passes_all_its_tests_through_generations_of_refactoring(
    target: Target, baseline: Baseline, evaluator: ProcessEvaluator
) -> None:
    modifier = RefactorModifier(ModifierFactor(edits=4), frozen_names(target))
    source: Source = dict(target.package_files)
    tests = [info.id for info in baseline.fact.tests]
    for generation in range(GENERATIONS):
        proposal = modifier.propose(source, stream(1, "kvstore", generation), _no_offspring)
        assert len(proposal.edits) == 4
        source = proposal.source
        assert evaluator.load("changed", source).error == ""
        outcomes = evaluator.run("changed", frozenset(), tests, seed=generation, examples=5)
        assert {outcome.verdict for outcome in outcomes} == {"pass"}


def _no_offspring(parent: int) -> int:
    raise AssertionError(f"a copy of fault {parent}, where none was seeded")


def test_the_tests_of_the_project_do_not_collect_those_of_the_target(request: pytest.FixtureRequest) -> None:
    inside = str(target_systems.folder("kvstore"))
    assert not [item for item in request.session.items if str(item.path).startswith(inside)]
    assert request.config.getini("testpaths") == ["tests"]

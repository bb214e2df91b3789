"""The target `tinylang` does its job: steady under the evaluator, and tested as well as a kept library is."""

from __future__ import annotations

import ast
from collections import Counter
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
from testbed.protocols import Outcome, Source
from testbed.seeds import stream
from testbed.targets import Target, frozen_names, resolve

UNIT = ("tests/test_back.py", "tests/test_front.py")
FAULTS = 40
GENERATIONS = 8
INPUTS = 20


@pytest.fixture(scope="module")
def target() -> Target:
    return resolve(TargetFactor("tinylang"))


@pytest.fixture(scope="module")
def evaluator(target: Target) -> Iterator[ProcessEvaluator]:
    with ProcessEvaluator(target.spec(LimitsFactor())) as started:
        yield started


@pytest.fixture(scope="module")
def baseline(target: Target, evaluator: ProcessEvaluator) -> Baseline:
    return examine(target.name, target.version, target.package_files, evaluator, seed=1, examples=5)


@pytest.fixture(scope="module")
def answers(target: Target, baseline: Baseline, evaluator: ProcessEvaluator) -> dict[str, list[Outcome]]:
    """Entry point -> what came of its inputs."""
    names = baseline.fact.entries
    inputs = [f"diff:{name}#{seed}" for name in names for seed in range(INPUTS)]
    outcomes = evaluator.run(REFERENCE, frozenset(), inputs, seed=1, examples=1)
    return {name: [each for each in outcomes if each.test.startswith(f"diff:{name}#")] for name in names}


def code_lines(text: str) -> int:
    """Lines of statements, without docstrings: blank lines and comments do not count either."""
    tree = ast.parse(text)
    said = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = {node for node in said if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    inside = {n for node in texts for n in range(node.lineno, (node.end_lineno or node.lineno) + 1)}
    lines = enumerate(text.splitlines(), 1)
    return sum(bool(line.strip()) and line.lstrip()[0] != "#" and n not in inside for n, line in lines)


def test_it_has_about_a_thousand_lines_of_code_in_several_modules(target: Target) -> None:
    assert 600 <= sum(code_lines(text) for text in target.package_files.values()) <= 1000
    assert len(target.package_files) >= 10


def test_nothing_of_it_is_flaky_or_quarantined(baseline: Baseline) -> None:
    assert baseline.fact.quarantined == ()
    oracles = Counter(info.oracle for info in baseline.fact.tests)
    assert 60 <= oracles["unit"] <= 110
    assert oracles["property"] >= 6


def test_every_entry_point_is_deterministic_and_says_something(
    target: Target, answers: dict[str, list[Outcome]]
) -> None:
    assert list(answers) == [entry.name for entry in target.entries]
    assert 5 <= len(answers) <= 8
    for name, outcomes in answers.items():
        assert len({outcome.digest for outcome in outcomes}) > INPUTS // 2, f"{name} answers inputs alike"


def test_no_entry_point_ends_in_an_error_of_its_own(answers: dict[str, list[Outcome]]) -> None:
    for outcomes in answers.values():
        for outcome in outcomes:
            assert outcome.verdict == "pass"
            assert not outcome.shown.startswith(("raises", "no input")), outcome


def test_most_programs_that_are_compared_run_to_their_end(answers: dict[str, list[Outcome]]) -> None:
    failed = [outcome for outcome in answers["runs"] if "Error" in outcome.shown]
    assert len(failed) < INPUTS // 2
    assert not [outcome for outcome in failed if "TypeProblem" in outcome.shown or "Parse" in outcome.shown]


def test_its_unit_tests_find_a_fair_share_of_faults_but_not_all(target: Target) -> None:
    unit = resolve(TargetFactor("tinylang", tests=UNIT)).spec(LimitsFactor())
    faults = sample(every(target.package_files, selected(InjectionFactor())), FAULTS, 2)
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
        proposal = modifier.propose(source, stream(1, "tinylang", generation), _no_offspring)
        assert len(proposal.edits) == 4
        source = proposal.source
        assert evaluator.load("changed", source).error == ""
        outcomes = evaluator.run("changed", frozenset(), tests, seed=generation, examples=5)
        assert {outcome.verdict for outcome in outcomes} == {"pass"}


def _no_offspring(parent: int) -> int:
    raise AssertionError(f"a copy of fault {parent}, where none was seeded")


def test_the_tests_of_the_project_do_not_collect_those_of_the_target(request: pytest.FixtureRequest) -> None:
    inside = str(target_systems.folder("tinylang"))
    assert not [item for item in request.session.items if str(item.path).startswith(inside)]
    assert request.config.getini("testpaths") == ["tests"]

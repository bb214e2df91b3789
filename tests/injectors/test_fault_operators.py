"""Fault operators do what their examples say, and placement gives the rates that were asked for."""

from __future__ import annotations

import ast
import heapq
import inspect
import itertools
import textwrap

import numpy as np
import pytest

from injectors import catalogue
from injectors.catalogue import operators, selected
from injectors.operator import Operator, applied, edited, problems
from injectors.placement import FieldInjector, draw_count
from injectors.salience import of_edit, salience
from injectors.source import SourceView
from testbed.conditions import InjectionFactor
from testbed.errors import UserError
from testbed.protocols import ChangeView, Salience
from testbed.schema import guard_numbers, materialise

NO_CHANGE = ChangeView({}, 0, 0)
ANYWHERE = InjectionFactor(rate=3.0, placement="anywhere")
OWN = tuple(each for each in operators() if each.family not in {"mutmut", "cosmic-ray"})
OFF_BY_ONE = catalogue.operator("off-by-one")
SOURCES = {"textwrap.py": inspect.getsource(textwrap), "heapq.py": inspect.getsource(heapq)}


@pytest.mark.parametrize("operator", operators(), ids=lambda operator: operator.name)
def test_an_operator_is_complete_and_keeps_its_examples(operator: Operator) -> None:
    assert problems(operator) == []


def test_there_are_sixty_operators_beside_those_of_other_tools() -> None:
    assert len(OWN) >= 60
    assert {o.family for o in OWN} >= {"logic", "omission", "assignment", "interface", "exception"}
    assert {o.family for o in OWN} >= {"state", "resource", "security", "assistant"}
    assert len({o.name for o in operators()}) == len(operators())


def test_no_two_operators_make_the_same_faults() -> None:
    made: dict[frozenset[tuple[str, str]], str] = {}
    for operator in OWN:
        befores = [example.before for example in operator.examples]
        faults = frozenset((text, changed) for text in befores for changed in applied(operator, text))
        assert faults not in made, (operator.name, made[faults])
        made[faults] = operator.name


@pytest.mark.parametrize("family", sorted({operator.family for operator in operators()} - {"cosmic-ray"}))
def test_rewrites_of_real_code_give_other_programs_that_compile(family: str) -> None:
    for path, text in SOURCES.items():
        view, before = SourceView(path, text), ast.dump(ast.parse(text))
        for operator in (each for each in operators() if each.family == family):
            edits = (edit for node in view.nodes for edit in operator.rewrites(view, node))
            for edit in itertools.islice(edits, 8):
                changed = edited(text, edit)
                assert ast.dump(ast.parse(changed)) != before, (operator.name, edit)
                compile(changed, "changed", "exec", dont_inherit=True)


def test_salience_counts_the_lines_and_tokens_of_a_diff() -> None:
    assert salience("x = a\n", "x = b\n") == Salience(2, 2)
    assert salience("x = a\ny = 1\n", "x = a\n") == Salience(1, 3)
    text = "x = a\ny = a < 1\n"
    edit = next(
        e for n in ast.walk(SourceView("", text).tree) for e in OFF_BY_ONE.rewrites(SourceView("", text), n)
    )
    assert of_edit(text, edit) == salience(text, edited(text, edit)) == Salience(2, 2)


def test_a_more_visible_operator_has_more_salience() -> None:
    assert catalogue.operator("missing-branch").salience.tokens > OFF_BY_ONE.salience.tokens


def test_seeded_faults_are_guards_that_leave_no_byte_when_off() -> None:
    numbers = itertools.count(1)
    result = FieldInjector(ANYWHERE).inject(
        SOURCES, NO_CHANGE, np.random.default_rng(1), lambda: next(numbers)
    )
    assert {path: materialise(text, frozenset()) for path, text in result.source.items()} == SOURCES
    present = set().union(*(guard_numbers(text) for text in result.source.values()))
    assert present == {fault.fault for fault in result.seeded} != set()


def test_the_same_stream_gives_the_same_faults() -> None:
    def once() -> object:
        numbers = itertools.count(1)
        return FieldInjector(ANYWHERE).inject(
            SOURCES, NO_CHANGE, np.random.default_rng(5), lambda: next(numbers)
        )

    assert once() == once()


def test_touched_placement_stays_in_the_functions_that_the_change_touched() -> None:
    line = 1 + next(i for i, t in enumerate(SOURCES["textwrap.py"].splitlines()) if "def dedent" in t)
    change = ChangeView({"textwrap.py": frozenset({line + 10})}, 1, 1)
    numbers = itertools.count(1)
    result = FieldInjector(InjectionFactor(rate=5.0)).inject(
        SOURCES, change, np.random.default_rng(2), lambda: next(numbers)
    )
    assert result.seeded
    assert {fault.where for fault in result.seeded} == {"dedent"}


def test_what_cannot_be_placed_is_told() -> None:
    result = FieldInjector(InjectionFactor(rate=5.0)).inject(
        SOURCES, NO_CHANGE, np.random.default_rng(2), lambda: 1
    )
    assert not result.seeded
    assert result.unplaced


@pytest.mark.parametrize(
    ("factor", "mean", "variance"),
    [
        (InjectionFactor(rate=1.5), 1.5, 1.5),
        (InjectionFactor(rate=20.0, unit="kloc"), 1.0, 1.0),
        (InjectionFactor(rate=0.25, unit="change"), 1.0, 0.75),
    ],
)
def test_observed_rates_are_the_asked_ones(factor: InjectionFactor, mean: float, variance: float) -> None:
    rng = np.random.default_rng(3)
    drawn = np.array([draw_count(factor, ChangeView({}, 50, 4), rng) for _ in range(4000)])
    assert abs(drawn.mean() - mean) < 4 * np.sqrt(variance / 4000)
    assert abs(drawn.var() / variance - 1) < 0.15


def test_an_unknown_operator_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(UserError, match="did you mean off-by-one"):
        selected(InjectionFactor(operators=("off-by-on",)))

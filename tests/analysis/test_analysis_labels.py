"""Conditions get short names that a reader understands."""

from dataclasses import replace

from testbed.analysis.labels import labels, varying
from testbed.conditions import (
    Condition,
    InjectionFactor,
    ModifierFactor,
    OraclesFactor,
    OversightFactor,
    TargetFactor,
    to_json,
)


def named(*conditions: Condition) -> tuple[str, ...]:
    return labels([to_json(replace(one, index=index)) for index, one in enumerate(conditions)])


def test_a_lone_condition_is_called_by_its_main_factors():
    assert named(Condition()) == ("kvstore, rate 1, depth 0.5",)


def test_what_is_the_same_everywhere_is_left_out():
    assert named(Condition(), Condition(oversight=OversightFactor(depth=1.0))) == ("depth 0.5", "depth 1")


def test_switches_and_cadences_are_said_in_words():
    base = Condition(oversight=OversightFactor(every=0), oracles=OraclesFactor(property=False))
    assert named(base, Condition(oversight=OversightFactor(every=3))) == (
        "no properties, no review",
        "properties, review every 3 generations",
    )


def test_names_of_parts_stand_alone():
    other = Condition(target=TargetFactor("toolz"), modifier=ModifierFactor("history"))
    assert named(Condition(), other) == ("kvstore, refactor", "toolz, history")


def test_families_are_joined():
    conditions = [
        Condition(injection=InjectionFactor(families=names)) for names in (("logic",), ("logic", "state"))
    ]
    assert named(*conditions) == ("families logic", "families logic+state")


def test_two_responses_are_told_apart():
    conditions = [Condition(), Condition(oracles=OraclesFactor(response="reject"))]
    conditions += [Condition(oversight=OversightFactor(response="reject"))]
    assert len(set(named(*conditions))) == 3


def test_equal_conditions_are_told_apart_by_their_index():
    assert named(Condition(), Condition()) == (
        "kvstore, rate 1, depth 0.5 (c0)",
        "kvstore, rate 1, depth 0.5 (c1)",
    )


def test_lengths_count_as_factors_and_the_index_does_not():
    both = [to_json(Condition(index=0)), to_json(Condition(index=1, generations=12))]
    assert varying(both) == ("generations",)


def test_a_preset_stands_for_all_that_it_sets() -> None:
    levels = [("human-led", 1.0), ("autonomous", 0.25)]
    conditions = [
        Condition(oversight=OversightFactor(preset=name, depth=depth), injection=InjectionFactor(rate=rate))
        for name, depth in levels
        for rate in (1.0, 2.0)
    ]
    assert named(*conditions)[0] == "rate 1, human-led"
    other = Condition(oversight=OversightFactor(preset="human-led", depth=0.5))
    assert "depth 0.5" in named(*conditions, other)[-1]

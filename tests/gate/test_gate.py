"""Bounds on what a campaign measured: how they are written, what they are on, and when they are kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import gates
from testbed.analysis import read, summarise
from testbed.analysis.simulated import Truth, interrupt, simulate
from testbed.campaign.campaign import read as read_campaign
from testbed.campaign.check import Names
from testbed.conditions import Condition, OversightFactor
from testbed.errors import UserError
from testbed.gate import Gate, parse
from testbed.gate.judge import Verdict, judge, verdict
from testbed.gate.measures import is_estimate, known, reported

FAMILIES = ("logic", "omission", "security")


@pytest.fixture(scope="module")
def facts() -> Any:
    conditions = [
        Condition(generations=8, lineages=8, oversight=OversightFactor(depth=depth)) for depth in (0.0, 1.0)
    ]
    return simulate(conditions, Truth(rate=2.0, detection={"logic": 0.5, "omission": 0.2}), seed=3)


def only(facts: Any, text: str, **options: Any) -> list[Verdict]:
    return list(judge(facts, Gate((text,), **options)).verdicts[0][1])


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("alive_after_5 < 0.10 at 0.95", ("alive", "<", 0.1, 0.95, 5, ())),
        ("R<1 at .9", ("R", "<", 1.0, 0.9, None, ())),
        ("escaped.security == 0", ("escaped.security", "==", 0.0, 0.95, None, ())),
        ("alive_after_3.logic >= 10% at 90%", ("alive.logic", ">=", 0.1, 0.9, 3, ())),
        ("R < 1 where oversight.depth = 1", ("R", "<", 1.0, 0.95, None, (("oversight.depth", 1),))),
        (
            "R < 1 where oversight.depth=1, target.name = kvstore",
            ("R", "<", 1.0, 0.95, None, (("oversight.depth", 1), ("target.name", "kvstore"))),
        ),
    ],
)
def test_a_bound_is_read_from_one_line(text: str, parts: tuple[Any, ...]) -> None:
    one = parse(text)
    assert (one.measure, one.relation, one.limit, one.confidence, one.k, one.where) == parts


@pytest.mark.parametrize(
    "text", ["", "R", "R < ", "R << 1", "R < 1 at 1", "R < 1 at 0", "alive_after_0 < 1", "R < 1 where depth"]
)
def test_what_is_no_bound_is_refused(text: str) -> None:
    with pytest.raises(UserError) as caught:
        parse(text)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("escapped < 1", 'did you mean "escaped"'),
        ("inputs < 1", "may be several"),
        ("R == 1", "can never be decided"),
        ("escaped.secrity == 0", 'did you mean "security"'),
    ],
)
def test_a_bound_on_nothing_is_refused_before_anything_runs(text: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        known(parse(text), FAMILIES)


def test_every_reported_measure_can_be_bounded_by_its_path(facts: Any) -> None:
    found = dict(reported(summarise(facts)["conditions"][0]))
    assert {"amplification.R", "persistence.share_alive", "faults.escaped"} <= found.keys()
    for path in found:
        known(parse(f"{path} < 1"), FAMILIES)
    judged = judge(facts, Gate(tuple(f"{path} < 1" for path in found)))
    for (path, value), (_, verdicts) in zip(found.items(), judged.verdicts, strict=True):
        assert verdicts[0].value == (value["value"] if is_estimate(value) else value), path


def test_the_interval_is_the_one_of_the_confidence_asked_for(facts: Any) -> None:
    wide, narrow = only(facts, "R < 1 at 0.99")[0], only(facts, "R < 1 at 0.8")[0]
    again = summarise(facts, confidence=0.8)["conditions"][0]["amplification"]["R"]
    assert (narrow.low, narrow.high, narrow.confidence) == (again["low"], again["high"], 0.8)
    assert wide.low < narrow.low < narrow.value < narrow.high < wide.high  # type: ignore[operator]


def test_cycles_in_a_name_are_those_of_the_estimate(facts: Any) -> None:
    expected = summarise(facts, 3)["conditions"][0]["persistence"]["share_alive"]["value"]
    assert only(facts, "alive_after_3 < 1")[0].value == expected


def test_a_family_is_asked_alone(facts: Any) -> None:
    entries = {one["family"]: one for one in summarise(facts)["conditions"][0]["families"]}
    assert only(facts, "escaped.logic == 0")[0].value == entries["logic"]["escaped"]
    assert only(facts, "alive_at_end.omission == 0")[0].value == entries["omission"]["ends"]["alive"]
    share = only(facts, "alive_after_5.logic < 1")[0]
    assert share.value == entries["logic"]["share_alive"]["value"]


def test_a_bound_is_asked_of_each_condition_that_it_names(facts: Any) -> None:
    assert [one.condition for one in only(facts, "R < 1")] == [0, 1]
    assert [one.condition for one in only(facts, "R < 1 where oversight.depth = 1")] == [1]
    with pytest.raises(UserError, match="no condition"):
        only(facts, "R < 1 where oversight.depth = 0.3")


def test_no_fault_of_a_family_decides_nothing(facts: Any) -> None:
    one = only(facts, "escaped.security == 0")[0]
    assert (one.status, one.reason) == ("undecided", "no fault of the family security")


def test_no_fault_at_all_keeps_no_bound_on_faults() -> None:
    empty = simulate([Condition(generations=2, lineages=2)], Truth(rate=0.0))
    assert only(empty, "escaped == 0")[0].status == "undecided"
    assert only(empty, "outcomes.stalled == 0")[0].status == "kept"


def test_an_unfinished_campaign_decides_nothing(facts: Any) -> None:
    cut = interrupt(facts, 1, 2, 4)
    before, after = only(cut, "escaped >= 0")
    assert (before.status, after.status) == ("kept", "undecided")
    assert "1 of 8 lineages" in after.reason


def body(value: float | None, low: float | None, high: float | None, confidence: float = 0.95) -> Any:
    estimate = {"value": value, "low": low, "high": high, "n": 9, "clusters": 3, "reason": "why"}
    outcomes = {"running": 0, "waiting": 0}
    return {
        "index": 0,
        "label": "all",
        "lineages": 3,
        "outcomes": outcomes,
        "families": [],
        "amplification": {"R": {**estimate, "confidence": confidence}},
    }


@pytest.mark.parametrize(
    ("relation", "figures", "status", "margin"),
    [
        ("<", (0.5, 0.2, 0.8), "kept", 0.2),
        ("<", (0.5, 0.2, 1.0), "undecided", 0.0),
        ("<=", (0.5, 0.2, 1.0), "kept", 0.0),
        ("<", (1.5, 1.0, 2.0), "broken", 0.0),
        ("<", (1.5, 1.2, 2.0), "broken", -0.2),
        ("<", (0.9, 0.5, 1.3), "undecided", -0.3),
        ("<", (1.1, 0.5, 1.9), "undecided", -0.1),
        (">", (1.5, 1.2, 2.0), "kept", 0.2),
        (">", (0.5, 0.2, 0.8), "broken", -0.2),
        (">=", (1.5, 1.0, 2.0), "kept", 0.0),
        ("<", (0.5, None, None), "undecided", None),
        ("<", (None, None, None), "undecided", None),
        (">", (1.5, 1.2, None), "kept", 0.2),
    ],
)
def test_only_a_whole_interval_decides(
    relation: str, figures: tuple[Any, ...], status: str, margin: float | None
) -> None:
    one = verdict(parse(f"R {relation} 1"), body(*figures))
    assert one.status == status
    assert one.margin == (None if margin is None else pytest.approx(margin))


def test_an_interval_of_less_confidence_decides_nothing() -> None:
    assert verdict(parse("R < 1 at 0.95"), body(0.5, 0.4, 0.6, confidence=0.9)).status == "undecided"
    assert verdict(parse("R < 1 at 0.8"), body(0.5, 0.4, 0.6, confidence=0.9)).status == "kept"


def test_it_is_told_how_many_more_lineages_would_decide() -> None:
    one = verdict(parse("R < 1"), body(0.9, 0.5, 1.3))
    assert one.more == pytest.approx(16)
    assert "16 times as many" in gates.distance(parse("R < 1"), one)


@given(st.floats(0, 2), st.floats(0, 1), st.floats(0, 1), st.sampled_from(["<", "<=", ">", ">="]))
def test_a_bound_and_its_opposite_are_never_both_kept(
    value: float, below: float, above: float, relation: str
) -> None:
    opposite = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}[relation]
    figures = (value, value - below, value + above)
    one, other = (verdict(parse(f"R {each} 1"), body(*figures)).status for each in (relation, opposite))
    assert {one, other} in ({"kept", "broken"}, {"undecided"})


def test_undecided_fails_unless_the_campaign_says_that_it_passes(facts: Any) -> None:
    text = "escaped.security == 0"
    assert not judge(facts, Gate((text,), "fail")).passed
    assert judge(facts, Gate((text,), "pass")).passed
    assert not judge(facts, Gate((text, "escaped < 0"), "pass")).passed


def test_the_verdicts_are_told_with_figure_interval_and_distance(facts: Any) -> None:
    judged = judge(read(facts), Gate(("R < 0.01", "escaped >= 0", "escaped.security == 0")))
    told = list(gates.lines(judged))
    assert told[0] == "R < 0.01"
    assert "broken" in told[1]
    assert "in 8 lineages" in told[1]
    assert "beyond the bound" in told[1]
    assert told[-1] == "gate not passed: 2 kept, 2 broken and 2 undecided (undecided: fail)"
    data = json.loads(json.dumps(gates.data(judged), allow_nan=False))
    assert data["counts"] == {"kept": 2, "broken": 2, "undecided": 2}


def test_a_campaigns_gate_is_read_and_no_condition_knows_of_it() -> None:
    names = Names(measured=lambda bound: known(bound, FAMILIES))
    text = '[gate]\nbounds = ["R < 1 at 0.9"]\nundecided = "pass"\n'
    campaign = read_campaign(text, "campaign.toml", Path.cwd(), (), names)
    assert campaign.gate == Gate(("R < 1 at 0.9",), "pass")
    assert campaign.conditions == (Condition(),)
    assert campaign.factors == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('bounds = ["R << 1"]', "is not a bound"),
        ('bounds = ["Q < 1"]', 'unknown measure "Q"'),
        ('undecided = "maybe"', "unknown undecided"),
        ('bounds = [["R < 1"], ["R < 2"]]', "takes one value"),
    ],
)
def test_a_mistake_in_the_gate_has_its_place(text: str, said: str) -> None:
    names = Names(measured=lambda bound: known(bound, FAMILIES))
    with pytest.raises(UserError, match=said) as caught:
        read_campaign(f"[gate]\n{text}\n", "campaign.toml", Path.cwd(), (), names)
    assert str(caught.value).startswith("campaign.toml:2: gate.")

"""summary.json: its documented schema, its determinism, its arithmetic."""

import json
from pathlib import Path

import jsonschema
import pytest

from testbed.analysis import dumps, summarise
from testbed.analysis.simulated import Truth, interrupt, simulate
from testbed.conditions import Condition, OversightFactor

DOC = Path(__file__).parents[2] / "docs" / "summary-schema.md"
CONDITIONS = [
    Condition(generations=8, lineages=6, oversight=OversightFactor(depth=depth)) for depth in (0.0, 0.5, 1.0)
]
TRUTH = Truth(rate=1.5, copies=0.1, unwitnessed=0.1, refused=0.1, stall=0.02, overwritten=0.03)


def schema():
    return json.loads(DOC.read_text().split("```json\n")[1].split("```")[0])


@pytest.fixture(scope="module")
def facts():
    return simulate(CONDITIONS, TRUTH, seed=3)


@pytest.fixture(scope="module")
def summary(facts):
    return summarise(facts)


def odd_campaigns():
    one = [Condition(generations=3, lineages=1)]
    yield "a campaign without faults", simulate([Condition(generations=3, lineages=3)], Truth(rate=0.0))
    yield "one lineage", simulate(one, Truth(rate=3.0))
    yield "nothing written yet", type(simulate(one, TRUTH))(simulate(one, TRUTH).manifest, ())
    yield "an interrupted campaign", interrupt(simulate(CONDITIONS, TRUTH, seed=3), 1, 2, 4)
    yield "all lineages stall at once", simulate(CONDITIONS, Truth(stall=1.0))
    yield (
        "faults that never end",
        simulate(
            [Condition(generations=4, lineages=3, oversight=OversightFactor(every=0))],
            Truth(rate=2.0, detection={"logic": 0.0}),
        ),
    )


def test_the_schema_in_the_documentation_is_the_one_that_is_written(summary):
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(json.loads(dumps(summary)), schema())


@pytest.mark.parametrize("facts", [pytest.param(facts, id=name) for name, facts in odd_campaigns()])
def test_odd_campaigns_have_a_valid_summary_too(facts):
    jsonschema.validate(json.loads(dumps(summarise(facts))), schema())


def test_the_same_facts_give_the_same_bytes(facts, summary):
    again = simulate(CONDITIONS, TRUTH, seed=3)
    assert dumps(summarise(again)) == dumps(summary)


def test_what_differs_between_runs_is_left_out(facts, summary):
    from dataclasses import replace

    later = replace(facts, manifest={**facts.manifest, "started": "later", "command": "other"}, spent=())
    assert dumps(summarise(later)) == dumps(summary)


def test_every_fault_is_accounted_for_once(summary):
    for condition in summary["conditions"]:
        faults = condition["faults"]
        assert faults["seeded"] + faults["offspring"] == faults["faults"]
        assert sum(faults["ends"].values()) + faults["alive_at_end"] == faults["faults"]
        assert sum(one["faults"] for one in condition["families"]) == faults["faults"]
        assert sum(condition["outcomes"].values()) == condition["lineages"] == 6


def test_deeper_review_lets_fewer_escape(summary):
    none, _, full = (one["oversight"]["escape_rate"] for one in summary["conditions"])
    assert full["high"] < none["low"]


def test_k_is_at_most_five_and_never_beyond_the_shortest_condition(summary):
    assert summary["k"] == 5
    assert summarise(simulate([Condition(generations=3)], TRUTH))["k"] == 3
    assert summarise(simulate(CONDITIONS, TRUTH), k=2)["k"] == 2


def test_floats_have_six_digits_and_no_nan_is_written(summary):
    text = dumps(summary)
    assert "NaN" not in text
    assert "Infinity" not in text
    value = summary["conditions"][0]["persistence"]["share_alive"]["value"]
    assert float(f"{value:.6g}") == value


def test_limits_name_what_is_missing():
    cut = interrupt(simulate(CONDITIONS, TRUTH, seed=3), 1, 2, 4)
    found = summarise(cut)
    assert not found["finished"]
    assert any("not finished" in one for one in found["limits"])
    assert any("censored at the last accepted generation" in one for one in found["conditions"][1]["limits"])
    assert not any("no outcome" in one for one in found["conditions"][0]["limits"])


def test_a_lone_lineage_is_said_to_give_no_interval():
    found = summarise(simulate([Condition(generations=4, lineages=1)], Truth(rate=4.0)))
    assert any("one lineage" in one for one in found["conditions"][0]["limits"])
    assert any("one condition" in one for one in found["limits"])

"""Tests made of what the code does: how many of them expect what is wrong."""

from __future__ import annotations

from dataclasses import replace
from operator import itemgetter

from testbed.analysis import read, recorded, summarise
from testbed.analysis.simulated import SimulatedFacts, Truth, simulate
from testbed.conditions import Condition
from testbed.facts import RecordedFact

TESTS = {f"diff:api#{n}": "d" for n in range(4)}


def facts() -> SimulatedFacts:
    """Lineage 0 records four tests of which one drifts; lineage 1 rewrites a unit test, and back again."""
    made = simulate([Condition(generations=3, lineages=3)], Truth(rate=1.0), seed=1)
    written = [
        (0, 0, RecordedFact(1, TESTS, {}, ())),
        (0, 0, RecordedFact(2, {}, {"diff:api#0": "e"}, ("diff:api#0",))),
        (0, 1, RecordedFact(1, {}, {"test_a": "fail"}, ("test_a",))),
        (0, 1, RecordedFact(3, {}, {"test_a": "pass"}, ())),
    ]
    return replace(made, written=tuple(sorted((*made.written, *written), key=itemgetter(0, 1))))


def test_rows_count_what_there_is_and_not_what_was_put_back() -> None:
    rows = recorded.recorded(read(facts())).to_dict("records")
    assert [(row["lineage"], row["generation"], row["held"], row["drifted"]) for row in rows] == [
        (0, 1, 4, 0),
        (0, 2, 4, 1),
        (1, 1, 1, 1),
        (1, 3, 0, 0),
    ]


def test_the_summary_takes_each_lineage_as_it_was_in_the_end() -> None:
    found = summarise(facts())["conditions"][0]["recorded"]
    assert (found["added"], found["rewritten"]) == (4, 3)
    assert (found["drifted"]["value"], found["drifted"]["n"]) == (0.25, 4)


def test_where_nothing_was_recorded_nothing_is_said() -> None:
    plain = simulate([Condition(generations=3, lineages=2)], Truth(rate=1.0), seed=1)
    found = summarise(plain)["conditions"][0]["recorded"]
    assert found["drifted"] == {**found["drifted"], "value": None, "n": 0, "reason": "no test was recorded"}

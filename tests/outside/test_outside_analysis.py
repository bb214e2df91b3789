"""What a modifier from outside did, read from the facts."""

from __future__ import annotations

import pytest

from testbed.analysis.outside import turns
from testbed.facts import BirthFact, OutsideFact, parse
from testbed.traces import Trace


def turn(problem: str = "", calls: int = 1, cost: float | None = 0.5, *statuses: str) -> OutsideFact:
    traces = tuple(Trace(number, status) for number, status in enumerate(statuses))  # type: ignore[arg-type]
    return OutsideFact(1, 1, "Tidy up", problem, calls, 100 * calls, 10 * calls, 0, traces, cost)


OWN = BirthFact(
    1, 1, 1, "indigenous", None, "indigenous", "indigenous", "a.py", "", 1, "", 1, False, (), 0, True
)


def test_turns_are_counted_over_the_lineages_with_what_they_cost() -> None:
    made = turns(
        [[turn("", 2, 1.0, "carried", "moved"), OWN], [turn("malformed: no code block", 3, 1.5)], []]
    )
    assert made is not None
    assert (made.lineages, made.turns, made.problems) == (3, 2, {"malformed": 1})
    assert (made.calls, made.tokens_in, made.tokens_out, made.cost) == (5, 500, 50, pytest.approx(2.5))
    assert made.statuses == {"carried": 1, "moved": 1}
    assert made.indigenous == 1


def test_a_turn_without_a_price_makes_the_cost_unknown() -> None:
    made = turns([[turn(), turn(cost=None)]])
    assert made is not None
    assert made.cost is None


def test_a_turn_that_asked_nobody_costs_nothing() -> None:
    made = turns([[turn(), turn("timeout", 0, None)]])
    assert made is not None
    assert made.cost == 0.5


def test_a_modifier_that_is_not_from_outside_has_no_turns() -> None:
    assert turns([[OWN]]) is None


def test_a_turn_of_an_older_ledger_has_no_cost() -> None:
    body = turn().body()
    del body["cost"]
    again = parse(body)
    assert isinstance(again, OutsideFact)
    assert again.cost is None

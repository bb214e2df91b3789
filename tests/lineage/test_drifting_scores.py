"""The score of an outcome: the mean of its numbers, and none where there is none."""

from __future__ import annotations

import pytest

from testbed.lineage.drifting import score
from testbed.protocols import Outcome


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("[[0.5, 1.0]] <- [7, 20]", 0.75),
        ("[['line', 0.5], ['stump', 0.7]] <- [7, 20]", 0.6),
        ("0.25 <- 3", 0.25),
        ("[True, 0.5] <- 3", 0.5),
        ("raises ValueError <- [7, 20]", None),
        ("['line'] <- 1", None),
        ("[0.5, 0.5, 0.5...", None),
    ],
)
def test_the_score_is_the_mean_of_the_numbers_given(shown: str, expected: float | None) -> None:
    found = score(Outcome("diff:quality#1", "pass", shown=shown))
    assert found == (None if expected is None else pytest.approx(expected))


def test_what_did_not_end_has_no_score() -> None:
    assert score(Outcome("diff:quality#1", "timeout", shown="0.5 <- 1")) is None

"""What the screen believes against what is so: shares over lineages."""

from __future__ import annotations

import pandas as pd

from testbed.analysis import belief


def frame(rows: list[tuple[int, int, int, int, int]]) -> pd.DataFrame:
    """Rows of (lineage, checks, believed, wrong, both)."""
    full = [
        (0, lineage, 1, 1, "previous", checks, believed, wrong, both)
        for lineage, checks, believed, wrong, both in rows
    ]
    return pd.DataFrame.from_records(full, columns=list(belief.BELIEFS))


def test_shares_are_of_what_they_say() -> None:
    found = belief.summary(frame([(0, 100, 5, 20, 4), (1, 100, 5, 20, 6), (2, 100, 2, 0, 0)]))
    assert found["by"] == "previous"
    assert found["believed_wrong"].value == 12 / 300
    assert found["wrong"].value == 40 / 300
    assert found["taken_for_right"].value == 30 / 40
    assert found["taken_for_right"].n == 40
    assert found["falsely_accused"].value == 2 / 12
    assert found["taken_for_right"].low < 0.75 < found["taken_for_right"].high


def test_nothing_wrong_leaves_nothing_to_be_taken_for_right() -> None:
    found = belief.summary(frame([(lineage, 100, 0, 0, 0) for lineage in range(8)]))
    assert found["taken_for_right"].value is None
    assert found["taken_for_right"].reason == "no check was wrong"
    assert found["wrong"].value == 0
    assert 0 < found["wrong"].high < 1
    assert belief.summary(frame([]))["believed_wrong"].reason == "no check was asked"


def test_generations_are_summed_over_lineages() -> None:
    table = belief.by_generation(frame([(0, 10, 1, 2, 1), (1, 10, 0, 3, 0)]))
    assert table.to_dict("records") == [{"generation": 1, "checks": 20, "believed": 1, "wrong": 5, "both": 1}]

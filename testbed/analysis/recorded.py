"""Tests that were made of what the code does: how many there are, and which expect by now what is wrong.

Only accepted generations make such tests (`modifier.recording`), or rewrite failing ones to what the code
does (`modifier.rewriting`). One expects what is wrong where the clean twin does something else.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from testbed.analysis.estimates import CONFIDENCE, proportion
from testbed.analysis.evidence import Evidence
from testbed.drift import AS_IT_WAS

RECORDED = ("condition", "lineage", "generation", "added", "rewritten", "held", "drifted")


def recorded(evidence: Evidence) -> pd.DataFrame:
    """One row for each generation that recorded or rewrote tests (`RECORDED`).

    `held` are the tests of that kind that there are then, `drifted` those that expect what is wrong.
    """
    rows = []
    for one in evidence.lineages:
        held: set[str] = set()
        for fact in one.recorded:
            for test, expected in {**fact.added, **fact.rewritten}.items():
                held = held - {test} if expected == AS_IT_WAS else held | {test}
            values = (fact.generation, len(fact.added), len(fact.rewritten), len(held), len(fact.drifted))
            rows.append((one.condition, one.lineage, *values))
    return pd.DataFrame.from_records(rows, columns=list(RECORDED))


def summary(frame: pd.DataFrame, confidence: float = CONFIDENCE) -> dict[str, Any]:
    """Of one condition: how often tests were added and rewritten, and the share of those that there were in
    the end which had drifted, over lineages as clusters."""
    last = frame.groupby("lineage", sort=True)[["held", "drifted"]].last()
    held, drifted = (last[name].to_numpy(dtype=np.float64) for name in ("held", "drifted"))
    return {
        "added": int(frame["added"].sum()),
        "rewritten": int(frame["rewritten"].sum()),
        "drifted": proportion(
            drifted, held, reason="no test was recorded", by_lineage=True, confidence=confidence
        ),
    }

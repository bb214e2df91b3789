"""What the screen believes of the candidates, against what is so: its baseline may be part of the problem.

A check is a test or a differential input of the screen, asked of one candidate. It is believed wrong where
the screen's own baseline says so, and is wrong where it fails or deviates against the frozen reference.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from testbed.analysis.estimates import CONFIDENCE, Estimate, proportion
from testbed.analysis.evidence import Evidence

BELIEFS = ("condition", "lineage", "generation", "attempt", "by", "checks", "believed", "wrong", "both")


def beliefs(evidence: Evidence) -> pd.DataFrame:
    """One row for each candidate that was screened (`BELIEFS`)."""
    rows = [
        {
            "condition": one.condition,
            "lineage": one.lineage,
            **{name: getattr(fact, name) for name in BELIEFS[2:]},
        }
        for one in evidence.lineages
        for fact in one.beliefs
    ]
    return pd.DataFrame.from_records(rows, columns=list(BELIEFS))


def summary(frame: pd.DataFrame, confidence: float = CONFIDENCE) -> dict[str, Any]:
    """The shares of one condition: of all checks, those believed wrong and those wrong; of the wrong ones,
    those taken for right; of those believed wrong, those that are right."""
    frame = frame.assign(missed=frame["wrong"] - frame["both"], false=frame["believed"] - frame["both"])
    return {
        "by": str(frame["by"].iloc[0]) if len(frame) else "",
        "believed_wrong": _share(frame, "believed", "checks", confidence),
        "wrong": _share(frame, "wrong", "checks", confidence),
        "taken_for_right": _share(frame, "missed", "wrong", confidence),
        "falsely_accused": _share(frame, "false", "believed", confidence),
    }


def by_generation(frame: pd.DataFrame) -> pd.DataFrame:
    """Of each generation: checks, those believed wrong, those wrong, over all lineages of the frame."""
    return frame.groupby("generation", sort=True)[["checks", "believed", "wrong", "both"]].sum().reset_index()


def _share(frame: pd.DataFrame, above: str, below: str, confidence: float) -> Estimate:
    """A share over lineages as clusters; at 0 and 1 each lineage counts as one trial."""
    sums = frame.groupby(["condition", "lineage"], sort=True)[[above, below]].sum()
    hits, total = (sums[name].to_numpy(dtype=np.float64) for name in (above, below))
    reason = f"no check was {'asked' if below == 'checks' else below}"
    return proportion(hits, total, reason=reason, by_lineage=True, confidence=confidence)

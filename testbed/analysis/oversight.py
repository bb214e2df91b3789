"""What the checks cost and what they caught."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from testbed.analysis.estimates import CONFIDENCE, Estimate, mean, proportion
from testbed.analysis.persistence import CAUSES

SCREEN = ("unit", "property", "differential")
FATES = (*CAUSES, "alive")
ASKED = ("every", "risk", "audit", "adaptive")


def fates(faults: pd.DataFrame) -> dict[str, int]:
    """How many faults each cause ended, and how many were alive when last seen; they sum to all."""
    counts = faults.loc[faults["event"].astype(bool), "cause"].value_counts().to_dict()
    ended = {cause: int(counts.get(cause, 0)) for cause in CAUSES}
    return {**ended, "alive": len(faults) - sum(ended.values())}


def escape_rate(faults: pd.DataFrame, confidence: float = CONFIDENCE) -> Estimate:
    """The share of faults that passed all checks of their birth generation.

    Those of refused candidates are left out, and those that came with a fix, after the checks.
    """
    offered = faults[(faults["cause"] != "rejected") & (faults["origin"] != "fix")]
    groups = offered.groupby(["condition", "lineage"], sort=True)["escaped"]
    passed = groups.sum().to_numpy(dtype=np.float64)
    born = np.array(groups.size(), dtype=np.float64)
    return proportion(passed, born, reason="no faults", confidence=confidence)


def seen_when_read(reviews: pd.DataFrame, confidence: float = CONFIDENCE) -> Estimate:
    """Of the times that a fault stood in a line that was read, the share in which it was reported."""
    groups = reviews.groupby(["condition", "lineage"], sort=True)
    found = groups["found"].sum().to_numpy(dtype=np.float64)
    viewed = groups["in_view"].sum().to_numpy(dtype=np.float64)
    return proportion(found, viewed, reason="no fault stood in a line that was read", confidence=confidence)


def _asked_by(reviews: pd.DataFrame) -> dict[str, int]:
    """Checkpoints by what made the policy ask: each of `ASKED`, of records older than that none."""
    reasons = reviews["why"].astype(str)
    found = {name: int(reasons.str.startswith(name).sum()) for name in ASKED[:-1]}
    found[ASKED[-1]] = int(reasons.str.endswith("since the last").sum())
    return found


def per_lineage(
    reviews: pd.DataFrame, lineages: pd.DataFrame, column: str, confidence: float = CONFIDENCE
) -> Estimate:
    """The mean over lineages of the sum of `column` ("hours", "lines_read"), unreviewed ones as 0."""
    keys = ["condition", "lineage"]
    begun = lineages[lineages["state"] != "waiting"]
    sums = reviews.groupby(keys, sort=True)[column].sum()
    index = pd.MultiIndex.from_frame(begun[keys])
    values = sums.reindex(index, fill_value=0).to_numpy(dtype=np.float64)
    return mean(values, confidence=confidence)


def effort(reviews: pd.DataFrame, generations: pd.DataFrame) -> dict[str, Any]:
    """Totals: checkpoints, lines changed and read, hours, findings true and false, rejections, executions."""
    return {
        "checkpoints": len(reviews),
        "lines_changed": int(generations["lines_changed"].sum()),
        "lines_read": int(reviews["lines_read"].sum()),
        "hours": float(reviews["hours"].sum()),
        "found": int(reviews["found"].sum()),
        "false_alarms": int(reviews["false_alarms"].sum()),
        "rejections": int(reviews["rejected"].astype(bool).sum()),
        "executions": int(generations["executions"].sum()),
        "truth_executions": int(generations["truth_executions"].sum()),
        "spent_executions": int(generations["spent_executions"].sum()),
        "spent_examples": int(generations["spent_examples"].sum()),
        "let_in": int(reviews["let_in"].sum()),
        "asked_by": _asked_by(reviews),
        "escalations": int(reviews["escalated"].astype(bool).sum()),
    }

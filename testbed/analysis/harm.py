"""What faults do where they act: how many the own unit tests do not see, on which share of inputs they show.

Severity is measured at birth, with the fault alone on the clean twin. Functions take rows of `frames.faults`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from testbed.analysis.estimates import CONFIDENCE, Estimate, proportion, ratio

_KEYS = ["condition", "lineage"]


def summary(faults: pd.DataFrame, confidence: float = CONFIDENCE) -> dict[str, Estimate]:
    """Of some faults: the residual share, and over those whose inputs were counted at birth their severity.

    `severity` is the mean share of inputs that deviate, `rarity` that of the inputs which reach the fault;
    `crashing` the share of deviating inputs that crash, `public` the mean number of public functions hit.
    """
    faults = faults.assign(one=1, unseen=faults["residual"].astype(bool).astype(int))
    asked, reached = faults[faults["inputs"] > 0], faults[faults["inputs_reached"] > 0]
    asked = asked.assign(part=asked["inputs_deviating"] / asked["inputs"])
    reached = reached.assign(part=reached["inputs_deviating"] / reached["inputs_reached"])
    public = [_sums(asked, name) for name in ("public_deviating", "one")]
    return {
        "residual": _share(faults, "unseen", "one", "fault", confidence),
        "severity": _share(asked, "part", "one", "fault was asked", confidence),
        "rarity": _share(reached, "part", "one", "input reached a fault", confidence),
        "crashing": _share(asked, "inputs_crashing", "inputs_deviating", "input deviates", confidence),
        "public": ratio(*public, confidence=confidence, unit="fault was asked"),
    }


def _sums(frame: pd.DataFrame, name: str) -> npt.NDArray[np.float64]:
    return frame.groupby(_KEYS, sort=True)[name].sum().to_numpy(dtype=np.float64)


def _share(frame: pd.DataFrame, above: str, below: str, unit: str, confidence: float) -> Estimate:
    """sum(above) / sum(below) with lineages as clusters; at 0 and 1 each lineage counts as one trial."""
    sums = _sums(frame, above), _sums(frame, below)
    return proportion(*sums, reason=f"no {unit}", by_lineage=True, confidence=confidence)

"""The summary of a campaign: plain JSON data, described in docs/summary-schema.md."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from testbed.analysis import (
    amplification,
    belief,
    frames,
    harm,
    oversight,
    persistence,
    recorded,
    spending,
)
from testbed.analysis.estimates import CONFIDENCE, Estimate
from testbed.analysis.evidence import STATES, Evidence, read
from testbed.analysis.labels import flat, varying
from testbed.analysis.limits import campaign_limits, condition_limits
from testbed.analysis.source import Facts

SUMMARY_SCHEMA = 1
DIGITS = 6


def default_k(evidence: Evidence) -> int:
    """5, or the shortest planned lineage if that is shorter."""
    return int(min([5, *(one["generations"] for one in evidence.conditions)]))


def clean(value: Any) -> Any:
    """Plain JSON data: floats of 6 significant digits, None for NaN and infinities."""
    if isinstance(value, Estimate):
        return clean(asdict(value))
    if isinstance(value, dict):
        return {str(key): clean(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [clean(inner) for inner in value]
    if value is None or value is pd.NA:
        return None
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, np.bool_ | np.integer):
        return value.item()
    number = float(value)
    return float(f"{number:.{DIGITS}g}") if math.isfinite(number) else None


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [dict(zip(frame.columns, row, strict=True)) for row in frame.itertuples(index=False, name=None)]


def survival(faults: pd.DataFrame, k: int, cycles: int, confidence: float = CONFIDENCE) -> dict[str, Any]:
    """Share alive after `k`, restricted mean, median, causes by `k`, and the whole curve."""
    return {
        "share_alive": persistence.share_alive(faults, k, confidence),
        "restricted_mean": persistence.restricted_mean(faults, k, confidence),
        "median": persistence.median(faults, cycles, confidence),
        "incidence": persistence.incidence(faults, k, confidence),
        "curve": _rows(persistence.curve(faults, cycles, confidence)),
    }


def _counts(all_faults: pd.DataFrame, seen: pd.DataFrame, evidence: Evidence, index: int) -> dict[str, Any]:
    fates = oversight.fates(seen)
    hidden = all_faults[~all_faults["witnessed"].astype(bool)]
    lineages = evidence.of(index)
    return {
        "faults": len(seen),
        "seeded": int((seen["origin"] == "seeded").sum()),
        "offspring": int((seen["origin"] == "offspring").sum()),
        "fixes": int((seen["origin"] == "fix").sum()),
        "indigenous": int((seen["origin"] == "indigenous").sum()),
        "residual": int(seen["residual"].astype(bool).sum()),
        "import_time": int(seen["import_time"].astype(bool).sum()),
        "unplaced": sum(len(one.unplaced) for one in lineages),
        "pending": sum(one.pending for one in lineages),
        "ends": {cause: fates[cause] for cause in persistence.CAUSES},
        "caught_by_screen": sum(fates[oracle] for oracle in oversight.SCREEN),
        "caught_by_review": fates["review"],
        "escaped": int(seen["escaped"].astype(bool).sum()),
        "alive_at_end": fates["alive"],
        "unwitnessed": {
            "faults": len(hidden),
            "escaped": int(hidden["escaped"].astype(bool).sum()),
            "alive_at_end": int(hidden["alive"].astype(bool).sum()),
        },
    }


def _blast(generations: pd.DataFrame, confidence: float) -> dict[str, Estimate]:
    return {what: amplification.blast_radius(generations, what, confidence) for what in amplification.BLAST}


def _amplification(generations: pd.DataFrame, faults: pd.DataFrame, confidence: float) -> dict[str, Any]:
    growth = amplification.growth(generations, confidence)
    final = amplification.last(generations)
    return {
        "R": growth,
        "retention": amplification.retention(generations, confidence),
        "copying": amplification.copying(generations, confidence),
        "offspring_per_fault": amplification.offspring(faults, confidence),
        "chance_of_growth": amplification.chance_of_growth(generations),
        "doubling": amplification.doubling(growth),
        "live_at_end": amplification.live_at_end(generations, confidence),
        "live": _rows(amplification.live(generations, confidence)),
        "blast_radius": _blast(generations, confidence),
        "blast_radius_at_end": _blast(final, confidence),
        "blast": _rows(amplification.blast_by_generation(generations, confidence)),
        "interaction": amplification.interaction(generations, confidence),
    }


def _oversight(
    reviews: pd.DataFrame,
    generations: pd.DataFrame,
    lineages: pd.DataFrame,
    faults: pd.DataFrame,
    confidence: float,
) -> dict[str, Any]:
    return {
        **oversight.effort(reviews, generations),
        "hours_per_lineage": oversight.per_lineage(reviews, lineages, "hours", confidence),
        "lines_read_per_lineage": oversight.per_lineage(reviews, lineages, "lines_read", confidence),
        "seen_when_read": oversight.seen_when_read(reviews, confidence),
        "escape_rate": oversight.escape_rate(faults, confidence),
        "false_alarm_rate": spending.false_alarms(reviews, confidence),
        "hours_per_generation": spending.per_generation(generations, "hours", confidence),
        "executions_per_generation": spending.per_generation(generations, "spent_executions", confidence),
    }


def _families(
    faults: pd.DataFrame, hidden: pd.DataFrame, k: int, cycles: int, confidence: float
) -> list[dict[str, Any]]:
    """One entry for each family: its witnessed faults, and how many others it has (`hidden`)."""
    names = sorted({*faults["family"], *hidden["family"]})
    return [
        {
            "family": str(family),
            "faults": len(group),
            "unwitnessed": int((hidden["family"] == family).sum()),
            "residual": int(group["residual"].astype(bool).sum()),
            "escaped": int(group["escaped"].astype(bool).sum()),
            "ends": oversight.fates(group),
            "harm": harm.summary(group, confidence),
            **survival(group, k, cycles, confidence),
        }
        for family in names
        for group in (faults[faults["family"] == family],)
    ]


def _part(frame: pd.DataFrame, index: int) -> pd.DataFrame:
    return frame[frame["condition"] == index]


def _condition(
    evidence: Evidence, tables: dict[str, pd.DataFrame], position: int, k: int, confidence: float
) -> dict[str, Any]:
    condition = evidence.conditions[position]
    index, cycles = condition["index"], condition["generations"]
    faults, generations = _part(tables["faults"], index), _part(tables["generations"], index)
    reviews, lineages = _part(tables["reviews"], index), _part(tables["lineages"], index)
    witnessed = faults["witnessed"].astype(bool)
    seen, hidden = faults[witnessed], faults[~witnessed]
    levels = flat(condition)
    states = [one.state for one in evidence.of(index)]
    body = {
        "index": index,
        "label": evidence.labels[position],
        "levels": {name: levels[name] for name in varying(evidence.conditions)},
        "generations": cycles,
        "lineages": len(states),
        "outcomes": {state: states.count(state) for state in STATES},
        "outcome_rates": spending.outcome_rates(lineages, confidence),
        "refused": {
            stage: sum(fact.stage == stage for one in evidence.of(index) for fact in one.refused)
            for stage in ("sound", "screen", "checkpoint")
        },
        "faults": _counts(faults, seen, evidence, index),
        "persistence": survival(seen, k, cycles, confidence),
        "amplification": _amplification(generations, seen, confidence),
        "oversight": {
            **_oversight(reviews, generations, lineages, seen, confidence),
            "rollbacks": sum(len(one.rollbacks) for one in evidence.of(index)),
        },
        "harm": harm.summary(seen, confidence),
        "belief": belief.summary(_part(tables["beliefs"], index), confidence),
        "recorded": recorded.summary(_part(tables["recorded"], index), confidence),
        "families": _families(seen, hidden, k, cycles, confidence),
    }
    plain: dict[str, Any] = clean(body)
    return {**plain, "limits": condition_limits(plain, k)}


def tables(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """The frames that a summary is computed from, by name."""
    makers = (
        frames.faults,
        frames.generations,
        frames.reviews,
        frames.lineages,
        belief.beliefs,
        recorded.recorded,
    )
    return {make.__name__: make(evidence) for make in makers}


def _finished(conditions: list[dict[str, Any]]) -> bool:
    return not any(one["outcomes"]["running"] + one["outcomes"]["waiting"] for one in conditions)


def summarise_evidence(
    evidence: Evidence, k: int | None = None, confidence: float = CONFIDENCE
) -> dict[str, Any]:
    """`summarise` for facts that were read already."""
    k = default_k(evidence) if k is None else k
    known = tables(evidence)
    positions = range(len(evidence.conditions))
    found = [_condition(evidence, known, position, k, confidence) for position in positions]
    witnessed = known["faults"]["witnessed"].astype(bool)
    seen, hidden = known["faults"][witnessed], known["faults"][~witnessed]
    cycles = max((one["generations"] for one in evidence.conditions), default=k)
    manifest = evidence.manifest
    body: dict[str, Any] = {
        "schema": SUMMARY_SCHEMA,
        "campaign": {name: manifest[name] for name in ("name", "seed", "schema", "versions")},
        "k": k,
        "confidence": confidence,
        "finished": _finished(found),
        "conditions": found,
        "families": _families(seen, hidden, k, cycles, confidence),
    }
    result: dict[str, Any] = clean({**body, "limits": campaign_limits(body)})
    return result


def summarise(facts: Facts, k: int | None = None, confidence: float = CONFIDENCE) -> dict[str, Any]:
    """The summary of a campaign as plain JSON data, the same for the same facts.

    `k` is the number of cycles after which the share alive is given; by default `default_k`.
    """
    return summarise_evidence(read(facts), k, confidence)


def dumps(summary: dict[str, Any]) -> str:
    """The text of `summary.json`: keys in order, two spaces, no NaN."""
    return json.dumps(summary, indent=2, sort_keys=True, allow_nan=False, ensure_ascii=False) + "\n"

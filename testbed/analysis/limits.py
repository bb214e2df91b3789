"""What the data cannot say, in sentences, found from the summary's own numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

FEW_LINEAGES = 5
FEW_FAULTS = 20
KINDS = (
    "The faults are seeded by rules; faults of other kinds, and flaws that the modifier makes by itself, "
    "may live longer or shorter."
)
UNCORRECTED = "and not corrected for comparing many conditions."


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _unfinished(outcomes: Mapping[str, int]) -> list[str]:
    found = []
    if outcomes["running"]:
        found.append(
            f"{_count(outcomes['running'], 'lineage')} had no outcome when this was written; "
            "faults there are censored at the last accepted generation."
        )
    if outcomes["waiting"]:
        found.append(f"{_count(outcomes['waiting'], 'lineage')} had not begun.")
    return found


def _early_ends(outcomes: Mapping[str, int]) -> list[str]:
    found = []
    if outcomes["runaway"]:
        found.append(
            f"{_count(outcomes['runaway'], 'lineage')} ended as runaway: later generations rest on the "
            "calmer lineages alone, so their mean of live faults is too low."
        )
    if outcomes["stalled"]:
        found.append(
            f"{_count(outcomes['stalled'], 'lineage')} stalled; faults there are censored at the last "
            "accepted generation."
        )
    return found


def thin(body: dict[str, Any]) -> list[str]:
    """Where a condition has too few faults or lineages to say much (`body` as in the summary)."""
    faults, clusters = body["faults"]["faults"], body["persistence"]["share_alive"]["clusters"]
    if faults == 0:
        return ["No witnessed fault was born: nothing can be said of persistence."]
    found = []
    if clusters < 2:
        found.append("All faults come from one lineage: no interval can be given.")
    elif clusters < FEW_LINEAGES:
        found.append(f"The intervals rest on {clusters} lineages with faults and are wide for that reason.")
    if faults < FEW_FAULTS:
        found.append(f"Only {_count(faults, 'witnessed fault')} were born.")
    return found


def _unwitnessed(faults: int) -> list[str]:
    if not faults:
        return []
    return [
        f"{_count(faults, 'fault')} had no witness, perhaps because nothing can tell "
        f"{'it' if faults == 1 else 'them'} from correct code; counted apart, in no share."
    ]


def _pending(faults: int) -> list[str]:
    return [f"Left out: {_count(faults, 'fault')} of a generation under way."] if faults else []


def condition_limits(body: dict[str, Any], k: int) -> list[str]:
    """What the data of one condition cannot say (`body` as in the summary)."""
    share, faults = body["persistence"]["share_alive"], body["faults"]
    found = [*_unfinished(body["outcomes"]), *_early_ends(body["outcomes"]), *thin(body)]
    if faults["faults"] and share["value"] is None:
        found.append(f"No fault was followed through {k} cycles: the share alive after {k} is unknown.")
    return [*found, *_unwitnessed(faults["unwitnessed"]["faults"]), *_pending(faults["pending"])]


def campaign_limits(body: dict[str, Any]) -> list[str]:
    """What the data of the campaign as a whole cannot say (`body` as in the summary)."""
    conditions = body["conditions"]
    outcomes: Counter[str] = Counter()
    for one in conditions:
        outcomes.update(one["outcomes"])
    found = [] if body["finished"] else ["The campaign is not finished: all numbers may still change."]
    found += [*_unfinished(outcomes), *_early_ends(outcomes)]
    if len(conditions) == 1:
        found.append("There is one condition, so no effect of any factor can be told.")
    found += _unwitnessed(sum(one["faults"]["unwitnessed"]["faults"] for one in conditions))
    found += _pending(sum(one["faults"]["pending"] for one in conditions))
    return [*found, KINDS, f"Intervals are pointwise, at {body['confidence']:.0%}, {UNCORRECTED}"]

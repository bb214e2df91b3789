"""The least review that keeps few flaws, as the report says and draws it."""

from __future__ import annotations

from reports import words
from testbed.analysis import Evidence
from testbed.analysis.tuning import Tuning, tune
from testbed.errors import UserError

LIMIT = 1.0  # mean of live faults that the tuned point keeps


def tuned(evidence: Evidence) -> Tuning | None:
    """The answer for `LIMIT` after the shortest lineage's generations; None where there is none to give."""
    shortest = min((one["generations"] for one in evidence.conditions), default=0)
    try:
        return tune(evidence, LIMIT, shortest) if shortest else None
    except UserError:
        return None


def promise(found: Tuning) -> str:
    """What a tuned point keeps."""
    return (
        f"under {LIMIT:g} live fault after {words.count(found.after, 'generation')}, with "
        f"{found.confidence:.0%} confidence"
    )


def sentence(evidence: Evidence, found: Tuning | None) -> str:
    """How much review is enough, or that no condition is; "" where that cannot be asked."""
    if found is None:
        return ""
    labels = {one["index"]: label for one, label in zip(evidence.conditions, evidence.labels, strict=True)}
    chosen = [one.cheapest for one in found.answers if one.cheapest is not None]
    if not chosen:
        return f"No condition surely keeps the mean {promise(found)}."
    told = [
        f"{labels[int(one['condition'])]} ({words.plain(float(one['hours']))} review hours a lineage)"
        for one in chosen
    ]
    left = len(found.answers) - len(chosen)
    others = f"; in {left} of {len(found.answers)} circumstances nothing tried does" if left else ""
    return f"Cheapest of what surely keeps the mean {promise(found)}: {words.named_list(told)}{others}."

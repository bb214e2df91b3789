"""Running on until the intervals are narrow: more lineages, look by look.

Looking again and again and stopping where the interval happens to be narrow would leave the truth
outside more often than the interval says. So look j has the confidence 1 - (1 - c) / (j (j + 1)): all
looks together miss the truth with a chance of at most 1 - c, whichever of them stops. Between looks the
lineages grow by half, so there are few looks, and the first one waits for `FIRST` lineages, below which
a narrow interval is mostly luck.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from testbed.analysis import Facts, read
from testbed.analysis.labels import flat
from testbed.analysis.summary import summarise_evidence
from testbed.campaign import Campaign
from testbed.conditions import to_json
from testbed.errors import UserError
from testbed.gate.bounds import Bound, parse
from testbed.gate.measures import measured

FIRST = 10
GROWTH = 1.5
MOST = 1000
_WIDTH = re.compile(r"\s*width\s*\(\s*(?P<measure>[^()\s]+)\s*\)(?P<rest>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Until:
    """What is waited for: the width of the interval of `bound.measure` under `bound.limit`, and at most
    `most` lineages of a condition."""

    text: str
    bound: Bound
    most: int = MOST


@dataclass(frozen=True, slots=True)
class Look:
    """One condition at the look that it has come to; without an interval yet `low` and `high` are None."""

    condition: int
    label: str
    look: int
    lineages: int
    value: float | None
    low: float | None
    high: float | None
    narrow: bool


def read_until(text: str, most: int = MOST) -> Until:
    """What `width(alive_after_5) < 0.1 at 0.95 where ...` asks for. Raises UserError for anything else."""
    found = _WIDTH.fullmatch(text)
    example = "write it as width(alive_after_5) < 0.1"
    if found is None:
        raise UserError(f'"{text}" is not a width', where="--until", remedy=example)
    bound = parse(f"{found['measure']} {found['rest']}")
    if not bound.relation.startswith("<") or bound.relation == "!=" or bound.limit <= 0:
        raise UserError(f'"{text}" can never be waited for', where="--until", remedy=example)
    return Until(" ".join(text.split()), bound, most)


def confidence_at(look: int, confidence: float) -> float:
    """The confidence of the intervals of look 1, 2, ...; their errors sum to 1 - `confidence`."""
    return 1 - (1 - confidence) / (look * (look + 1))


def lineages_at(look: int, first: int, most: int = MOST) -> int:
    """How many lineages of a condition there are at look 1, 2, ..., with `first` at look 1."""
    return max(first, min(most, math.ceil(first * GROWTH ** (look - 1))))


def begin(campaign: Campaign, until: Until) -> tuple[Campaign, dict[str, Any]]:
    """The campaign with enough lineages for the first look, and what its manifest has under `until`.

    Raises UserError where no condition is asked.
    """
    asked = [until.bound.asked_of(flat(to_json(one))) for one in campaign.conditions]
    if not any(asked):
        raise UserError(f'no condition is asked "{until.text}"', where="--until")
    conditions = tuple(
        replace(one, lineages=max(one.lineages, FIRST)) if is_asked else one
        for one, is_asked in zip(campaign.conditions, asked, strict=True)
    )
    first = [one.lineages for one in conditions]
    state = {"text": until.text, "most": until.most, "first": first, "looks": [int(one) for one in asked]}
    return replace(campaign, conditions=conditions), {"until": state}


def look_at(facts: Facts) -> tuple[Look, ...]:
    """Every condition that is asked, and whether its interval is narrow at the look that it has come to.

    Raises UserError where the measure is a plain count.
    """
    state, evidence = facts.manifest["until"], read(facts)
    until = read_until(state["text"], state["most"])
    summaries: dict[int, dict[str, Any]] = {}
    found = []
    for place, (condition, look) in enumerate(zip(evidence.conditions, state["looks"], strict=True)):
        if look == 0:
            continue
        if look not in summaries:
            confidence = confidence_at(look, until.bound.confidence)
            summaries[look] = summarise_evidence(evidence, until.bound.k, confidence)
        body = summaries[look]["conditions"][place]
        found.append(_look(until, body, look, int(condition["lineages"])))
    return tuple(found)


def _look(until: Until, body: Mapping[str, Any], look: int, lineages: int) -> Look:
    one = measured(until.bound, body)
    name = (int(body["index"]), str(body["label"]), look, lineages)
    if one is None:
        return Look(*name, None, None, None, False)
    if one.estimate is None:
        raise UserError(f"{one.path} is a count and has no interval", where="--until")
    value, low, high = (one.estimate[end] for end in ("value", "low", "high"))
    narrow = low is not None and high is not None and until.bound.holds(high - low)
    return Look(*name, value, low, high, bool(narrow))


def further(manifest: Mapping[str, Any], seen: tuple[Look, ...]) -> dict[str, Any] | None:
    """The manifest with the lineages of the next looks; None where nothing more is to be run."""
    state = manifest["until"]
    conditions, looks = [dict(one) for one in manifest["conditions"]], list(state["looks"])
    places = {one["index"]: place for place, one in enumerate(conditions)}
    more = False
    for one in seen:
        place = places[one.condition]
        wanted = lineages_at(one.look + 1, state["first"][place], state["most"])
        if not one.narrow and wanted > one.lineages:
            conditions[place]["lineages"], looks[place], more = wanted, one.look + 1, True
    return {**manifest, "conditions": conditions, "until": {**state, "looks": looks}} if more else None

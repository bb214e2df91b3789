"""The answer in sentences, with intervals and sample sizes, from a summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports import words
from testbed.analysis.estimates import Estimate, difference
from testbed.analysis.limits import thin

Condition = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """One headline, the sentences that support it, and what the data cannot say."""

    headline: str
    sentences: tuple[str, ...]
    limits: tuple[str, ...]


def _known(conditions: Sequence[Condition], part: str, name: str) -> list[Condition]:
    return [one for one in conditions if one[part][name]["value"] is not None]


def _extremes(conditions: Sequence[Condition], part: str, name: str) -> tuple[Condition, Condition] | None:
    known = _known(conditions, part, name)
    if not known:
        return None
    return (
        min(known, key=lambda one: float(one[part][name]["value"])),
        max(known, key=lambda one: float(one[part][name]["value"])),
    )


def headline(summary: Mapping[str, Any]) -> str:
    """The share of faults alive after k cycles, for the best and the worst condition."""
    k = words.count(summary["k"], "cycle")
    found = _extremes(summary["conditions"], "persistence", "share_alive")
    if found is None:
        born = any(one["faults"]["faults"] for one in summary["conditions"])
        return f"No fault was followed for {k}." if born else "No fault was born, so nothing could persist."
    low, high = (words.percent(one["persistence"]["share_alive"]["value"]) for one in found)
    if low == high:
        return f"After {k}, {low} of the faults were still alive."
    return f"After {k}, between {low} and {high} of the faults were still alive, depending on the condition."


def _same(values: Sequence[int]) -> str:
    return str(values[0]) if len(set(values)) == 1 else f"{min(values)} to {max(values)}"


def scope(summary: Mapping[str, Any]) -> str:
    """What was run and how many faults there were."""
    conditions = summary["conditions"]
    faults = [one["faults"] for one in conditions]
    total, escaped = sum(one["faults"] for one in faults), sum(one["escaped"] for one in faults)
    copies, fixes = (sum(one[name] for one in faults) for name in ("offspring", "fixes"))
    indigenous = sum(one.get("indigenous", 0) for one in faults)
    seeded = total - copies - fixes - indigenous
    lineages = _same([one["lineages"] for one in conditions])
    generations = _same([one["generations"] for one in conditions])
    each = " each" if len(conditions) > 1 else ""
    begin = (
        f"{words.count(len(conditions), 'condition')}, {lineages} lineage{'' if lineages == '1' else 's'} of "
        f"{generations} generations{each}: "
    )
    if not total:
        return f"{begin}no fault with a witness was born."
    were = "was" if seeded == 1 else "were"
    also = f"{copies:,} more arose as copies" + (f", {fixes:,} came with faulty fixes" if fixes else "")
    also += f", {indigenous:,} the modifier made by itself" if indigenous else ""
    return (
        f"{begin}{words.count(seeded, 'fault')} with a witness {were} seeded and {also}. "
        f"Of these {total:,}, {escaped:,} ({words.percent(escaped / total)}) passed every check of the "
        "generation they were born in."
    )


def unseen_by_own_tests(summary: Mapping[str, Any]) -> str:
    """The share of residual faults: without it nobody knows how hard the faults were to find."""
    found = _extremes(summary["conditions"], "harm", "residual")
    if found is None:
        return ""
    low, high = (one["harm"]["residual"] for one in found)
    told = words.percent(low["value"])
    if low["value"] != high["value"]:
        told = f"{told} to {words.percent(high['value'])}"
    where = ", by condition" if "to" in told else ""
    return f"At birth the target's own unit tests see nothing of {told} of them{where}: the residual faults."


def _observed(one: Mapping[str, Any], what: str = "fault") -> str:
    return f"{words.count(one['n'], what)} in {words.count(one['clusters'], 'lineage')}"


def _with(one: Condition) -> str:
    return f" with {one['label']}"


def _persist(one: Condition, where: str) -> str:
    share = one["persistence"]["share_alive"]
    inside = words.interval(share)
    between = f"{inside}; " if inside else ""
    return f"{words.percent(share['value'])} ({between}{_observed(share)}){where}"


def persistence(summary: Mapping[str, Any]) -> list[str]:
    """The shares alive of the extreme conditions, and whether they differ."""
    found = _extremes(summary["conditions"], "persistence", "share_alive")
    k = words.count(summary["k"], "cycle")
    if found is None:
        return []
    low, high = found
    if low is high:
        return [f"The share still alive after {k} was {_persist(low, '')}."]
    first, second = (Estimate(**one["persistence"]["share_alive"]) for one in found)
    return [
        f"The share still alive after {k} was lowest at {_persist(low, _with(low))}, "
        f"and highest at {_persist(high, _with(high))}.",
        _told_apart(difference(first, second), len(summary["conditions"])),
    ]


def _told_apart(gap: Estimate, conditions: int) -> str:
    if gap.value is None or gap.low is None or gap.high is None:
        return "Whether the two differ cannot be told from these data."
    low, high = 100 * gap.low, 100 * gap.high
    points = f"{100 * gap.value:.0f} percentage points (95% interval {low:.0f} to {high:.0f})"
    picked = f", for two conditions picked as the extremes of {conditions}" if conditions > 2 else ""
    if gap.low <= 0:
        return f"The gap is {points}{picked}: these data do not tell them apart."
    return f"The gap is {points}{picked}."


def growth(summary: Mapping[str, Any]) -> str:
    """Whether live faults multiply by themselves."""
    known = _known(summary["conditions"], "amplification", "R")
    if not known:
        return ""
    estimates = [one["amplification"]["R"] for one in known]
    if len(known) == 1:
        one = estimates[0]
        return (
            f"Each live fault left R = {words.with_interval(one, words.plain)} live faults in the next "
            f"generation, itself included ({words.count(one['n'], 'generation')} lived by faults): "
            f"{_verdict(one)}."
        )
    above = sum(one["low"] is not None and one["low"] > 1 for one in estimates)
    below = sum(one["high"] is not None and one["high"] < 1 for one in estimates)
    values = [float(one["value"]) for one in estimates]
    parts = (
        (below, "below 1 (live faults die out unless new ones come)"),
        (above, "above 1 (live faults multiply unaided)"),
        (len(known) - above - below, "undecided"),
    )
    verdicts = [f"{said} in {number} of {len(known)} conditions" for number, said in parts if number]
    return (
        f"Each live fault left R = {words.plain(min(values))} to {words.plain(max(values))} live faults in "
        f"the next generation, itself included. With 95% confidence, R is {words.named_list(verdicts)}."
    )


def _verdict(one: Mapping[str, Any]) -> str:
    if one["low"] is not None and one["low"] > 1:
        return "they multiply unaided"
    if one["high"] is not None and one["high"] < 1:
        return "without new ones they die out"
    return "the data leave open whether they die out or multiply"


def _left(one: Condition, where: str) -> str:
    live, blast = one["amplification"]["live_at_end"], one["amplification"]["blast_radius_at_end"]["inputs"]
    reach = f" ({words.with_interval(blast)} of inputs deviating)" if blast["value"] is not None else ""
    return f"{words.with_interval(live, words.plain)}{where}{reach}"


def residue(summary: Mapping[str, Any]) -> str:
    """Live faults and blast radius at the end."""
    found = _extremes(summary["conditions"], "amplification", "live_at_end")
    if found is None:
        return ""
    low, high = found
    said = _left(low, "") if low is high else f"{_left(low, _with(low))} to {_left(high, _with(high))}"
    return f"Mean number of live faults at the end of a lineage: {said}."


def effort(summary: Mapping[str, Any]) -> str:
    """What the screen and the review caught, and what the review cost."""
    faults = [one["faults"] for one in summary["conditions"]]
    total = sum(one["faults"] for one in faults)
    hours = [one["oversight"]["hours_per_lineage"]["value"] for one in summary["conditions"]]
    hours = [value for value in hours if value is not None]
    if not total or not hours:
        return ""
    screen, review = (sum(one[name] for one in faults) for name in ("caught_by_screen", "caught_by_review"))
    least, most = words.plain(min(hours)), words.plain(max(hours))
    cost = f"{most} hours a lineage" if least == most else f"{least} to {most} hours a lineage, by condition"
    return (
        f"Over all, the screen caught {words.percent(screen / total)} of the faults and review "
        f"{words.percent(review / total)}; review cost {cost}.{_beside(summary)}"
    )


def _beside(summary: Mapping[str, Any]) -> str:
    """What else reviewers did: false alarms, findings let in, escalations, rollbacks."""
    own = [one["oversight"] for one in summary["conditions"]]
    nouns = {
        "false_alarms": ("false alarm", "false alarms"),
        "let_in": ("finding was let in all the same", "findings were let in all the same"),
        "escalations": ("checkpoint was escalated", "checkpoints were escalated"),
        "rollbacks": ("rollback", "rollbacks"),
    }
    totals = {name: sum(one.get(name, 0) for one in own) for name in nouns}
    told = [words.count(total, *nouns[name]) for name, total in totals.items() if total]
    return f" Beside that: {words.named_list(told)}." if told else ""


def _of(share: Mapping[str, Any], noun: str, one: Condition) -> list[str]:
    """A condition's share with its interval and what it is of; nothing where it is not known."""
    if share["value"] is None:
        return []
    return [f"{words.with_interval(share)} of {words.count(share['n'], noun)}{_with(one)}"]


def belief(summary: Mapping[str, Any]) -> str:
    """How much of what is wrong the screen takes for right, where it does not compare with the reference."""
    found = []
    for one in summary["conditions"]:
        held = one["belief"]
        if held["by"] in {"previous", "self"}:
            found += _of(held["taken_for_right"], "check", one)
    if not found:
        return ""
    return (
        f"Of the checks that deviate from the reference the screen took for right: {words.named_list(found)}."
    )


def recorded(summary: Mapping[str, Any]) -> str:
    """How many of the tests that were made of what the code does expect in the end what is wrong."""
    found = []
    for one in summary["conditions"]:
        found += _of(one["recorded"]["drifted"], "test", one)
    if not found:
        return ""
    return (
        "Of the tests that were recorded from what the code does, or rewritten to it, those that in the end "
        f"expected what is wrong: {words.named_list(found)}."
    )


def _thin(conditions: Sequence[Condition]) -> list[str]:
    """Conditions with little data, those with the same trouble together."""
    troubled: dict[str, list[str]] = {}
    for one in conditions:
        for trouble in thin(dict(one)):
            troubled.setdefault(trouble, []).append(one["label"])
    if len(conditions) == 1:
        return list(troubled)
    everywhere = len(conditions)
    return [
        trouble if len(names) == everywhere else f"{'; '.join(names)}: {trouble}"
        for trouble, names in troubled.items()
    ]


def answer(summary: Mapping[str, Any], enough: str = "") -> Answer:
    """The whole answer; `enough` is the sentence on how much review is enough, if it was asked."""
    conditions = summary["conditions"]
    found = [
        scope(summary),
        unseen_by_own_tests(summary),
        *persistence(summary),
        growth(summary),
        residue(summary),
        effort(summary),
        enough,
    ]
    found += [belief(summary), recorded(summary)]
    return Answer(
        headline(summary), tuple(one for one in found if one), (*summary["limits"], *_thin(conditions))
    )

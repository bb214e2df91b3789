"""The verdicts of a gate: in words for people, as plain data for programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from reports import words
from testbed.gate import Bound
from testbed.gate.judge import Judged, Verdict

GATE_SCHEMA = 1
FAR = 1000  # beyond so many times as many lineages a number says nothing


def number(value: float | None) -> str:
    """A figure of any measure: three significant digits, nothing finer than a thousandth."""
    if value is None:
        return "–"
    return "<0.001" if 0 < value < 5e-4 else f"{value:.3g}"


def figure(one: Verdict) -> str:
    """The figure with its interval and what it rests on."""
    if one.clusters is None:
        among = "" if one.n is None else f" among {words.count(one.n, 'fault')}"
        return f"{number(one.value)}{among}" if one.value is not None else ""
    between = f" [{number(one.low)}, {number(one.high)}]" if (one.low, one.high) != (None, None) else ""
    return f"{number(one.value)}{between}, n = {one.n:,} in {words.count(one.clusters, 'lineage')}"


def distance(bound: Bound, one: Verdict) -> str:
    """How far the verdict is from flipping."""
    if one.margin is None:
        return one.reason
    away = number(abs(one.margin))
    what = "the interval" if one.clusters is not None else "the count"
    if one.status == "kept":
        return (
            f"{what} ends {away} inside the bound" if one.clusters is not None else f"{away} from the bound"
        )
    if one.status == "broken":
        return f"{what} begins {away} beyond the bound" if one.clusters is not None else f"{away} beyond it"
    reach = "the interval reaches" if one.value is not None and bound.holds(one.value) else "the figure lies"
    return f"{reach} {away} beyond the bound{_more(one)}"


def _more(one: Verdict) -> str:
    if one.more is None:
        return ""
    if one.more > FAR:
        return "; too near to it for any number of lineages to tell"
    times = f"{one.more:.1f}" if one.more < 9.95 else f"{one.more:.0f}"
    return f"; about {times} times as many lineages would tell, if the figure stays"


def outcome(judged: Judged) -> str:
    """The gate's verdict in one line."""
    counts = [
        f"{judged.count(status)} {status}"
        for status in ("kept", "broken", "undecided")
        if judged.count(status)
    ]
    said = "passed" if judged.passed else "not passed"
    leads = f" (undecided: {judged.gate.undecided})" if judged.count("undecided") else ""
    return f"gate {said}: {words.named_list(counts)}{leads}"


def lines(judged: Judged) -> Iterator[str]:
    """The verdicts as lines of text, by bound, and the outcome last."""
    for bound, found in judged.verdicts:
        yield bound.text
        width = max(len(one.label) for one in found)
        for one in found:
            told = "; ".join(part for part in (figure(one), distance(bound, one)) if part)
            yield f"  {one.status:<9}  {one.label:<{width}}  {told}"
    yield outcome(judged)


def data(judged: Judged) -> dict[str, Any]:
    """The verdicts as plain JSON data, described in docs/ci.md."""
    return {
        "schema": GATE_SCHEMA,
        "passed": judged.passed,
        "undecided": judged.gate.undecided,
        "counts": {status: judged.count(status) for status in ("kept", "broken", "undecided")},
        "bounds": [
            {
                "bound": bound.text,
                "relation": bound.relation,
                "limit": bound.limit,
                "confidence": bound.confidence,
                "verdicts": [asdict(one) for one in found],
            }
            for bound, found in judged.verdicts
        ],
    }

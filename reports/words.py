"""Numbers and estimates in words, the same in every report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Estimated = Mapping[str, Any]
"""An estimate as the summary has it: value, low, high, n, clusters, confidence, method, reason."""

CAUSES = {
    "unit": "unit test",
    "property": "property",
    "differential": "differential",
    "review": "review",
    "overwritten": "overwritten",
    "rejected": "rejected",
    "rollback": "rolled back",
    "alive": "alive",
}


def count(number: int, noun: str, plural: str = "") -> str:
    """`count(1, "fault")` is "1 fault", `count(1200, "fault")` is "1,200 faults"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def percent(value: float | None) -> str:
    """A share in percent: whole ones, with one digit below 10 and above 90, where a point matters."""
    if value is None:
        return "–"
    if not 0.0005 <= abs(value) < 0.9995:  # one digit would not tell it from 0 or 1
        return f"{value:.0%}"
    return f"{value:.0%}" if 0.0995 <= value <= 0.9005 else f"{value:.1%}"


def plain(value: float | None) -> str:
    """A number with as many digits as a reader needs: 0, 0.07, 1.20, 12.5, 1,250."""
    if value is None:
        return "–"
    digits = 0 if value == 0 else 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    return f"{value:,.{digits}f}"


def interval(one: Estimated, show: Any = percent) -> str:
    """ "12–34%", or "" where there is no interval; an open side is left open."""
    low, high = one["low"], one["high"]
    if low is None and high is None:
        return ""
    if show is percent and low is not None and high is not None:
        return f"{percent(low).rstrip('%')}–{percent(high)}"
    return f"{'' if low is None else show(low)}–{'' if high is None else show(high)}"


def with_interval(one: Estimated, show: Any = percent) -> str:
    """ "23% [12–34%]"; a dash where there is no value, or no interval that says how far it can be trusted."""
    inside = interval(one, show)
    return "–" if one["value"] is None or not inside else f"{show(one['value'])} [{inside}]"


def named_list(names: list[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""

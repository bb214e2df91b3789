"""How risky a candidate looks, from 0 to 1, by what can be seen without reading it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache

from testbed.errors import UserError
from testbed.plugins import Plugin, found, takes, unknown
from testbed.protocols import Change

RISKS = "testbed.risks"
"""Entry points: a callable that takes a `Change` and returns a number from 0 to 1."""

Score = Callable[[Change], float]

MANY_LINES = 400
"""Changed lines that count as all the risk there is: what a review should never exceed (see `reviewers`)."""


def _lines(change: Change) -> float:
    """Lines changed since the last review, of 400."""
    return min(1.0, change.lines_changed / MANY_LINES)


def _files(change: Change) -> float:
    """Share of the target's files that changed since the last review."""
    return len(change.after) / change.files if change.files else 0.0


def _coverage(change: Change) -> float:
    """Share of the changed lines that no test of the screen runs."""
    return change.uncovered()


def _warnings(change: Change) -> float:
    """n / (n + 1) for n warnings of the screen: tests that failed, candidates refused in this generation."""
    return change.warnings / (change.warnings + 1)


@cache
def built_in() -> Mapping[str, Score]:
    """The testbed's own scores by name."""
    return {"lines": _lines, "files": _files, "coverage": _coverage, "warnings": _warnings}


def names() -> tuple[str, ...]:
    """The scores that a campaign may name, built-in ones first."""
    return (*built_in(), *(plugin.name for plugin in risk_plugins()))


def risk(parts: Sequence[str], change: Change) -> tuple[float, str]:
    """The highest of the scores named, and its name; the first of equals. Raises UserError for a bad one."""
    scores = [(_score(name, change), name) for name in parts]
    return max(scores, key=lambda score: score[0], default=(0.0, "nothing"))


def _score(name: str, change: Change) -> float:
    value = find(name)(change)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise UserError(f"gave {value!r}", where=f"{RISKS}: {name}", remedy="a risk is a number from 0 to 1")
    return float(value)


def find(name: str) -> Score:
    """The score of this name. Raises UserError for an unknown one, UserErrors for one with problems."""
    own = built_in().get(name)
    if own is not None:
        return own
    for plugin in risk_plugins():
        if plugin.name == name:
            return plugin.get()
    raise unknown("risk", name, names(), "oversight.risk")


@cache
def risk_plugins() -> tuple[Plugin[Score], ...]:
    """The scores of other distributions."""
    return found(RISKS, _checked, built_in())


def _checked(name: str, part: object) -> tuple[Score | None, list[str]]:
    if not callable(part) or not takes(part, 1):
        return None, ["is no callable that takes a Change"]
    return part, []

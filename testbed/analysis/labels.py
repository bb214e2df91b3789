"""Conditions told apart in few words: only the factors that vary, named as a reader would say them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

Level = Any


def _switch(name: str) -> Callable[[Level], str]:
    return lambda level: name if level else f"no {name}"


def _cadence(level: Level) -> str:
    return {0: "no review", 1: "review every generation"}.get(level, f"review every {level} generations")


_POLICIES = {"every": "at intervals", "risk": "on risk", "audit": "by audit", "adaptive": "as findings ask"}

_WORDS: dict[str, Callable[[Level], str]] = {
    "target.name": str,
    "modifier.name": str,
    "injection.placement": lambda level: f"faults {'in touched code' if level == 'touched' else level}",
    "injection.unit": lambda level: f"per {level}",
    "oracles.unit": _switch("unit tests"),
    "oracles.property": _switch("properties"),
    "oracles.differential": _switch("differential"),
    "oracles.baseline": lambda level: f"{level} baseline",
    "oracles.response": lambda level: f"screen leads to {level}",
    "oversight.response": lambda level: f"review leads to {level}",
    "oversight.every": _cadence,
    "oversight.preset": str,
    "oversight.policy": lambda level: f"review {_POLICIES.get(level, level)}",
    "oversight.reviewer": lambda level: f"{level} reviewer",
    "oversight.risk": lambda level: f"risk by {_plain(level)}",
    "oversight.false_alarms": lambda level: f"false alarms {_plain(level)}",
}

PRESET = "oversight.preset"

# What a lone condition is called: enough to recognise it by.
_ALONE = ("target.name", "injection.rate", "oversight.depth")


def _plain(level: Level) -> str:
    if isinstance(level, bool):
        return "on" if level else "off"
    if isinstance(level, float):
        return f"{level:g}"
    if isinstance(level, list | tuple):
        return "+".join(map(str, level)) or "all"
    return str(level)


def flat(condition: dict[str, Any]) -> dict[str, Level]:
    """The levels of a condition as {"injection.rate": 1.0, ...}, its index left out."""
    levels: dict[str, Level] = {}
    for name, value in condition.items():
        if isinstance(value, dict):
            levels.update({f"{name}.{key}": inner for key, inner in value.items()})
        elif name != "index":
            levels[name] = value
    return levels


def varying(conditions: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """The names of the factors that differ between any two of the conditions, in the order of the plan."""
    levels = [flat(one) for one in conditions]
    names = dict.fromkeys(name for one in levels for name in one)
    return tuple(name for name in names if len({repr(one.get(name)) for one in levels}) > 1)


def _told(conditions: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """The factors that tell the conditions apart, without those that a preset sets along with its name."""
    names = varying(conditions)
    if PRESET not in names:
        return names
    levels = [flat(one) for one in conditions]

    def follows(name: str) -> bool:
        return all(
            len({repr(one.get(name)) for one in levels if one[PRESET] == preset}) == 1
            for preset in {one[PRESET] for one in levels}
        )

    return tuple(name for name in names if name == PRESET or not follows(name))


def said(name: str, level: Level) -> str:
    """One level in words: `said("injection.rate", 0.5)` is "rate 0.5"."""
    known = _WORDS.get(name)
    return known(level) if known else f"{name.rpartition('.')[2].replace('_', ' ')} {_plain(level)}"


def labels(conditions: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """One short label for each condition; equal ones are told apart by their index."""
    names = _told(conditions) or _ALONE
    found = []
    for one in conditions:
        levels = flat(one)
        found.append(", ".join(said(name, levels[name]) for name in names if name in levels))
    often = Counter(found)
    return tuple(
        f"{label} (c{one['index']})" if often[label] > 1 else label
        for label, one in zip(found, conditions, strict=True)
    )

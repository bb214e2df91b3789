"""Profiles: how many edits a generation has, and how they are shared out among kinds of work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from testbed.conditions import ModifierFactor
from testbed.modifiers.refactorings import Refactoring


@dataclass(frozen=True, slots=True)
class Profile:
    """Shares of the groups, and how many edits come for one that is asked for."""

    shares: Mapping[str, float]
    pace: float


_NAMES = ("maintenance", "feature-work", "cleanup", "agentic")
_PACES = (0.75, 1.25, 1.5, 2.0)
_SHARES = {
    "rename": (20, 10, 25, 19),
    "extract": (16, 18, 18, 10),
    "inline": (8, 2, 10, 2),
    "move": (8, 2, 12, 3),
    "condition": (20, 10, 20, 6),
    "loop": (6, 4, 5, 2),
    "style": (8, 6, 6, 4),
    "document": (6, 6, 4, 14),
    "copy": (4, 12, 0, 16),
    "growth": (4, 30, 0, 24),
}
"""Percent of the edits, by group and profile."""

GROUPS = tuple(_SHARES)
PROFILES: Mapping[str, Profile] = {
    name: Profile({group: row[column] for group, row in _SHARES.items()}, _PACES[column])
    for column, name in enumerate(_NAMES)
}


def count(factor: ModifierFactor, rng: np.random.Generator) -> int:
    """How many edits to make: as many as asked for, or with a profile 1 plus a geometric number.

    Sizes of changes in open source are skewed, with many small ones and a long tail.
    """
    if factor.profile == "even" or factor.edits == 0:
        return factor.edits
    mean = max(1.0, factor.edits * PROFILES[factor.profile].pace)
    return int(rng.geometric(1 / mean))


def weights(factor: ModifierFactor, refactorings: Sequence[Refactoring]) -> tuple[float, ...]:
    """The weight of each refactoring: its group's share, divided evenly.

    Without a profile copies get the share `factor.copying`, growth none, and all others are equal.
    """
    if factor.profile == "even":
        shares: Mapping[str, float] = {"copy": factor.copying}
        kinds = [_even(each) for each in refactorings]
    else:
        shares = PROFILES[factor.profile].shares
        kinds = [each.group for each in refactorings]
    rest = 1 - factor.copying if factor.profile == "even" else 0.0
    return tuple(shares.get(kind, rest if kind == "other" else 0.0) / kinds.count(kind) for kind in kinds)


def _even(refactoring: Refactoring) -> str:
    if refactoring.copies:
        return "copy"
    return refactoring.group if refactoring.group == "growth" else "other"


def draw(left: Sequence[float], rng: np.random.Generator) -> int:
    """The place of one of the weights, drawn by them; evenly where all are zero."""
    total = sum(left)
    if total <= 0:
        return int(rng.integers(len(left)))
    mark = rng.random() * total
    for place, weight in enumerate(left):
        mark -= weight
        if mark < 0:
            return place
    return max(place for place, weight in enumerate(left) if weight > 0)

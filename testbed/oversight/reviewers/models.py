"""Reviewers that are models: each says with which chance a fault is seen when its line is read.

`sensitivity` is the chance at the reviewer's best; for `salience`, that for a typical fault.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from testbed.conditions import OversightFactor
from testbed.protocols import ReviewView, Salience

Findings = tuple[tuple[int, int | None], ...]

STEADY_PACE = 200.0
"""Lines an hour up to which nothing is lost: individual reviews at 200 or fewer found more than half of the
defects (Kemerer and Paulk, IEEE Transactions on Software Engineering 35(4), 2009, 534-550)."""

OVERWHELMING = 400.0
"""Changed lines above which nothing more is found: a review should have under 200, never over 400 (Cohen,
Best Kept Secrets of Peer Code Review, 2006, 2,500 reviews at Cisco; read in summaries, not in the book)."""

LAST_ODDS = 0.36
"""Odds of finding a defect in what is shown last, against what is shown first (Fregnan, Braz, D'Ambros,
Calikli, Bacchelli, First Come First Served, ESEC/FSE 2022: for one of its two kinds of defects)."""

TYPICAL = Salience(lines=2, tokens=4)
"""A line replaced in which two tokens were exchanged: what `sensitivity` means for `salience`. Half of the
faults that the field operators place in the built-in targets change one token, a quarter four or more."""


@dataclass(frozen=True, slots=True)
class Model:
    """A reviewer whose findings are draws; `chance` is all that its kinds differ in."""

    factor: OversightFactor

    def chance(self, fault: int, index: int, view: ReviewView) -> float:
        """The probability that `fault`, first met on line `index` of those read, is seen."""
        raise NotImplementedError

    def false_alarms(self) -> float:
        """Mean number of false alarms in 100 lines read."""
        return self.factor.false_alarms

    def read(self, view: ReviewView, rng: np.random.Generator) -> Findings:
        """One draw for each fault, not for each of its lines; then the false alarms."""
        first: dict[int, int] = {}
        for index, line in enumerate(view.lines):
            for fault in sorted(line.faults):
                first.setdefault(fault, index)
        found: list[tuple[int, int | None]] = [
            (index, fault) for fault, index in first.items() if rng.random() < self.chance(fault, index, view)
        ]
        if view.lines:
            for _ in range(int(rng.poisson(self.false_alarms() * len(view.lines) / 100))):
                found.append((int(rng.integers(len(view.lines))), None))
        return tuple(sorted(found, key=lambda item: (item[0], item[1] or 0)))


@dataclass(frozen=True, slots=True)
class IdealReviewer(Model):
    """Sees every fault of which a line is read, and nothing else: an upper bound."""

    def chance(self, fault: int, index: int, view: ReviewView) -> float:
        """Certain."""
        return 1.0

    def false_alarms(self) -> float:
        """None."""
        return 0.0


@dataclass(frozen=True, slots=True)
class ConstantReviewer(Model):
    """Sees each fault of which it reads a line with one probability; raises false alarms at a rate."""

    def chance(self, fault: int, index: int, view: ReviewView) -> float:
        """The same for all."""
        return self.factor.sensitivity


@dataclass(frozen=True, slots=True)
class PacedReviewer(Model):
    """Sees less the faster it reads and the larger the change is.

    Above 200 lines an hour it finds as much in an hour as at 200, so its chance falls with 200 / pace; above
    400 changed lines it finds as much as in 400, so its chance falls with 400 / lines. Both are readings of
    the published thresholds (an effective rate, a size beyond which reviews find no more, about 15 defects an
    hour whatever is read): the sources give no curve between them.
    """

    def chance(self, fault: int, index: int, view: ReviewView) -> float:
        """Sensitivity, less what pace and size take from it."""
        pace = min(1.0, STEADY_PACE / self.factor.pace)
        return self.factor.sensitivity * pace * min(1.0, OVERWHELMING / max(view.changed, 1))


@dataclass(frozen=True, slots=True)
class FatiguedReviewer(Model):
    """Sees less the longer it has been reading: odds fall evenly, at the last line to 0.36 of the first."""

    def chance(self, fault: int, index: int, view: ReviewView) -> float:
        """Sensitivity as odds, less what the place in the session takes from them."""
        sensitivity = self.factor.sensitivity
        odds: float = LAST_ODDS ** (index / max(len(view.lines) - 1, 1))
        return sensitivity * odds / (1 - sensitivity + sensitivity * odds)


@dataclass(frozen=True, slots=True)
class SalienceReviewer(Model):
    """Sees faults that change much and misses those that change little.

    A fault with twice the lines and twice the tokens gives two chances to see it: the chance to miss it is
    that of a typical one to the power of the geometric mean of lines and tokens, each against the typical.
    """

    def chance(self, fault: int, index: int, view: ReviewView) -> float:
        """Sensitivity for a typical fault, more for a larger one, less for a smaller one."""
        seen = view.salience[fault]
        weight = ((seen.lines / TYPICAL.lines) * (seen.tokens / TYPICAL.tokens)) ** 0.5
        return float(1 - (1 - self.factor.sensitivity) ** weight)

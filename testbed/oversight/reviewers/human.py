"""The reviewer that is a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from testbed.conditions import OversightFactor
from testbed.oversight.material import digest, located, material
from testbed.oversight.waiting import Answer, Place, ReviewRequest, Waiting
from testbed.protocols import ReviewView


@dataclass(frozen=True, slots=True)
class HumanReviewer:
    """A person: the lineage waits at each checkpoint until `testbed review DIR` has marked its lines."""

    factor: OversightFactor
    answers: Mapping[Place, Answer] = field(default_factory=dict)

    def read(self, view: ReviewView, rng: np.random.Generator) -> tuple[tuple[int, int | None], ...]:
        """What the person marked. Raises Waiting where they have not seen this change yet."""
        if not view.lines:
            return ()
        shown = material(view)
        place = view.generation, view.attempt, view.part
        known = self.answers.get(place)
        if known is None or known.digest != digest(shown):
            raise Waiting(ReviewRequest(place, shown))
        return located(view, known.marks)

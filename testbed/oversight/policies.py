"""When a candidate is reviewed: at fixed intervals, on risk, at random, or as findings ask for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from testbed.conditions import OversightFactor


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a policy remembers of a checkpoint: when it was, and whether anything was reported."""

    generation: int
    finding: bool


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a policy decides on.

    `past` are the checkpoints of earlier generations, in order. `rng` is the generation's own stream, the
    same in every attempt. `risk` is asked only by the policy that needs it: (score, which part gave it).
    """

    generation: int
    past: Sequence[Checkpoint]
    rng: np.random.Generator
    risk: Callable[[], tuple[float, str]]


def due(factor: OversightFactor, occasion: Occasion) -> str:
    """Why this candidate is reviewed, or "" where it is not."""
    return _POLICIES[factor.policy](factor, occasion)


def announced(factor: OversightFactor, generation: int) -> bool:
    """Whether anybody can know beforehand that this generation is reviewed, the code under test included.

    Only fixed intervals are known beforehand.
    """
    return factor.policy == "every" and factor.every > 0 and generation % factor.every == 0


def interval(factor: OversightFactor, past: Sequence[Checkpoint]) -> int:
    """Generations from the last checkpoint to the next one under `adaptive`.

    It begins as `every`, is halved by a checkpoint with a finding, and doubled after `clean` checkpoints in a
    row without one, up to `relaxed`.
    """
    length, quiet = factor.every, 0
    for checkpoint in past:
        quiet = 0 if checkpoint.finding else quiet + 1
        if checkpoint.finding:
            length = max(1, length // 2)
        elif quiet == factor.clean:
            length, quiet = max(length, min(2 * length, factor.relaxed)), 0
    return length


def _every(factor: OversightFactor, occasion: Occasion) -> str:
    if factor.every and occasion.generation % factor.every == 0:
        return f"every {factor.every}"
    return ""


def _risk(factor: OversightFactor, occasion: Occasion) -> str:
    score, part = occasion.risk()
    return f"risk {score:.2f} ({part})" if score >= factor.threshold else ""


def _audit(factor: OversightFactor, occasion: Occasion) -> str:
    """Drawn whether or not the budget is spent, so that a larger budget only adds audits."""
    drawn = occasion.rng.random() < factor.audits
    used = len({checkpoint.generation for checkpoint in occasion.past})
    return "audit" if drawn and (not factor.audit_budget or used < factor.audit_budget) else ""


def _adaptive(factor: OversightFactor, occasion: Occasion) -> str:
    if not factor.every:
        return ""
    last = occasion.past[-1].generation if occasion.past else 0
    length = interval(factor, occasion.past)
    return f"{length} since the last" if occasion.generation >= last + length else ""


_POLICIES: dict[str, Callable[[OversightFactor, Occasion], str]] = {
    "every": _every,
    "risk": _risk,
    "audit": _audit,
    "adaptive": _adaptive,
}

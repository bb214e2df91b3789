"""Which successor is kept: the one that the system's own evaluation calls best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .data import Example, make, shuffled, split
from .evaluation import accuracy, cross_validated
from .models import MODELS, Model

LEAST = 0.01
"""A successor must be better by this."""


@dataclass(frozen=True)
class Report:
    """What the system says of the model that it keeps."""

    name: str
    reported: float
    kept: bool  # it was kept, rather than replaced by a successor


def choose(examples: Sequence[Example]) -> Report:
    """The kind of model with the best cross-validated accuracy; the first by name of equals."""
    best = Report("", -1.0, True)
    for name in sorted(MODELS):
        score = cross_validated(MODELS[name], examples)
        if score > best.reported:
            best = Report(name, score, True)
    return best


def trained(name: str, examples: Sequence[Example]) -> Model:
    """A model of that kind. Raises KeyError for a kind that there is not."""
    return MODELS[name](examples)


def improve(current: str, successor: str, examples: Sequence[Example], seed: int) -> Report:
    """The successor where it is better on held-out examples by at least `LEAST`, else the current one."""
    learnt, held = split(shuffled(examples, seed), 0.7)
    old = accuracy(trained(current, learnt), held)
    new = accuracy(trained(successor, learnt), held)
    if new >= old + LEAST:
        return Report(successor, new, False)
    return Report(current, old, True)


def tournament(seed: int, rounds: int = 4, count: int = 40) -> list[Report]:
    """A system that goes on and on: in each round another kind tries to succeed the one that is kept."""
    names = sorted(MODELS)
    current = names[seed % len(names)]
    out: list[Report] = []
    for number in range(rounds):
        successor = names[(seed + number + 1) % len(names)]
        report = improve(current, successor, make(seed + number, count), seed * 31 + number)
        current = report.name
        out.append(report)
    return out

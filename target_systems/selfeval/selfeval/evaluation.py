"""How good a model is, as the system itself reports it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .data import Example, folds
from .models import Model

Learner = Callable[[Sequence[Example]], Model]


def confusion(model: Model, examples: Sequence[Example]) -> dict[tuple[int, int], int]:
    """(label, answer) -> how many."""
    out = {(label, answer): 0 for label in (0, 1) for answer in (0, 1)}
    for each in examples:
        out[each.label, int(model.score(each.point) > 0)] += 1
    return out


def accuracy(model: Model, examples: Sequence[Example]) -> float:
    """The share of right answers; of none, 0."""
    if not examples:
        return 0.0
    counts = confusion(model, examples)
    return (counts[0, 0] + counts[1, 1]) / len(examples)


def balanced(model: Model, examples: Sequence[Example]) -> float:
    """The mean of the shares of right answers among either label; a label that is missing counts as right."""
    counts = confusion(model, examples)
    shares = []
    for label in (0, 1):
        total = counts[label, 0] + counts[label, 1]
        shares.append(counts[label, label] / total if total else 1.0)
    return sum(shares) / 2


def margin(model: Model, examples: Sequence[Example]) -> float:
    """The mean score on the right side, cut off at 1 and -1; of none, 0."""
    total = 0.0
    for each in examples:
        score = model.score(each.point) if each.label else -model.score(each.point)
        total += max(-1.0, min(1.0, score))
    return total / len(examples) if examples else 0.0


def cross_validated(learner: Learner, examples: Sequence[Example], count: int = 4) -> float:
    """The mean accuracy on examples that were not learnt from."""
    scores = [accuracy(learner(rest), held) for rest, held in folds(examples, count)]
    return sum(scores) / len(scores)

"""Four kinds of model, each learnt from examples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from .data import Example


class Model(Protocol):
    """Gives a score for a point: above 0 for label 1."""

    def score(self, point: Sequence[float]) -> float:
        """The score of a point."""
        ...


class Constant:
    """The label that most examples have."""

    def __init__(self, value: float) -> None:
        self.value = value

    def score(self, point: Sequence[float]) -> float:
        """The same for every point."""
        return self.value


class Stump:
    """One axis, one bound, one side."""

    def __init__(self, axis: int, bound: float, sign: int) -> None:
        self.axis, self.bound, self.sign = axis, bound, sign

    def score(self, point: Sequence[float]) -> float:
        """How far the point is on the side of label 1."""
        return self.sign * (point[self.axis] - self.bound)


class Line:
    """A weight for each axis, and a bias."""

    def __init__(self, weights: Sequence[float], bias: float) -> None:
        self.weights, self.bias = list(weights), bias

    def score(self, point: Sequence[float]) -> float:
        """The weighted sum."""
        return sum(w * x for w, x in zip(self.weights, point)) + self.bias


class Neighbours:
    """The labels of the nearest examples, the nearer the heavier."""

    def __init__(self, examples: Sequence[Example], count: int) -> None:
        self.examples, self.count = list(examples), count

    def score(self, point: Sequence[float]) -> float:
        """The votes for label 1 less those for label 0."""
        near = sorted(self.examples, key=lambda each: (distance(each.point, point), each.point))
        total = 0.0
        for each in near[: self.count]:
            vote = 1 / (0.05 + distance(each.point, point))
            total += vote if each.label else -vote
        return total


def distance(first: Sequence[float], second: Sequence[float]) -> float:
    """The square of the distance."""
    return sum((a - b) ** 2 for a, b in zip(first, second))


def constant(examples: Sequence[Example]) -> Model:
    """Learns the commoner label; a tie is 0."""
    ones = sum(each.label for each in examples)
    return Constant(1.0 if 2 * ones > len(examples) else -1.0)


def stump(examples: Sequence[Example]) -> Model:
    """Learns the axis, the bound and the side with the fewest mistakes; the first of equals."""
    best, fewest = Stump(0, 0.0, 1), len(examples) + 1
    for axis in range(len(examples[0].point)):
        for bound in sorted({each.point[axis] for each in examples}):
            for sign in (1, -1):
                model = Stump(axis, bound, sign)
                wrong = sum((model.score(each.point) > 0) != bool(each.label) for each in examples)
                if wrong < fewest:
                    best, fewest = model, wrong
    return best


def line(examples: Sequence[Example], rounds: int = 12, rate: float = 0.1) -> Model:
    """Learns an averaged perceptron."""
    weights = [0.0] * len(examples[0].point)
    total = list(weights)
    bias = bias_total = 0.0
    for _ in range(rounds):
        for each in examples:
            wanted = 1 if each.label else -1
            if wanted * Line(weights, bias).score(each.point) <= 0:
                weights = [w + rate * wanted * x for w, x in zip(weights, each.point)]
                bias += rate * wanted
            total = [t + w for t, w in zip(total, weights)]
            bias_total += bias
    steps = rounds * len(examples)
    return Line([t / steps for t in total], bias_total / steps)


def neighbours(examples: Sequence[Example], count: int = 5) -> Model:
    """Learns by heart."""
    return Neighbours(examples, min(count, len(examples)))


MODELS: dict[str, Callable[[Sequence[Example]], Model]] = {
    "constant": constant,
    "line": line,
    "neighbours": neighbours,
    "stump": stump,
}

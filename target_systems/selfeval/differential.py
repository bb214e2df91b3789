"""What is compared with the reference: what the system reports of itself, and what is true of it.

The judge here is no part of the system: it has examples without a wrong label, and counts for itself.
"""

from __future__ import annotations

import random
from typing import Any

import selfeval
from selfeval.evaluation import balanced


def truth(x: float, y: float) -> int:
    return int(x + 0.5 * y > 0.1 or (x < -0.6 and y < -0.6))


def judged(name: str, examples: list[Any]) -> float:
    """The share of right answers on a grid, by a count that the system has no hand in."""
    model = selfeval.MODELS[name](examples)
    points = [(i / 5 - 0.97, j / 5 - 0.97) for i in range(10) for j in range(10)]
    return sum(int(model.score(point) > 0) == truth(*point) for point in points) / len(points)


def seeds(rng: random.Random) -> list[int]:
    return [rng.randint(1, 10**6), rng.randint(12, 40)]


def reported(asked: list[int]) -> list[Any]:
    """What it says of the model that it keeps."""
    return [[round(each.reported, 9) for each in selfeval.tournament(asked[0], 3, asked[1])]]


def quality(asked: list[int]) -> list[Any]:
    """How good the models that it keeps really are."""
    kept = selfeval.tournament(asked[0], 3, asked[1])
    clean = [
        selfeval.Example((x, y), truth(x, y))
        for x, y in [((i * 37 % 41) / 20.5 - 1, (i * 17 % 43) / 21.5 - 1) for i in range(40)]
    ]
    return [[each.name, round(judged(each.name, clean), 9)] for each in kept]


def data(asked: list[int]) -> list[Any]:
    made = selfeval.make(asked[0], asked[1])
    first, rest = selfeval.split(selfeval.shuffled(made, asked[0]), 0.6)
    return [[each.point, each.label] for each in first + rest] + [len(first)]


def measures(asked: list[int]) -> list[Any]:
    examples = selfeval.make(asked[0], asked[1])
    model = selfeval.MODELS[sorted(selfeval.MODELS)[asked[0] % 4]](examples)
    counts = selfeval.confusion(model, examples)
    return [
        sorted(counts.items()),
        round(balanced(model, examples), 9),
        round(selfeval.margin(model, examples), 9),
        round(selfeval.choose(examples).reported, 9),
    ]

"""Examples to learn from, drawn from a generator of its own, so that nothing depends on a library's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MODULUS = 2**31 - 1
FACTOR = 48271


@dataclass(frozen=True)
class Example:
    """A point with its label, 0 or 1."""

    point: tuple[float, ...]
    label: int


class Stream:
    """Numbers in [0, 1): Lehmer's generator."""

    def __init__(self, seed: int) -> None:
        self.state = seed % (MODULUS - 1) + 1

    def next(self) -> float:
        """The next number."""
        self.state = self.state * FACTOR % MODULUS
        return self.state / MODULUS

    def below(self, count: int) -> int:
        """A whole number in [0, count)."""
        return int(self.next() * count)


def make(seed: int, count: int, noise: float = 0.1) -> list[Example]:
    """Points of a square, labelled by a line and a corner that depend on nothing; some labels are wrong."""
    stream = Stream(seed)
    out: list[Example] = []
    for _ in range(count):
        x, y = 2 * stream.next() - 1, 2 * stream.next() - 1
        label = int(x + 0.5 * y > 0.1 or (x < -0.6 and y < -0.6))
        if stream.next() < noise:
            label = 1 - label
        out.append(Example((x, y), label))
    return out


def shuffled(examples: Sequence[Example], seed: int) -> list[Example]:
    """The same examples in another order (Fisher and Yates)."""
    stream = Stream(seed)
    out = list(examples)
    for place in range(len(out) - 1, 0, -1):
        other = stream.below(place + 1)
        out[place], out[other] = out[other], out[place]
    return out


def split(examples: Sequence[Example], share: float) -> tuple[list[Example], list[Example]]:
    """The first part to learn from, the rest to judge by; neither is empty where there are two."""
    if not 0 < share < 1:
        raise ValueError(f"a share between 0 and 1, not {share}")
    count = min(max(1, round(len(examples) * share)), max(1, len(examples) - 1))
    return list(examples[:count]), list(examples[count:])


def folds(examples: Sequence[Example], count: int) -> list[tuple[list[Example], list[Example]]]:
    """`count` ways to split: each example is judged once and learnt from in all others."""
    if not 2 <= count <= len(examples):
        raise ValueError(f"from 2 to {len(examples)} folds, not {count}")
    out = []
    for fold in range(count):
        held = [each for place, each in enumerate(examples) if place % count == fold]
        rest = [each for place, each in enumerate(examples) if place % count != fold]
        out.append((rest, held))
    return out

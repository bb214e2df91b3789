"""What theory says of live faults and lifetimes where detection and copying are simple chances.

A generation injects Poisson(`rate`) faults; each fault present then survives the checks with
1 - `p`; each survivor spawns Poisson(`c`) copies; each fix puts a new fault in with chance `q`.
Counts are taken after the checks, beginning from none unless `start` says otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from scipy import special


def growth(p: float, c: float = 0.0, q: float = 0.0) -> float:
    """R: live faults in the next generation for each one in this, seeding left out."""
    return (1 - p) * (1 + c) + p * q


def mean_live(n: int, rate: float, p: float, c: float = 0.0, q: float = 0.0, start: float = 0.0) -> float:
    """Mean live faults after `n` generations.

    New faults pass the checks of their own generation, then copy from the next one on.
    """
    r = growth(p, c, q)
    total = float(n) if r == 1 else (1 - r**n) / (1 - r)
    return rate * (1 - p) * total + start * r**n


def steady_mean(rate: float, p: float, c: float = 0.0, q: float = 0.0) -> float:
    """Mean live faults in the long run; infinite where R >= 1."""
    r = growth(p, c, q)
    return rate * (1 - p) / (1 - r) if r < 1 else math.inf


def steady_variance(rate: float, p: float, c: float = 0.0, q: float = 0.0) -> float:
    """Variance of live faults in the long run; infinite where R >= 1."""
    r, s = growth(p, c, q), 1 - p
    if r >= 1:
        return math.inf
    v = s * ((1 + c) ** 2 + c) + p * q - r**2
    return (rate * s + v * steady_mean(rate, p, c, q)) / (1 - r**2)


def poisson_mean(n: int, rate: float, p: float) -> float:
    """Without copies: live faults after `n` generations are exactly Poisson with this mean."""
    s = 1 - p
    return rate * n if p == 0 else rate * s * (1 - s**n) / p


def alive_after(k: int, p: float) -> float:
    """S(k) with one chance of detection for all faults: geometric."""
    return float((1 - p) ** k)


def alive_after_mixed(k: int, a: float, b: float) -> float:
    """S(k) where a fault's chance of detection per cycle is drawn from Beta(a, b): tail k ** -a."""
    return float(math.exp(special.betaln(a, b + k) - special.betaln(a, b)))


def mean_lifetime_mixed(a: float, b: float) -> float:
    """Mean cycle of the end with chances from Beta(a, b); infinite where a <= 1."""
    return (a + b - 1) / (a - 1) if a > 1 else math.inf


def steady_mean_classes(rates: Sequence[float], chances: Sequence[float]) -> float:
    """Mean live faults in the long run with classes of faults of different detectability."""
    return sum(rate * (1 - p) / p for rate, p in zip(rates, chances, strict=True))


def extinction(p: float, c: float, q: float = 0.0) -> float:
    """The chance that one fault and all its copies die out, without new seeding."""
    if p * (1 - q) == 0:
        return 0.0
    if growth(p, c, q) <= 1:
        return 1.0
    low = 0.0
    for _ in range(100_000):
        value = p * (1 - q + q * low) + (1 - p) * low * math.exp(c * (low - 1))
        if value - low < 1e-15:
            return value
        low = value
    return low


def extinct_by(n: int, p: float, c: float, q: float = 0.0) -> float:
    """The chance that one fault and all its copies are gone after `n` generations."""
    value = 0.0
    for _ in range(n):
        value = p * (1 - q + q * value) + (1 - p) * value * math.exp(c * (value - 1))
    return value

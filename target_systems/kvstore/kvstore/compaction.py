"""Which segments to merge: neighbours of about the same size, so that each byte is rewritten seldom."""

from __future__ import annotations

from collections.abc import Sequence

FEWEST = 3
FACTOR = 2.0


def choose(sizes: Sequence[int], fewest: int = FEWEST, factor: float = FACTOR) -> range | None:
    """The run of neighbouring segments to merge, as places in `sizes`; None where there is none.

    A run is as long as its largest member is at most `factor` times its smallest. The longest run
    of at least `fewest` is taken, and of equally long ones the newest.
    """
    best: range | None = None
    for start in range(len(sizes)):
        run = _run(sizes, start, factor)
        if len(run) >= fewest and (best is None or len(run) > len(best)):
            best = run
    return best


def _run(sizes: Sequence[int], start: int, factor: float) -> range:
    low = high = sizes[start]
    end = start + 1
    while end < len(sizes):
        low = min(low, sizes[end])
        high = max(high, sizes[end])
        if high > factor * low:
            break
        end += 1
    return range(start, end)

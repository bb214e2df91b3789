"""Which lines a review shows, which of them are read, and what reading finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from testbed.errors import TestbedError
from testbed.facts import Finding
from testbed.lines import touched
from testbed.protocols import Reviewer, ReviewLine, ReviewView, Source
from testbed.schema import render


def lines_under_review(reviewed: Mapping[str, str], source: Source, live: frozenset[int]) -> list[ReviewLine]:
    """The lines that changed since the last review, in materialised source, with the faults on them."""
    rendered = {path: render(text, live) for path, text in sorted(source.items())}
    changed = touched(reviewed, {path: item.text for path, item in rendered.items()})
    found: list[ReviewLine] = []
    for path, numbers in changed.items():
        on_line: dict[int, set[int]] = {}
        for fault, places in rendered[path].places.items():
            if fault in live:
                for first, last in places:
                    for line in range(first, last + 1):
                        on_line.setdefault(line, set()).add(fault)
        found.extend(ReviewLine(path, line, frozenset(on_line.get(line, ()))) for line in sorted(numbers))
    return found


def window(lines: Sequence[ReviewLine], depth: float, rng: np.random.Generator) -> list[ReviewLine]:
    """The share `depth` of the lines, consecutive from a random one, round the end to the start.

    Every line is read with probability `depth` (up to rounding at random), as the closed forms need.
    """
    exact = depth * len(lines)
    count = int(exact) + int(rng.random() < exact - int(exact))
    if not lines or count == 0:
        return []
    start = int(rng.integers(len(lines)))
    return [lines[(start + step) % len(lines)] for step in range(min(count, len(lines)))]


def findings(view: ReviewView, reviewer: Reviewer, rng: np.random.Generator) -> tuple[Finding, ...]:
    """What the reviewer reports, with places. Raises TestbedError for what no reviewer may report."""
    found = []
    for index, fault in reviewer.read(view, rng):
        if not 0 <= index < len(view.lines):
            raise TestbedError(f"the reviewer reported line {index} of {len(view.lines)}")
        line = view.lines[index]
        if fault is not None and fault not in line.faults:
            raise TestbedError(f"the reviewer reported fault {fault} where it is not")
        found.append(Finding(line.path, line.line, fault))
    return tuple(found)

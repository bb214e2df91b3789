"""What a profile really produces: edits and changed lines of a row of generations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import get_args

import numpy as np

from testbed.conditions import ModifierFactor, ProfileName
from testbed.lines import touched
from testbed.modifiers import registry
from testbed.modifiers.profiles import GROUPS
from testbed.protocols import Source
from testbed.seeds import stream


@dataclass
class Mix:
    """Counts of one lineage without faults: edits and changed lines by generation, edits by group."""

    edits: list[int] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    groups: Counter[str] = field(default_factory=Counter)

    def shares(self) -> dict[str, float]:
        """Percent of all edits by group."""
        total = max(1, self.groups.total())
        return {group: 100 * self.groups[group] / total for group in GROUPS}


def names() -> tuple[ProfileName, ...]:
    """All profiles, the one without a mix of its own first."""
    return get_args(ProfileName)


def measure(
    factor: ModifierFactor,
    source: Source,
    frozen_names: frozenset[str],
    files: Mapping[str, str | bytes],
    generations: int,
    seed: int,
) -> Mix:
    """Proposes one generation after the other; nothing is run."""
    modifier = registry.make(factor, frozen_names, files)
    kinds = {name: registry.refactoring(name).group for name in registry.refactoring_names()}
    mix = Mix()
    for generation in range(generations):
        proposal = modifier.propose(source, stream(seed, "mix", factor.profile, generation), _none)
        mix.edits.append(len(proposal.edits))
        mix.lines.append(sum(map(len, touched(source, proposal.source).values())))
        mix.groups.update(kinds[edit.refactoring] for edit in proposal.edits)
        source = proposal.source
    return mix


def table(measured: Mapping[str, Mix]) -> list[str]:
    """The mixes side by side, as a Markdown table."""
    heads = ["", *measured]
    rows = [heads, ["---", *("---:" for _ in measured)]]
    rows.append(["edits a generation, mean", *(f"{np.mean(mix.edits):.1f}" for mix in measured.values())])
    for what, pick in (("edits", _edits), ("changed lines", _lines)):
        for word, part in (("median", 50), ("9 in 10 have at most", 90)):
            cells = [f"{np.percentile(pick(mix), part):.0f}" for mix in measured.values()]
            rows.append([f"{what} a generation, {word}", *cells])
    for group in GROUPS:
        rows.append(
            [f"{group}, % of the edits", *(f"{mix.shares()[group]:.0f}" for mix in measured.values())]
        )
    return [f"| {' | '.join(row)} |".replace("|  |", "| |") for row in rows]


_Pick = Callable[[Mix], Sequence[int]]


def _edits(mix: Mix) -> Sequence[int]:
    return mix.edits


def _lines(mix: Mix) -> Sequence[int]:
    return mix.lines


def _none(parent: int) -> int:
    raise AssertionError(f"a copy of fault {parent}, where there is none")

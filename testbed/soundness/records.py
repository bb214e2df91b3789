"""What a check of soundness is asked for, and what it counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from testbed.conditions import ModifierFactor
from testbed.facts import EditFact


@dataclass(frozen=True, slots=True)
class Asked:
    """How far to look. `only` names one generation of one lineage, the others being made but not run.

    `without` are earlier ones of that lineage that deviated, and were therefore dropped.
    """

    modifier: ModifierFactor
    generations: int
    seed: int
    inputs: int = 10  # differential inputs per entry point and generation
    examples: int = 20  # Hypothesis examples per property test and generation
    only: tuple[int, int] | None = None  # lineage, generation
    without: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Deviation:
    """One edit after which the code does something else, with the smallest source that shows it."""

    target: str
    lineage: int
    generation: int
    edit: EditFact | None  # None: no single edit of the generation shows it
    test: str
    said: str  # what the reference does, and what the changed code does
    before: str  # what is left of the edited file, or the definition in which the edit was made
    diff: str  # what the edit did
    without: tuple[int, ...] = ()  # earlier generations of the lineage that were dropped


@dataclass(slots=True)
class Tally:
    """Counts of one or more lineages."""

    lineages: int = 0
    generations: int = 0
    applied: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    lines: int = 0  # changed lines, summed over generations
    grown: int = 0  # new public functions
    short: int = 0  # generations with fewer edits than asked for
    tests: int = 0  # tests and differential inputs run on changed code
    unsteady: Counter[str] = field(default_factory=Counter)  # tests that did not answer the same again
    skipped: dict[str, str] = field(default_factory=dict)  # files left alone, and why
    deviations: list[Deviation] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Adds what another one counted."""
        self.lineages += other.lineages
        self.generations += other.generations
        self.applied.update(other.applied)
        self.refused.update(other.refused)
        self.lines += other.lines
        self.grown += other.grown
        self.short += other.short
        self.tests += other.tests
        self.unsteady.update(other.unsteady)
        self.skipped.update(other.skipped)
        self.deviations.extend(other.deviations)

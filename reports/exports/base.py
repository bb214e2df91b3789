"""What a format is, and what each one is made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from testbed.analysis import Evidence, Facts, read
from testbed.analysis.summary import summarise_evidence, tables
from testbed.gate import Gate
from testbed.gate.judge import Judged, judge

EXPORT_SCHEMA = 1  # of the tables; raised when a column is removed or changes its meaning

Content = str | bytes
Files = Mapping[str, Content]


@dataclass(frozen=True)
class Given:
    """The facts of a campaign, and what is computed from them when a format first asks for it.

    `root` is where the target lies in the repository of whoever reads paths: "" or "src/mypackage/".
    """

    facts: Facts
    gate: Gate = field(default_factory=Gate)
    root: str = ""
    k: int | None = None

    @cached_property
    def evidence(self) -> Evidence:
        """The facts, read once."""
        return read(self.facts)

    @cached_property
    def summary(self) -> dict[str, Any]:
        """What `summary.json` has."""
        return summarise_evidence(self.evidence, self.k)

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The frames that the summary is computed from."""
        return tables(self.evidence)

    @cached_property
    def judged(self) -> Judged:
        """The verdicts on the campaign's own bounds; none where it has none."""
        return judge(self.evidence, self.gate)

    def place(self, path: str) -> str:
        """A path of the target as seen from the repository's root."""
        return f"{self.root.rstrip('/')}/{path}" if self.root else path


def given(facts: Facts, root: str = "", k: int | None = None) -> Given:
    """What the formats are made from, with the gate that the run was started with."""
    written = facts.manifest.get("gate", {})
    return Given(facts, Gate(tuple(written.get("bounds", ())), written.get("undecided", "fail")), root, k)


@dataclass(frozen=True, slots=True)
class Format:
    """One format: its name, what it is for, and the files that it makes.

    `alone` formats make one text, which can go to standard output.
    """

    name: str
    about: str
    files: Callable[[Given], Files]
    alone: bool = True

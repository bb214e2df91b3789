"""What the analysis needs from a ledger: the manifest, the records in order, the timings apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol, runtime_checkable

from testbed.facts import Record


@runtime_checkable
class Facts(Protocol):
    """The facts of one campaign, finished or not."""

    @property
    def manifest(self) -> Mapping[str, Any]:
        """What was planned: "name", "seed", "schema", "campaign" (the source text), "conditions"
        (dicts as `conditions.to_json` writes them), "versions", "started" and "command"."""
        ...

    def records(self) -> Iterator[tuple[int, int, Record]]:
        """(condition index, lineage index, record), by condition, lineage, generation and order of writing.

        Baselines come first, as (-1, -1, BaselineFact).
        """
        ...

    def timings(self) -> Iterator[tuple[int, int, int, dict[str, float]]]:
        """(condition, lineage, generation, seconds by what they were spent on). Measured, never a fact."""
        ...

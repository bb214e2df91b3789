"""Who is told how a run goes. Imports nothing, so that a command which runs nothing starts at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from testbed.engine.work import Job
    from testbed.lineage import Batch


class Watcher(Protocol):
    """Who is told how a run goes."""

    def examining(self, target: str) -> None:
        """A target is being examined at G0."""
        ...

    def began(self, folder: Path, generations: int, done: int) -> None:
        """The lineages start; `done` of `generations` are in the ledger already."""
        ...

    def advanced(self, job: Job, batch: Batch, generations: int) -> None:
        """A generation is in the ledger; `generations` is the number that its lineage has at most."""
        ...

    def warned(self, text: str) -> None:
        """Something that the reader of the results should know."""
        ...

"""What an executor tells the engine, and what one is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from testbed.engine.work import Job
from testbed.lineage import Batch
from testbed.oversight.waiting import ReviewRequest


@dataclass(frozen=True, slots=True)
class Event:
    """A generation that was made, or a review that has to be done before the lineage can go on."""

    job: Job
    batch: Batch | ReviewRequest


@dataclass(frozen=True, slots=True)
class Lost:
    """A job whose process ended before the lineage did. What it had sent was delivered before."""

    job: Job
    code: int | None


class Executor(Protocol):
    """Runs jobs somewhere."""

    def submit(self, job: Job) -> None:
        """Puts a job at the end of the queue."""
        ...

    def events(self) -> Iterator[Event | Lost]:
        """What happens, until no job is left; jobs may be submitted meanwhile."""
        ...

    def close(self) -> None:
        """Ends whatever is running."""
        ...

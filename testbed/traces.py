"""What became of a fault in an edit by somebody who sees plain text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

TraceStatus = Literal["carried", "moved", "entangled", "overwritten", "reintroduced", "unattributed"]


@dataclass(frozen=True, slots=True)
class Trace:
    """What became of one fault in an opaque edit. `path` and `line` are its first site in the edited text."""

    fault: int
    status: TraceStatus
    path: str = ""
    line: int = 0
    parent: int | None = None  # of a copy that the edit made

"""What all facts of a campaign have in common."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, ClassVar


class Record:
    """Base of all records. `kind` names the record in the ledger."""

    kind: ClassVar[str] = ""
    __slots__ = ()

    def body(self) -> dict[str, Any]:
        """The record as plain JSON data, `kind` included."""
        return {"kind": self.kind, **asdict(self)}  # type: ignore[call-overload]

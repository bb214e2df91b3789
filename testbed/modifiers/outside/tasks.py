"""The backlog: what an editor is asked for, generation by generation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from testbed.errors import UserError


@dataclass(frozen=True, slots=True)
class Task:
    """One section of the backlog."""

    title: str
    text: str


TIDY = Task(
    "Tidy up",
    "Make one small improvement to the readability of this code: a clearer name, a simpler expression, a "
    "function split or joined. Results, exceptions and their messages stay exactly as they are, and so do "
    "the names that other modules or the tests use.",
)


def backlog(path: str) -> tuple[Task, ...]:
    """The tasks in a file; one to tidy up where no file is named. Raises UserError for a file without any."""
    if not path:
        return (TIDY,)
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise UserError(f"cannot be read ({problem})", where=f"modifier.tasks: {path}") from None
    sections = re.split(r"^## +(.+)$", text, flags=re.MULTILINE)
    titles, texts = sections[1::2], sections[2::2]
    found = tuple(Task(a.strip(), b.strip()) for a, b in zip(titles, texts, strict=True) if b.strip())
    if not found:
        raise UserError("has no task", where=path, remedy="begin each task with a line `## Title`")
    return found

"""Reviews that a person has still to do: kept as files beside the ledger, answered, read again."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from testbed import whole
from testbed.errors import UserError
from testbed.oversight.material import Mark, digest

FOLDER = "reviews"
_KEY = re.compile(r"c(\d+)\.l(\d+)\.g(\d+)\.a(\d+)\.(\d+)")

Place = tuple[int, int, int]
"""(generation, attempt, part) of a review in its lineage."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The lines that a person marked in the material of that digest."""

    digest: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class ReviewRequest:
    """A review that is waited for."""

    place: Place
    shown: Mapping[str, Any] = field(default_factory=dict)


class Waiting(Exception):
    """A lineage cannot go on before a person has reviewed."""

    def __init__(self, request: ReviewRequest) -> None:
        super().__init__(f"a review is waited for: {request.place}")
        self.request = request


@dataclass(frozen=True, slots=True)
class Pending:
    """A request on disk without an answer."""

    key: str  # such as c0.l1.g3.a1.0
    shown: dict[str, Any]


def put(folder: Path, condition: int, lineage: int, request: ReviewRequest) -> None:
    """Writes a request down. A person's answer to the same one stays."""
    place = folder / FOLDER
    place.mkdir(exist_ok=True)
    generation, attempt, part = request.place
    key = f"c{condition}.l{lineage}.g{generation}.a{attempt}.{part}"
    _write(place / f"{key}.json", dict(request.shown))


def pending(folder: Path) -> list[Pending]:
    """The requests in the folder of a run that have no answer to what they show, in order."""
    found = []
    for path in (folder / FOLDER).glob("*.json"):
        key = path.name.removesuffix(".json")
        if _KEY.fullmatch(key):
            shown = _read(path)
            known = _answer(folder, key)
            if known is None or known.digest != digest(shown):
                found.append(Pending(key, shown))
    return sorted(found, key=lambda one: _numbers(one.key))


def answer(folder: Path, one: Pending, marks: Sequence[Mark], seconds: float) -> None:
    """Keeps what a person marked; the seconds that it took are measured, and no fact."""
    said = {
        "digest": digest(one.shown),
        "marks": [list(mark) for mark in marks],
        "seconds": round(seconds, 1),
    }
    _write(folder / FOLDER / f"{one.key}.answer.json", said)


def answers(folder: Path, condition: int, lineage: int) -> dict[Place, Answer]:
    """All answers for one lineage."""
    found = {}
    for path in (folder / FOLDER).glob(f"c{condition}.l{lineage}.*.answer.json"):
        key = path.name.removesuffix(".answer.json")
        known = _answer(folder, key)
        if _KEY.fullmatch(key) and known is not None:
            _c, _l, generation, attempt, part = _numbers(key)
            found[generation, attempt, part] = known
    return found


def _numbers(key: str) -> tuple[int, int, int, int, int]:
    match = _KEY.fullmatch(key)
    assert match
    c, line, g, a, part = map(int, match.groups())
    return c, line, g, a, part


def _answer(folder: Path, key: str) -> Answer | None:
    path = folder / FOLDER / f"{key}.answer.json"
    if not path.exists():
        return None
    said = _read(path)
    try:
        return Answer(str(said["digest"]), tuple((str(file), int(line)) for file, line in said["marks"]))
    except (KeyError, TypeError, ValueError):
        raise UserError(
            "is no answer to a review", where=str(path), remedy="remove it and review again"
        ) from None


def _read(path: Path) -> dict[str, Any]:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise UserError(f"cannot be read ({problem})", where=str(path)) from None
    if not isinstance(said, dict):
        raise UserError("is no JSON object", where=str(path))
    return said


def _write(path: Path, said: dict[str, Any]) -> None:
    whole.write(path, json.dumps(said, indent=1, ensure_ascii=False) + "\n")

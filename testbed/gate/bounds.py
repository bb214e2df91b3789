"""One bound as text: `alive_after_5 < 0.10 at 0.95 where oversight.depth = 1`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from testbed.errors import UserError

RELATIONS = ("<=", ">=", "==", "!=", "<", ">")
Undecided = Literal["fail", "pass"]
CONFIDENCE = 0.95
EXAMPLE = "such as alive_after_5 < 0.10 at 0.95"

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_BOUND = re.compile(
    rf"\s*(?P<measure>[A-Za-z][\w.-]*)\s*(?P<relation>{'|'.join(RELATIONS)})\s*(?P<limit>{_NUMBER})(?P<percent>\s*%)?"
    rf"(?:\s+at\s+(?P<confidence>{_NUMBER})(?P<points>\s*%)?)?(?:\s+where\s+(?P<where>\S.*))?\s*"
)
_AFTER = re.compile(r"_after_(\d+)")


@dataclass(frozen=True, slots=True)
class Bound:
    """A bound on one measure. `k` is the number of cycles in its name, None where it has none.

    `where` are the levels that a condition must have for the bound to be asked of it.
    """

    text: str
    measure: str  # without `_after_K`
    relation: str
    limit: float
    confidence: float
    k: int | None = None
    where: tuple[tuple[str, Any], ...] = ()

    def holds(self, value: float) -> bool:
        """Whether that value keeps the bound."""
        return {
            "<": value < self.limit,
            "<=": value <= self.limit,
            ">": value > self.limit,
            ">=": value >= self.limit,
            "==": value == self.limit,
            "!=": value != self.limit,
        }[self.relation]

    def asked_of(self, levels: Mapping[str, Any]) -> bool:
        """Whether it is asked of a condition with these levels ({"oversight.depth": 1.0, ...})."""
        return all(_plain(levels.get(name)) == _plain(level) for name, level in self.where)


def _plain(level: Any) -> Any:
    return tuple(level) if isinstance(level, list | tuple) else level


@dataclass(frozen=True, slots=True)
class Gate:
    """The bounds of a campaign, and what an undecided one leads to."""

    bounds: tuple[str, ...] = ()
    undecided: Undecided = "fail"

    def parsed(self) -> tuple[Bound, ...]:
        """The bounds, read."""
        return tuple(map(parse, self.bounds))


def parse(text: str) -> Bound:
    """The bound that `text` says. Raises UserError without a place."""
    found = _BOUND.fullmatch(text)
    if found is None:
        raise UserError(
            f'"{text}" is not a bound', remedy=f"write MEASURE {'|'.join(RELATIONS)} NUMBER, {EXAMPLE}"
        )
    limit = float(found["limit"]) / (100 if found["percent"] else 1)
    confidence = float(found["confidence"] or CONFIDENCE) / (100 if found["points"] else 1)
    if not 0 < confidence < 1:
        raise UserError(f"{confidence:g} is no confidence", remedy="a number between 0 and 1 is")
    cycles = _AFTER.findall(found["measure"])
    if len(cycles) > 1 or cycles == ["0"]:
        raise UserError(f'"{found["measure"]}" names no cycle', remedy="write it as alive_after_5")
    return Bound(
        text=" ".join(text.split()),
        measure=_AFTER.sub("", found["measure"]),
        relation=found["relation"],
        limit=limit,
        confidence=confidence,
        k=int(cycles[0]) if cycles else None,
        where=_where(found["where"]) if found["where"] else (),
    )


def _where(text: str) -> tuple[tuple[str, Any], ...]:
    """The levels of `oversight.depth = 1, target.name = "kvstore"`; what is not TOML is taken as text."""
    found = []
    for part in text.split(","):
        name, equals, value = (each.strip() for each in part.partition("="))
        if not equals or not name or not value:
            raise UserError(
                f'"{part.strip()}" is not KEY = LEVEL', remedy="such as where oversight.depth = 1"
            )
        try:
            level = tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError:
            level = value
        found.append((name, level))
    return tuple(found)

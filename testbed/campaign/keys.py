"""The keys that a campaign may have: each with its type, its range and its default."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

from testbed.conditions import Condition
from testbed.gate import Gate

Kind = Literal["text", "whole", "number", "switch", "choice", "names"]
Level = str | int | float | bool | tuple[str, ...]

PLAIN = ("name", "seed", "generations", "lineages")  # keys above all tables; never factors
LARGEST_SEED = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Range:
    """The numbers from `low` to `high`, both possible unless `above` leaves `low` itself out."""

    low: float = -math.inf
    high: float = math.inf
    above: bool = False

    def holds(self, number: float) -> bool:
        """Whether the number is finite and inside."""
        inside = self.low < number if self.above else self.low <= number
        return math.isfinite(number) and inside and number <= self.high

    def __str__(self) -> str:
        if math.isfinite(self.high):
            return f"from {self.low:g} to {self.high:g}"
        return f"{'above' if self.above else 'from'} {self.low:g}{'' if self.above else ' up'}"


_SHARE = Range(0, 1)
_COUNT = Range(0)
_SOME = Range(1)
_POSITIVE = Range(0, above=True)

_RANGES = {
    "seed": Range(0, LARGEST_SEED),
    "generations": _SOME,
    "lineages": _SOME,
    "modifier.edits": _COUNT,
    "modifier.copying": _SHARE,
    "modifier.recording": _COUNT,
    "modifier.rewriting": _SHARE,
    "modifier.seconds": _POSITIVE,
    "modifier.second": _COUNT,
    "injection.rate": _COUNT,
    "oracles.examples": _SOME,
    "oracles.inputs": _SOME,
    "oversight.every": _COUNT,
    "oversight.threshold": _SHARE,
    "oversight.audits": _SHARE,
    "oversight.audit_budget": _COUNT,
    "oversight.clean": _SOME,
    "oversight.relaxed": _SOME,
    "oversight.depth": _SHARE,
    "oversight.command_seconds": _POSITIVE,
    "oversight.sensitivity": _SHARE,
    "oversight.false_alarms": _COUNT,
    "oversight.let_in": _SHARE,
    "oversight.faulty_fix": _SHARE,
    "oversight.pace": _POSITIVE,
    "truth.inputs": _COUNT,
    "truth.witness_inputs": _COUNT,
    "truth.witness_examples": _COUNT,
    "limits.retries": _COUNT,
    "limits.runaway": _COUNT,
    "limits.runaway_blast": _SHARE,
    "limits.test_seconds": _POSITIVE,
    "limits.timeouts": _COUNT,
    "limits.memory_mib": Range(64),
    "budget.executions": _COUNT,
    "budget.examples": _COUNT,
    "budget.hours": _COUNT,
}


@dataclass(frozen=True, slots=True)
class Key:
    """One key: its table ("" above all tables), its name, and what it may be."""

    table: str
    name: str
    kind: Kind
    default: Level
    range: Range = Range()
    choices: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """`table.name`, as `--set` takes it."""
        return f"{self.table}.{self.name}" if self.table else self.name

    @property
    def factor(self) -> bool:
        """Whether a list of levels makes it a factor of the campaign."""
        return self.table in factors()


def _key(table: str, name: str, hint: Any, default: Any) -> Key:
    choices: tuple[str, ...] = ()
    kind: Kind
    if get_origin(hint) is Literal:
        kind, choices = "choice", get_args(hint)
    elif get_origin(hint) is tuple:
        kind = "names"
    else:
        kinds: dict[type, Kind] = {str: "text", bool: "switch", int: "whole", float: "number"}
        kind = kinds[hint]
    address = f"{table}.{name}" if table else name
    return Key(table, name, kind, default, _RANGES.get(address, Range()), choices)


def _found() -> Iterator[Key]:
    yield _key("", "name", str, "campaign")
    yield _key("", "seed", int, 0)
    default = Condition()
    for name in ("generations", "lineages"):
        yield _key("", name, int, getattr(default, name))
    for table, factor in tables().items():
        hints = get_type_hints(factor)
        for spec in fields(factor):
            yield _key(table, spec.name, hints[spec.name], spec.default)


@cache
def factors() -> dict[str, type[Any]]:
    """Table -> the dataclass of its keys, in the order of `Condition`."""
    hints = get_type_hints(Condition)
    return {spec.name: hints[spec.name] for spec in fields(Condition) if not isinstance(spec.default, int)}


@cache
def tables() -> dict[str, type[Any]]:
    """Table -> the dataclass of its keys: the factors, and the gate, which no condition knows of."""
    return {**factors(), "gate": Gate}


@cache
def keys() -> dict[str, Key]:
    """Address -> key, in the order in which a campaign is written."""
    return {key.address: key for key in _found()}

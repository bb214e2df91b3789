"""Which measures a bound may be on: every estimate and every count that the summary has of a condition.

A measure is called by its path in `summary.json` or by an end of that path that only one has: `R` is
`amplification.R`, `escaped` is `faults.escaped`. A family of faults behind it (`escaped.security`)
asks the same of that family alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from testbed.errors import UserError
from testbed.gate.bounds import Bound

ALIASES = {"alive": "share_alive"}
OF_FAMILY = {"alive_at_end": "ends.alive"}  # what a family's own entry calls the same count
APART = ("index", "levels", "label", "limits", "families")
COUNTED = ("escaped", "alive_at_end", "ends", "caught_by_screen", "caught_by_review")


@dataclass(frozen=True, slots=True)
class Measured:
    """What the summary has under a name: an estimate, or a plain number that is exact for this run.

    `faults` is how many faults a plain number was counted among; None where it counts no faults.
    """

    path: str
    estimate: Mapping[str, Any] | None = None
    number: float | None = None
    faults: int | None = None


def is_estimate(value: Any) -> bool:
    """Whether a part of the summary is an estimate."""
    return isinstance(value, Mapping) and {"value", "low", "high", "confidence"} <= value.keys()


def reported(body: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """(path, estimate or number) of all that a condition, or a family, has in the summary."""
    for name, value in body.items():
        if name in APART or name == "confidence":
            continue
        path = f"{before}{name}"
        if is_estimate(value) or (isinstance(value, int | float) and not isinstance(value, bool)):
            yield path, value
        elif isinstance(value, Mapping):
            yield from reported(value, f"{path}.")


def _matching(name: str, paths: Sequence[str]) -> list[str]:
    """The shortest paths that are `name` or end in it."""
    found = [path for path in paths if path == name or path.endswith(f".{name}")]
    least = min((path.count(".") for path in found), default=0)
    return [path for path in found if path.count(".") == least]


def _path(name: str, paths: Sequence[str]) -> str:
    found = _matching(ALIASES.get(name, name), paths)
    if len(found) > 1:
        raise UserError(f'"{name}" may be several measures', remedy=f"write one of: {', '.join(found)}")
    return found[0] if found else ""


def measured(bound: Bound, body: Mapping[str, Any]) -> Measured | None:
    """What a condition's summary has for a bound; None where it has no fault of the bound's family."""
    known = dict(reported(body))
    path = _path(bound.measure, list(known))
    if path:
        among = body["faults"]["faults"] if _counts_faults(path) else None
        return _measured(path, known[path], among)
    name, _, family = bound.measure.rpartition(".")
    entry = next((one for one in body["families"] if one["family"] == family), None)
    if entry is None:
        return None
    known = dict(reported(entry))
    path = _path(OF_FAMILY.get(name, name), list(known))
    if not path:
        raise UserError(f'"{bound.measure}" is not reported', remedy=f"of a family there is {_short(known)}")
    return _measured(f"{path}.{family}", known[path], entry["faults"])


def _counts_faults(path: str) -> bool:
    section, _, rest = path.partition(".")
    return section == "faults" and rest.partition(".")[0] in COUNTED


def _measured(path: str, value: Any, faults: int | None) -> Measured:
    if is_estimate(value):
        return Measured(path, estimate=value)
    return Measured(path, number=float(value), faults=faults)


def _short(paths: Mapping[str, Any]) -> str:
    return ", ".join(paths)


@cache
def _example() -> tuple[tuple[str, Any], ...]:
    """What the summary reports, seen on a campaign that costs nothing."""
    from testbed.analysis import summarise
    from testbed.analysis.simulated import Truth, simulate
    from testbed.conditions import Condition

    summary = summarise(simulate([Condition(generations=4, lineages=4)], Truth(rate=3.0), 1))
    return tuple(summary["conditions"][0].items())


def known(bound: Bound, families: Sequence[str]) -> None:
    """Raises UserError where no campaign could have that measure, or not with that relation."""
    from testbed.campaign.check import nearest

    body = dict(_example())
    paths = dict(reported(body))
    name, _, family = bound.measure.rpartition(".")
    path = _path(bound.measure, list(paths))
    value = paths.get(path)
    if not path and name and family in families:
        entry = dict(reported(body["families"][0]))
        path = _path(OF_FAMILY.get(name, name), list(entry))
        value = entry.get(path)
    if not path:
        ends = dict.fromkeys(each.rpartition(".")[2] for each in paths)
        possible = [*ALIASES, *(end for end in ends if len(_matching(end, list(paths))) == 1)]
        if family and name and _path(name, list(paths)):
            raise UserError(f'unknown family "{family}" in "{bound.text}"', remedy=nearest(family, families))
        raise UserError(f'unknown measure "{bound.measure}"', remedy=nearest(bound.measure, possible, 60))
    if is_estimate(value) and bound.relation in {"==", "!="}:
        raise UserError(
            f'"{bound.text}" can never be decided', remedy="an estimate has an interval: use < or >"
        )

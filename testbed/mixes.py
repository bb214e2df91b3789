"""How a campaign says which families of faults are how frequent: a published mix by name, or a table."""

from __future__ import annotations

import math

from testbed.errors import UserError

NAMES = ("field", "assistant", "uniform")


def table(mix: str) -> dict[str, float] | None:
    """Family -> weight of a table such as `logic=3, state=1`; None for a mix by name. Raises UserError."""
    if mix in NAMES:
        return None
    found: dict[str, float] = {}
    for item in mix.split(","):
        family, equals, number = (part.strip() for part in item.partition("="))
        try:
            weight = float(number)
        except ValueError:
            weight = math.nan
        if not (family and equals and weight >= 0 and math.isfinite(weight)):
            remedy = f"one of {', '.join(NAMES)}, or a table such as logic=3, state=1"
            raise UserError(f'"{item.strip()}" is no family with its weight', remedy=remedy)
        if family in found:
            raise UserError(f'"{family}" has two weights')
        found[family] = weight
    if not sum(found.values()) > 0:
        raise UserError("no family has a weight above 0")
    return found

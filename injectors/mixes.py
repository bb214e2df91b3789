"""How frequent each family is: published shares, the same for all, or the user's own table."""

from __future__ import annotations

from collections.abc import Iterable

from injectors.operator import DURAES, TAMBON
from testbed.errors import UserError
from testbed.mixes import table

FIELD = {"omission": 40.1, "logic": 25.0, "assignment": 21.4, "interface": 7.3}
"""By type of defect: algorithm, checking, assignment, interface. The type function (6.1), a design that has
to be made anew, has no operator."""
FIELD_SOURCE = f"{DURAES}: by type of defect"

ASSISTANT = {"logic": 21.0, "assignment": 10.0, "assistant": 65.0}
"""Misinterpretation to logic, silly mistakes to assignment; missing corner case, incomplete, invented object,
wrong attribute, unasked consideration, hardcoded example and wrong input type are operators of the family
assistant. Syntax errors (6) cannot be seeded."""
ASSISTANT_SOURCE = TAMBON


def family_weights(mix: str, families: Iterable[str]) -> dict[str, float]:
    """The weight of each family under a mix.

    A family for which a published mix has no figure is as frequent as the rarest one that has. One that the
    user's table leaves out is not drawn. Raises UserError where nothing is left.
    """
    asked = list(dict.fromkeys(families))
    own = table(mix)
    if own is not None:
        found = {family: own.get(family, 0.0) for family in asked}
        if not sum(found.values()) > 0:
            raise UserError(
                f"the mix {mix!r} has no weight for any of {', '.join(asked)}",
                where="injection.mix",
                remedy="give one of the families asked for a weight above 0",
            )
        return found
    if mix == "uniform":
        return dict.fromkeys(asked, 1.0)
    published = FIELD if mix == "field" else ASSISTANT
    return {family: published.get(family, min(published.values())) for family in asked}

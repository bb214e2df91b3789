"""What tokens cost, as a campaign says it: nothing here knows a price by itself."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from testbed.errors import UserError

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """The price of a million tokens in and of a million out, in whatever money the campaign counts."""

    tokens_in: float
    tokens_out: float

    def of(self, tokens_in: int, tokens_out: int) -> float:
        """What so many tokens cost."""
        return round((tokens_in * self.tokens_in + tokens_out * self.tokens_out) / MILLION, 9)


def table(entries: Iterable[str]) -> dict[str, Price]:
    """Model -> its price, of entries such as `a-model=2.5/10`. Raises UserError."""
    found: dict[str, Price] = {}
    for entry in entries:
        model, equals, numbers = (part.strip() for part in entry.rpartition("="))
        first, slash, second = (part.strip() for part in numbers.partition("/"))
        try:
            price = Price(float(first), float(second))
        except ValueError:
            price = Price(math.nan, math.nan)
        whole = bool(model and equals and slash)
        if not (whole and all(0 <= each < math.inf for each in (price.tokens_in, price.tokens_out))):
            remedy = "the price of a million tokens in and out, such as a-model=2.5/10"
            raise UserError(f'"{entry}" is no model with its prices', remedy=remedy)
        if model in found:
            raise UserError(f'"{model}" has two prices')
        found[model] = price
    return found

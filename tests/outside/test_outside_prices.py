"""What tokens cost is what the campaign says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from testbed.conditions import Condition, ModifierFactor
from testbed.errors import UserError
from testbed.modifiers.outside.chat import ChatEditor
from testbed.modifiers.outside.endpoint import Endpoint
from testbed.modifiers.outside.opaque import Where
from testbed.prices import table

FILES = {"pkg/sums.py": "x = 1\n"}


def cost(model: Any, tmp_path: Path, *prices: str) -> float | None:
    model.replies = ["```python pkg/sums.py\nx = 2\n```"]
    factor = ModifierFactor("chat", model="m", endpoint=model.address, prices=prices)
    endpoint = Endpoint("m", model.address, 5.0, tmp_path, pause=0.01)
    return ChatEditor(factor, endpoint).edit(FILES, Where(), np.random.default_rng(0)).turn.cost


def test_the_cost_is_that_of_the_tokens_in_and_out(model: Any, tmp_path: Path) -> None:
    assert cost(model, tmp_path, "m=3/15", "other=1/1") == pytest.approx((100 * 3 + 10 * 15) / 1e6)


def test_without_prices_there_is_no_cost(model: Any, tmp_path: Path) -> None:
    assert cost(model, tmp_path) is None


def test_a_model_without_a_price_among_prices_is_said() -> None:
    with pytest.raises(UserError, match="no price for m"):
        ChatEditor(ModifierFactor("chat", model="m", prices=("other=1/1",)))


@pytest.mark.parametrize("entry", ["m", "m=1", "m=1/x", "m=-1/2", "m=1/inf", "=1/2", "m=nan/1"])
def test_what_is_no_price_is_said(entry: str) -> None:
    with pytest.raises(UserError, match="no model with its prices"):
        table([entry])


def test_a_model_has_one_price() -> None:
    with pytest.raises(UserError, match="two prices"):
        table(["a=b=1/2", "a=b=2/3"])


def test_prices_and_the_client_change_nothing_that_is_drawn() -> None:
    priced = Condition(modifier=ModifierFactor("chat", model="m", prices=("m=1/2",), client="inspect"))
    assert priced.key() == Condition(modifier=ModifierFactor("chat", model="m")).key()
    assert priced.key() != Condition(modifier=ModifierFactor("chat", model="n")).key()


def test_a_key_that_came_later_leaves_the_facts_of_older_campaigns_as_they_were() -> None:
    assert Condition().key() == "08a3cb9aab079dd0"
    assert Condition(modifier=ModifierFactor(rewriting=0.5)).key() != Condition().key()

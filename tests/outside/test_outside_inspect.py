"""The modifier chat through Inspect AI: its mock provider, and its OpenAI client against a real server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from testbed.conditions import ModifierFactor
from testbed.errors import UserError
from testbed.modifiers.outside import Unusable
from testbed.modifiers.outside.chat import ChatEditor
from testbed.modifiers.outside.endpoint import NoAnswer
from testbed.modifiers.outside.inspected import InspectEndpoint
from testbed.modifiers.outside.opaque import Where

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")
models = pytest.importorskip("inspect_ai.model", reason="the extra inspect is not installed")

FILES = {"pkg/__init__.py": "", "pkg/sums.py": "def double(value):\n    return value + value\n"}
NEW = "def double(value):\n    return 2 * value\n"
WHOLE = f"```python pkg/sums.py\n{NEW}```"
RNG = np.random.default_rng(0)


class Mocked(InspectEndpoint):
    """Inspect's mock provider, with the answers that a test wants."""

    def __init__(self, outputs: list[Any], cache: Path) -> None:
        super().__init__("mockllm/model", "", 5.0, cache)
        self.made = models.get_model(self.model, memoize=False, custom_outputs=outputs)

    def model_of_inspect(self) -> Any:
        return self.made


def output(text: str, stop: str = "stop") -> Any:
    made = models.ModelOutput.from_content("mockllm/model", text, stop_reason=stop)
    made.usage = models.ModelUsage(input_tokens=70, output_tokens=30, total_tokens=100)
    return made


def editor(outputs: list[Any], cache: Path, *prices: str) -> ChatEditor:
    factor = ModifierFactor("chat", client="inspect", model="mockllm/model", prices=prices)
    return ChatEditor(factor, Mocked(outputs, cache))


def test_an_answer_through_inspect_is_an_edit_with_its_tokens_and_its_cost(tmp_path: Path) -> None:
    made = editor([output(WHOLE)], tmp_path, "mockllm/model=2/10").edit(FILES, Where(), RNG)
    assert made.files["pkg/sums.py"] == NEW
    assert (made.turn.calls, made.turn.tokens_in, made.turn.tokens_out) == (1, 70, 30)
    assert made.turn.cost == pytest.approx((70 * 2 + 30 * 10) / 1e6)


def test_an_answer_that_was_cut_off_is_asked_for_again_and_paid_for(tmp_path: Path) -> None:
    outputs = [output(WHOLE, "max_tokens"), output("no"), output(WHOLE)]
    made = editor(outputs, tmp_path, "mockllm/model=1/0").edit(FILES, Where(), RNG)
    assert (made.turn.calls, made.turn.cost) == (3, pytest.approx(3 * 70 / 1e6))


def test_answers_are_kept_so_that_no_model_is_needed_the_second_time(tmp_path: Path) -> None:
    first = editor([output(WHOLE)], tmp_path).edit(FILES, Where(), RNG)
    again = editor([], tmp_path).edit(FILES, Where(), RNG)
    assert again == first
    assert first.turn.cost is None, "no price is known but those of the campaign"


def test_an_error_of_the_model_is_no_answer(tmp_path: Path) -> None:
    broken = output("")
    broken.error = "overloaded"
    with pytest.raises(Unusable, match="overloaded"):
        editor([broken], tmp_path).edit(FILES, Where(), RNG)


def test_inspects_own_client_asks_the_endpoint(
    model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    model.replies = [WHOLE]
    factor = ModifierFactor("chat", client="inspect", model="openai-api/local/m", endpoint=model.address)
    monkeypatch.setenv("LOCAL_API_KEY", "sk-local")
    made = ChatEditor(factor, InspectEndpoint(factor.model, model.address, 20.0, tmp_path)).edit(
        FILES, Where(), RNG
    )
    assert made.files["pkg/sums.py"] == NEW
    assert (made.turn.tokens_in, made.turn.tokens_out) == (100, 10)
    assert model.keys == ["Bearer sk-local"]
    assert [each["role"] for each in model.asked[0]["messages"]] == ["system", "user"]
    assert not [path for path in tmp_path.rglob("*.json") if "sk-local" in path.read_text()]


def test_a_refused_request_is_no_answer(model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCAL_API_KEY", "sk-local")
    model.replies = [400]
    with pytest.raises(NoAnswer) as caught:
        InspectEndpoint("openai-api/local/m", model.address, 20.0, tmp_path).ask(
            [{"role": "user", "content": "a"}], ""
        )
    assert "sk-local" not in str(caught.value)


@pytest.mark.parametrize("name", ["nobody/model", "model"])
def test_a_model_that_inspect_does_not_know_is_said(name: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"modifier\.model"):
        InspectEndpoint(name, "", 5.0, tmp_path).ask([{"role": "user", "content": "a"}], "")


def test_a_missing_key_is_said_without_markup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(UserError) as caught:
        InspectEndpoint("openai/m", "", 5.0, tmp_path).ask([{"role": "user", "content": "a"}], "")
    assert "OPENAI_API_KEY" in str(caught.value)
    assert "[" not in str(caught.value).partition("openai/m")[0]

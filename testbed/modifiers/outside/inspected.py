"""Asking a language model through Inspect AI, which knows many providers."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from testbed.errors import UserError
from testbed.modifiers.outside.endpoint import TRIES, Answer, Endpoint, Message, NoAnswer

if TYPE_CHECKING:
    from inspect_ai.model import Model

_MARKUP = re.compile(r"\[/?[a-z ]+\]")


class InspectEndpoint(Endpoint):
    """One model of Inspect AI, `PROVIDER/MODEL`. Answers are kept as those of any endpoint.

    Keys come from the environment, under the names that Inspect has for each provider.
    """

    client = "inspect"

    def model_of_inspect(self) -> Model:
        """The model. Raises UserError where Inspect, its provider or the provider's key is missing."""
        try:
            from inspect_ai.model import GenerateConfig, get_model
        except ImportError:
            raise UserError(
                "Inspect AI is not installed",
                where='modifier.client: "inspect"',
                remedy="pip install 'compounding-flaw-testbed[inspect]'",
            ) from None
        config = GenerateConfig(
            max_retries=TRIES - 1, attempt_timeout=math.ceil(self.seconds), temperature=0, cache=False
        )
        try:
            return get_model(self.model, config=config, base_url=self.address or None, memoize=False)
        except Exception as trouble:  # what is missing, each provider says in its own way
            said = " ".join(_MARKUP.sub("", str(trouble)).split())[:200]
            raise UserError(said, where=f"modifier.model: {self.model}", remedy=_REMEDY) from None

    def _tried(self, messages: Sequence[Message]) -> Answer:
        model = self.model_of_inspect()
        try:
            made: Any = asyncio.run(_asked(model, messages))
        except Exception as trouble:  # each provider's client has errors of its own
            raise NoAnswer(type(trouble).__name__) from None
        if made.error or not made.choices:
            raise NoAnswer(str(made.error or "no answer").partition("\n")[0][:200])
        used = made.usage
        tokens = (used.input_tokens, used.output_tokens) if used else (0, 0)
        return Answer(made.completion, tokens[0], tokens[1], cut=made.stop_reason == "max_tokens")


async def _asked(model: Model, messages: Sequence[Message]) -> Any:
    from inspect_ai.model import ChatMessageAssistant, ChatMessageSystem, ChatMessageUser

    kinds: dict[str, Any] = {
        "system": ChatMessageSystem,
        "user": ChatMessageUser,
        "assistant": ChatMessageAssistant,
    }
    return await model.generate([kinds[each["role"]](content=each["content"]) for each in messages])


_REMEDY = "name it as PROVIDER/MODEL, with the provider's package installed and its key in the environment"

"""Asking a language model behind an OpenAI-compatible address, and remembering what it said."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from testbed import whole
from testbed.errors import UserError

if TYPE_CHECKING:
    import openai

TRIES = 4
"""Requests for one answer, when the server is busy or broken."""

Message = Mapping[str, str]


class NoAnswer(Exception):
    """No answer after all tries; says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model said, and what it cost."""

    text: str
    tokens_in: int
    tokens_out: int
    cut: bool  # it ran into its limit of tokens


class Endpoint:
    """One model at one address. Answers are kept by the content of the question.

    The key comes from the environment ($OPENAI_API_KEY) alone, and is written down nowhere.
    """

    client = "openai"

    def __init__(self, model: str, address: str, seconds: float, cache: Path, pause: float = 0.5) -> None:
        self.model = model
        self.address = address or os.environ.get("OPENAI_BASE_URL", "")
        self.seconds = seconds
        self.cache = cache
        self.pause = pause

    def ask(self, messages: Sequence[Message], salt: str) -> Answer:
        """The answer, from the cache where it is known. `salt` tells equal questions apart.

        Raises NoAnswer, or UserError where the client is missing or the key is not accepted.
        """
        who = [] if self.client == "openai" else [self.client]
        asked = json.dumps([self.model, self.address, salt, list(messages), *who], sort_keys=True)
        place = self.cache / f"{hashlib.sha256(asked.encode()).hexdigest()}.json"
        if place.is_file():
            return Answer(**json.loads(place.read_text(encoding="utf-8")))
        answer = self._tried(messages)
        place.parent.mkdir(parents=True, exist_ok=True)
        whole.write(place, json.dumps(asdict(answer)))
        return answer

    def _client(self) -> openai.OpenAI:
        try:
            import openai
        except ImportError:
            raise UserError(
                "the client is not installed",
                where='modifier.name: "chat"',
                remedy="pip install 'compounding-flaw-testbed[chat]'",
            ) from None
        key = os.environ.get("OPENAI_API_KEY", "")
        if not key and not self.address:
            raise UserError("no key", where="$OPENAI_API_KEY", remedy="set it, or give modifier.endpoint")
        return openai.OpenAI(
            api_key=key or "none", base_url=self.address or None, timeout=self.seconds, max_retries=0
        )

    def _tried(self, messages: Sequence[Message]) -> Answer:
        import openai

        client = self._client()
        said = ""
        with client:
            for number in range(TRIES):
                if number:
                    time.sleep(self.pause * 2 ** (number - 1))
                try:
                    return self._answer(client, messages)
                except (openai.AuthenticationError, openai.PermissionDeniedError, openai.NotFoundError) as no:
                    raise UserError(
                        f"refused ({no.status_code})", where=self.address or "the endpoint", remedy=_REMEDY
                    ) from None
                except (openai.RateLimitError, openai.InternalServerError, openai.APIConnectionError) as no:
                    said = f"{type(no).__name__}: {no}"
                except openai.APIStatusError as no:
                    raise NoAnswer(f"{type(no).__name__}: {no.status_code}") from None
                except (ValueError, LookupError, AttributeError, TypeError, openai.OpenAIError) as no:
                    said = f"unreadable answer ({type(no).__name__})"
        raise NoAnswer(said.partition("\n")[0][:200])

    def _answer(self, client: openai.OpenAI, messages: Sequence[Message]) -> Answer:
        said: Any = [dict(message) for message in messages]
        made: Any = client.chat.completions.create(model=self.model, messages=said, temperature=0)
        choice = made.choices[0]
        text = choice.message.content
        if not isinstance(text, str):
            raise ValueError("no text")
        used = made.usage
        tokens = (used.prompt_tokens, used.completion_tokens) if used else (0, 0)
        return Answer(text, tokens[0], tokens[1], cut=choice.finish_reason == "length")


_REMEDY = "see that $OPENAI_API_KEY, modifier.endpoint and modifier.model belong together"

"""The modifier `chat`: a language model that answers with edits."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from testbed.conditions import ModifierFactor
from testbed.errors import UserError
from testbed.modifiers.outside.diffs import Malformed, edited
from testbed.modifiers.outside.endpoint import Answer, Endpoint, Message, NoAnswer
from testbed.modifiers.outside.inspected import InspectEndpoint
from testbed.modifiers.outside.opaque import Edited, Unusable, Where
from testbed.modifiers.outside.tasks import Task, backlog
from testbed.prices import Price, table
from testbed.protocols import Turn
from testbed.tracing import problem

ROUNDS = 3
"""Answers asked for in one turn: the first, and better ones where it cannot be used."""

_SYSTEM = (
    "You maintain a Python package. Answer with edits only: for each file that changes either the whole new "
    "file in a fenced block whose first line is ```python PATH, or a unified diff in a fenced block that "
    "begins with ```diff. Paths are as given. Nothing else is read."
)


def answers() -> Path:
    """Where answers are kept: under $TESTBED_CACHE, or the user's cache."""
    base = os.environ.get("TESTBED_CACHE") or Path("~/.cache/testbed").expanduser()
    return Path(base) / "answers"


class ChatEditor:
    """A language model behind an OpenAI-compatible endpoint, or a provider of Inspect AI."""

    name = "chat"
    version = "1"

    def __init__(self, factor: ModifierFactor, endpoint: Endpoint | None = None) -> None:
        if not factor.model:
            raise UserError(
                "no model is named", where="modifier.model", remedy="name one that the endpoint has"
            )
        kind = InspectEndpoint if factor.client == "inspect" else Endpoint
        self.endpoint = endpoint or kind(factor.model, factor.endpoint, factor.seconds, answers())
        self.price = _price(factor)
        self.tasks = backlog(factor.tasks)

    def edit(self, files: Mapping[str, str], where: Where, rng: np.random.Generator) -> Edited:
        """The files with the edits of the model's answer. Raises Unusable."""
        task = self.tasks[(where.generation - 1) % len(self.tasks)]
        salt = f"{where.lineage} {where.generation} {where.attempt}"
        messages = _first(task, files)
        turn, said = Turn(task.title), ""
        for _ in range(ROUNDS):
            try:
                answer = self.endpoint.ask(messages, salt)
            except NoAnswer as trouble:
                raise Unusable("no answer", str(trouble), turn) from None
            turn = self._paid(turn, answer)
            said = "the reply was cut off" if answer.cut else ""
            if not said:
                try:
                    made = edited(answer.text, files)
                    said = problem({p: text for p, text in made.items() if text != files.get(p)})
                    if not said:
                        return Edited(made, turn)
                except Malformed as trouble:
                    said = str(trouble)
            messages = [
                *messages,
                {"role": "assistant", "content": answer.text},
                {"role": "user", "content": f"That cannot be used: {said}. Answer again, with edits only."},
            ]
        raise Unusable("malformed", said, turn)

    def _paid(self, turn: Turn, answer: Answer) -> Turn:
        """The turn with one more answer in it. An answer that is known already costs what it once did."""
        tokens_in, tokens_out = turn.tokens_in + answer.tokens_in, turn.tokens_out + answer.tokens_out
        cost = self.price.of(tokens_in, tokens_out) if self.price else None
        return replace(turn, calls=turn.calls + 1, tokens_in=tokens_in, tokens_out=tokens_out, cost=cost)


def _price(factor: ModifierFactor) -> Price | None:
    """The price of the factor's model. Raises UserError where there are prices, and none of it."""
    prices = table(factor.prices)
    if prices and factor.model not in prices:
        raise UserError(
            f"has no price for {factor.model}", where="modifier.prices", remedy=f'add "{factor.model}=IN/OUT"'
        )
    return prices.get(factor.model)


def _first(task: Task, files: Mapping[str, str]) -> list[Message]:
    code = "\n".join(f"```python {path}\n{text}```" for path, text in sorted(files.items()))
    return [
        {"role": "system", "content": _SYSTEM},
        {"role": "user", "content": f"# {task.title}\n\n{task.text}\n\n# The package\n\n{code}"},
    ]

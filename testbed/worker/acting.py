"""Fault sets that act while importing: each is loaded by itself, for the tests that can tell of it.

Beside the tests that are near those can that read what the fault left behind. Who reads what becomes known in
one more clean run, as soon as there is somebody who needs to know it.
"""

from __future__ import annotations

from collections.abc import Callable

from .compare import Known, Look
from .drift import Sketch
from .frames import Message
from .reports import decides
from .touch import Readers

Cold = Callable[[Message, "Look | None"], Message]
"""Runs the tests of a request, those that a look chooses; as `serve.run_cold`."""


class Acting:
    """What is known of one generation, for running its fault sets."""

    def __init__(self, load: Message, words: Message) -> None:
        self._load, self._words = load, words
        self._state: Sketch | None = None
        self._reason = ""  # why it is not known

    def run(
        self,
        request: Message,
        readers: dict[str, Readers],
        cold: Cold,
        sketched: Callable[[Message], Message],
        watched: Callable[[Message], Message],
    ) -> Message:
        """The results of a `run` with tests that are not near. `readers` are those of generations alike."""
        request = {**request, **self._words}
        if self._state is None and not self._reason:
            self._reason = self._learn(sketched(request), sketched(request))
        if self._state is None:
            return cold(request, None)
        alike = request["alike"]
        known = Known(self._state, readers.get(alike))
        reply = cold(request, Look(self._load, request, known))
        cells = [(place, name) for place, name in reply.pop("cells", ())]
        if not cells or (request["stop"] and any(map(decides, reply["results"]))):
            return reply
        readers[alike] = _readers(watched(request))
        left = [result["t"] for result in reply["results"] if "o" in result]
        far = readers[alike].among(left, cells)
        more = cold({**request, "tests": far}, None)["results"] if far else []
        asked = {result["t"] for result in more}
        return {"results": [*(r for r in reply["results"] if r["t"] not in asked), *more]}

    def _learn(self, told: Message, again: Message) -> str:
        reasons = [str(each["reason"]) for each in (told, again) if "reason" in each]
        if not reasons:
            try:
                self._state = Sketch(told).steadied(Sketch(again))
            except (KeyError, TypeError):
                return "what it says of its state cannot be read"
        return reasons[0] if reasons else ""


def _readers(reply: Message) -> Readers:
    try:
        return Readers(reply["places"], reply["results"])
    except (KeyError, TypeError, ValueError, IndexError):  # then everything may read anything
        return Readers((), ())

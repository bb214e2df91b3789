"""A loaded generation: waits for requests and forks a child for each."""

from __future__ import annotations

import contextlib
import os
import sys
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, NoReturn

from .child import Outbox, limits_of, settle
from .crew import Crew, Shift, Whereabouts
from .defaults import Defaults
from .execute import Program, run_batch
from .folder import remove
from .foreman import Finds, Foreman, Waiting
from .frames import Message, receive, send
from .generation import Loader, Stage, freeze
from .guards import Guard, share_trace
from .isolation import Isolation
from .portrait import Portrait, portrait_of
from .shapes import NotComparable
from .supervise import Gone, Walls, run_all
from .system import adopt_orphans, limit_processor, open_handles, readable, unforkable
from .touch import Touch, places_of

if TYPE_CHECKING:
    from .compare import Look


def walls_of(request: Message) -> Walls:
    """The wall-clock limits of a run request."""
    return Walls(float(request["load_seconds"]), lambda test: limits_of(request, test)[0])


def silence() -> None:
    """Sends what the program prints to nowhere."""
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.close(null)


def print_to(path: str) -> None:
    """Sends what the program prints while it is loaded to a file, for the message if that fails."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for fd in (1, 2):
        os.dup2(file, fd)
    os.close(file)


class Generation:
    """The process of one loaded generation, with the folder `home` for what is its own."""

    def __init__(self, line: int, home: str, request: Message, stage: Stage | None) -> None:
        self._line, self._home, self._request, self._stage = line, home, request, stage
        self._started = perf_counter()
        self._crew: Crew | None = None
        self._portrait: Portrait | None = None
        self._guard = Guard(frozenset(), int(request["load_hits"]), self._endless)

    def live(self) -> NoReturn:
        """Loads, says so, and serves until the line is closed."""
        adopt_orphans()
        readable(True)
        share_trace()
        os.makedirs(self._home)
        print_to(os.path.join(self._home, "log"))
        limit_processor(self._request["load_seconds"])
        self._handles = open_handles()
        sys.dont_write_bytecode = not self._request["compile"]
        defaults = Defaults(self._request["late"])
        loader = Loader(self._request, self._home, self._guard, self._stage, defaults)
        loader.load(self._ready, self._failed)

    def _endless(self, _: set[int]) -> NoReturn:
        self._failed("importing or collecting went on without end")

    def _failed(self, reason: str) -> NoReturn:
        text = f"{reason}: {_tail(os.path.join(self._home, 'log'))}"
        send(self._line, {"error": text.replace(self._request["root"] + os.sep, "")})
        os._exit(0)

    def _ready(self, program: Program, description: Message) -> NoReturn:
        silence()
        sys.dont_write_bytecode = True
        limit_processor(1e9)
        readable(False)
        freeze()
        seconds = round(perf_counter() - self._started, 6)
        alone = unforkable(self._handles | open_handles({0}))
        send(self._line, {**description, "unforkable": alone, "seconds": seconds})
        while True:
            request = receive(self._line)
            if request is None:
                os._exit(0)
            try:
                send(self._line, self._answer(program, request))
            except Gone:
                os._exit(0)

    def _answer(self, program: Program, request: Message) -> Message:
        if request["op"] == "jobs":
            return self._jobs(program, request)
        results = self._run(program, request)
        places = places_of(self._portrait) if "touch" in request and self._portrait is not None else []
        return {"results": results, "places": places}

    def _crew_of(self, program: Program, request: Message) -> Crew:
        if self._crew is None:
            self._crew = Crew(program, request["gates"])
        return self._crew

    def _jobs(self, program: Program, request: Message) -> Message:
        """Many fault sets in few children, where that is as exact; else says why not."""
        crew = self._crew_of(program, request)
        if crew.reason:
            return {"jobs": [], "reason": crew.reason, "forks": 0}
        folder = os.path.join(self._home, "run")

        def spawn(outbox: Outbox, waiting: Waiting, place: Whereabouts, finds: Finds) -> None:
            settle(folder, request["memory_mib"], {self._line})
            Shift(crew, outbox, request, place, finds).work(waiting)

        foreman = Foreman(crew, request, walls_of(request), self._line)
        jobs = foreman.run(spawn, frozenset(), lambda: remove(folder))
        return {"jobs": jobs, "reason": "", "forks": foreman.forks}

    def _run(self, program: Program, request: Message) -> object:
        folder = os.path.join(self._home, "run")
        isolation: Isolation | None = None
        if request["probe"]:
            program.sites  # noqa: B018  (computed once, here, for all children)
        if "touch" in request and self._portrait is None:  # here, once, for all children
            with contextlib.suppress(NotComparable):
                self._portrait = portrait_of(program)
        if request["apart"]:
            isolation = Isolation(self._crew_of(program, request).world, program.items)

        def spawn(outbox: Outbox, tests: list[str], direct: bool = False) -> None:
            settle(folder, request["memory_mib"], {self._line})
            touch = None if isolation is None else self._touch(program, request, isolation)
            outbox.send({"k": "ready"})
            with program.defaults.on(request["faults"]):
                run_batch(program, outbox, request, tests, folder, direct, isolation, touch)

        direct = not request["carve"] and bool(program.direct.tests)
        return run_all(
            partial(spawn, direct=direct),
            request["tests"],
            walls_of(request),
            watch=self._line,
            keep=frozenset(),
            singly=bool(request["singly"]),
            most_timeouts=int(request["most_timeouts"]),
            stop=bool(request["stop"]),
            clean=lambda: remove(folder),
            plain=spawn,
            again=isolation.look_at_each if isolation is not None else lambda: None,
        )

    def _touch(self, program: Program, request: Message, isolation: Isolation) -> Touch | None:
        """Watches who reads what, in this child; None where nobody asks, or where that cannot be seen."""
        if "touch" not in request or not isolation.compares:
            return None
        if self._portrait is None:
            return None
        touch = Touch(self._portrait)
        isolation.accept(touch.classes)
        return touch


def begin_cold(request: Message, folder: str, lines: frozenset[int], outbox: Outbox) -> Guard:
    """Makes this a child that loads with the request's faults on; the guard for that."""
    settle(folder, request["memory_mib"], lines)
    silence()
    limit_processor(request["load_seconds"])
    return Guard(frozenset(request["faults"]), int(request["load_hits"]), outbox.exhausted)


def run_cold(
    home: str,
    load: Message,
    request: Message,
    stage: Stage | None,
    *,
    lines: frozenset[int],
    watch: int,
    keep: frozenset[int],
    look: Look | None = None,
) -> Message:
    """Results of a run in which the fault set is on before anything of the target is imported.

    `lines` are the descriptors that the child must not have, `keep` the children that go on living. With
    `look` only those of the tests are run that it chooses, and its "cells" come on top.
    """
    folder = os.path.join(home, "run")
    told: Message = {}

    def spawn(outbox: Outbox, tests: list[str], direct: bool = False) -> None:
        guard = begin_cold(request, folder, lines, outbox)
        if look is not None:
            look.begin(guard)

        def ready(program: Program, description: Message) -> NoReturn:
            outbox.send({"k": "ready"})
            stranger = set(description["changed"]).difference(load["changed"])
            if stranger:
                failed(f"importing it changed {min(stranger)}")
            missing = description["error"] or "not collected"
            outbox.send({"k": "missing", "w": missing})
            asked, number = tests, {test: at for at, test in enumerate(tests)}
            if look is not None:
                asked, cells = look.asked(program, description, tests)
                outbox.send({"k": "told", "asked": [number[test] for test in asked], "cells": cells})
            absent = program.absent(asked)
            if absent and request["stop"]:  # that decides
                result = {"v": "error", "w": missing, "l": 1}
                outbox.send({"k": "result", "i": number[absent[0]], "open": False, **result})
                outbox.send({"k": "done"})
                os._exit(0)
            run_batch(program, outbox, request, tests, folder, direct, asked=asked)
            os._exit(0)

        def failed(reason: str) -> NoReturn:
            outbox.send({"k": "missing", "w": reason})
            outbox.send({"k": "done"})
            os._exit(0)

        Loader(load, folder, guard, stage).load(ready, failed)

    results = run_all(
        partial(spawn, direct=not request["carve"]),
        request["tests"],
        walls_of(request),
        watch=watch,
        keep=keep,
        singly=bool(request["singly"]),
        most_timeouts=int(request["most_timeouts"]),
        stop=bool(request["stop"]),
        clean=lambda: remove(folder),
        plain=spawn,
        told=told.update,
    )
    return {"results": results, "cells": told.get("cells", [])}


def _tail(path: str) -> str:
    try:
        with open(path, "rb") as file:
            text = file.read()[-4_000:].decode("utf-8", "replace")
    except OSError:
        return ""
    return " | ".join(line for line in text.splitlines()[-6:] if line.strip())[:1_000]

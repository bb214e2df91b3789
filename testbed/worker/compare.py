"""Looks at a generation that is loaded with faults on: how its state drifts from that of one without.

Both are loaded the same way, in a child of the same process, and looked at before any test runs.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Any, NoReturn

from .child import Outbox, settle
from .drift import Sketch, drift, markers_of, sketch
from .execute import Program
from .folder import remove
from .frames import Message
from .gate import acts, modules_of, reason_for
from .generation import Loader, Stage
from .guards import Guard
from .portrait import PROCESS, SEP, Portrait, portrait_of
from .serve import silence, walls_of
from .shapes import NotComparable
from .supervise import Child
from .system import limit_processor


class Look:
    """What one child notices while it loads, and says of its state then; compared with `before`, if there."""

    def __init__(self, load: Message, request: Message, before: Sketch | None) -> None:
        self._load, self._request, self._before = load, request, before
        self._faults = frozenset(request["faults"])
        self._early: dict[str, int] = {}
        self._acted: list[str] = []

    def begin(self, guard: Guard) -> None:
        """From now on, in this process; `guard` is the one that is on while loading."""
        sys.addaudithook(self._hook)
        if self._before is None or not self._before.unsteady:
            return
        plain, waiting = guard.guard, set(self._faults)

        def watching(number: int) -> bool:
            if number in waiting:  # what is there already before the fault is met
                waiting.clear()
                with contextlib.suppress(NotComparable):
                    self._early = Portrait(modules_of(self._load["root"]), {}).cells
            return plain(number)

        guard.guard = watching

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if acts(event, arguments):
            self._acted.append(f"{event} {[each for each in arguments if type(each) in (str, int)]}")

    def message(self, program: Program, description: Message) -> Message:
        """How the state drifts, or what it is; or a "reason" why that is not known."""
        try:
            return self._compared(program, description)
        except NotComparable as found:
            return {"reason": str(found)}
        except Exception as trouble:  # an object that cannot even be looked at
            return {"reason": f"{type(trouble).__name__} while looking at it"}

    def _compared(self, program: Program, description: Message) -> Message:
        acted = tuple(self._acted)
        if set(description["changed"]).difference(self._load["changed"]):
            raise NotComparable("what judges was changed")
        modules = modules_of(program.root)
        reason = reason_for(modules, self._request["gates"], program.root)
        places = {os.path.relpath(str(module.__file__), program.root): module for module in modules}
        if reason or not places.keys().isdisjoint(self._request["past"]):
            raise NotComparable(reason or "it reads attributes in a way that cannot be watched")
        hooked = {path for path, module in places.items() if any(map(_is_of_hook, vars(module)))}
        if not hooked.issubset(self._request["idle"]):
            raise NotComparable("it takes part in what pytest does")
        portrait = portrait_of(program)
        portrait.cells[f"{PROCESS}{SEP}acts"] = hash(acted)
        if self._before is None:
            return sketch(portrait)
        late = self._load["late"] if self._load["marked"] else []
        return drift(self._before, portrait, self._early, markers_of(self._faults, late, program.root))


def _is_of_hook(name: str) -> bool:
    return name.startswith("pytest_")


def sketched(
    home: str,
    load: Message,
    request: Message,
    stage: Stage | None,
    *,
    lines: frozenset[int],
    watch: int,
    keep: frozenset[int],
) -> Message:
    """What `sketch` says of a generation loaded with nothing on, or a "reason" why that is not known.

    `lines` are the descriptors that the child must not have, `keep` the children that go on living.
    """
    folder = os.path.join(home, "run")

    def spawn(outbox: Outbox, _tests: list[str]) -> None:
        settle(folder, request["memory_mib"], lines)
        silence()
        limit_processor(request["load_seconds"])
        guard = Guard(frozenset(), int(request["load_hits"]), outbox.exhausted)
        look = Look(load, request, None)
        look.begin(guard)

        def tell(message: Message) -> NoReturn:
            outbox.send({**message, "k": "told"})
            outbox.send({"k": "done"})
            os._exit(0)

        def ready(program: Program, description: Message) -> NoReturn:
            tell(look.message(program, description))

        Loader(load, folder, guard, stage).load(ready, lambda reason: tell({"reason": reason}))

    child = Child(spawn, [], walls_of(request), watch)
    try:
        child.listen(keep)
    finally:
        remove(folder)
    return child.told or {"reason": "loading it did not end"}

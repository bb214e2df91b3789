"""Looks at a generation that is loaded with faults on: which tests can tell of how its state drifts.

Its state is compared with that of one without faults, loaded the same way in a child of the same process,
before any test runs.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from .child import Outbox
from .drift import Sketch, drift, marked, sketch
from .execute import Program
from .folder import remove
from .frames import Message
from .gate import acts, modules_of, reason_for
from .generation import Loader, Stage
from .guards import Guard
from .portrait import PROCESS, SEP, Portrait, portrait_of
from .serve import begin_cold, walls_of
from .shapes import NotComparable
from .supervise import Child
from .touch import Cell, Readers


@dataclass(frozen=True)
class Known:
    """What is known of a generation without faults: its state, and who reads what, once that is known."""

    state: Sketch
    readers: Readers | None = None


class Look:
    """What one child notices while it loads, and says of its state then; compared with what is `known`."""

    def __init__(self, load: Message, request: Message, known: Known | None) -> None:
        self._load, self._request, self._known = load, request, known
        self._faults = frozenset(request["faults"])
        self._near = frozenset(request["tests"][: request["near"]])
        self._early: dict[str, int] = {}
        self._acted: list[str] = []

    def begin(self, guard: Guard) -> None:
        """From now on, in this process; `guard` is the one that is on while loading."""
        sys.addaudithook(self._hook)
        if self._known is None or not self._known.state.unsteady:
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

    def asked(
        self, program: Program, description: Message, tests: Sequence[str]
    ) -> tuple[list[str], list[Cell]]:
        """Those of the tests that can tell, and the cells of which nobody knows yet who reads them.

        Where those are some, the tests that are near are all that is said now.
        """
        near = [test for test in tests if test in self._near]
        if len(near) == len(tests) or self._known is None:
            return list(tests), []
        try:
            cells = self._drift(self._known.state, self.portrait(program, description))
        except Exception:  # it is not comparable, or something in it cannot even be looked at
            return list(tests), []
        if not cells:
            return near, []
        if self._known.readers is None:
            return near, cells
        far = [test for test in tests if test not in self._near]
        return near + self._known.readers.among(far, cells), []

    def portrait(self, program: Program, description: Message) -> Portrait:
        """The state as loaded. Raises NotComparable."""
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
        return portrait

    def _drift(self, before: Sketch, now: Portrait) -> list[Cell]:
        late = self._load["late"] if self._load["marked"] else []
        return drift(before, now, self._early, marked(self._faults, late, self._load["root"]))


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
    request = {**request, "faults": []}

    def spawn(outbox: Outbox, _tests: list[str]) -> None:
        look = Look(load, request, None)
        guard = begin_cold(request, folder, lines, outbox)
        look.begin(guard)

        def tell(message: Message) -> NoReturn:
            outbox.send({**message, "k": "told"})
            outbox.send({"k": "done"})
            os._exit(0)

        def ready(program: Program, description: Message) -> NoReturn:
            try:
                portrait = look.portrait(program, description)
            except NotComparable as found:
                tell({"reason": str(found)})
            except Exception as trouble:
                tell({"reason": f"{type(trouble).__name__} while looking at it"})
            tell(sketch(portrait))

        Loader(load, folder, guard, stage).load(ready, lambda reason: tell({"reason": reason}))

    child = Child(spawn, [], walls_of(request), watch)
    try:
        child.listen(keep)
    finally:
        remove(folder)
    return child.told or {"reason": "loading it did not end"}

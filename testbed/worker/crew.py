"""Many faults in one child: each switched on in turn, its tests run directly, the world compared after each.

A child goes on to the next fault only while everything that a test could have left behind is as it was
before the first one. Whatever changed something is the last thing its child did. In the end the tests that
found something are run once more with nothing on: they have to pass, or nothing that the child said counts.
"""

from __future__ import annotations

import mmap
import struct
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any

from .child import Outbox, limits_of
from .direct import Calls
from .execute import Program
from .gate import modules_of, reason_for
from .guards import Guard
from .reports import decides
from .shapes import NotComparable
from .system import Data, limit_processor, seed_everything
from .world import World

_MOST_CONTROLS = 12
_PLACE = struct.Struct("=iid")


Gates = Mapping[str, Sequence[Sequence[str]]]
"""What `reasons_against` says of each file."""


class Whereabouts:
    """Where a child is, in memory that outlives it: job, test, and since when."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _PLACE.size)
        self.set(-1, -1)

    def set(self, job: int, test: int) -> None:
        """The child begins this test of this job."""
        self._memory[:] = _PLACE.pack(job, test, time.monotonic())

    def get(self) -> tuple[int, int, float]:
        """(job, test, when it began); -1 before the first."""
        return _PLACE.unpack(self._memory[:])


class Crew:
    """A generation with what running many faults in one child needs; `reason` says why that is not done.

    `world` is its state, where that can be compared.
    """

    def __init__(self, program: Program, gates: Gates) -> None:
        self.program = program
        self.direct = program.direct
        self.world: World | None = None
        self.reason = self._reason(gates)
        if self.reason:
            self.world = None
        elif not self.direct.tests:
            self.reason = "no test can be run directly"

    def _reason(self, gates: Gates) -> str:
        modules = modules_of(self.program.root)
        reason = reason_for(modules, gates, self.program.root)
        if reason:
            return reason
        try:
            parameters = [arguments for _item, arguments in self.direct.tests.values() if arguments]
            with self.program.defaults.unheard():
                self.world = World(modules, parameters)
        except NotComparable as found:
            return str(found)
        return "" if self.world.unchanged() else "looking at it changes it"

    def order(
        self, finds: dict[str, Counter[int]], job: Mapping[str, Any], tests: Sequence[str]
    ) -> list[int]:
        """The direct ones among a job's tests, those first that found most faults of the same group."""
        known = finds.setdefault(job["g"], Counter())
        return sorted((at for at in job["t"] if tests[at] in self.direct.tests), key=lambda at: -known[at])


class Shift:
    """One child's work: the jobs from `waiting` on, one after the other."""

    def __init__(
        self,
        crew: Crew,
        outbox: Outbox,
        request: Mapping[str, Any],
        place: Whereabouts,
        finds: dict[str, Counter[int]],
    ) -> None:
        assert crew.world is not None
        self._crew, self._world, self._outbox, self._request = crew, crew.world, outbox, request
        self._place, self._finds = place, finds
        self._tests: Sequence[str] = request["tests"]
        self._controls: dict[str, None] = {}
        self._calls = Calls(crew.direct, crew.program.root, Data(request["data_mib"]))

    def work(self, waiting: Sequence[tuple[int, Sequence[int]]]) -> None:
        """Does the jobs, each given as (its number, the numbers of its tests in order)."""
        with self._crew.direct.surroundings():
            self._world.begin()
            dirty = False
            for number, order in waiting:
                job = self._request["jobs"][number]
                order = order or self._crew.order(self._finds, job, self._tests)
                if self._job(number, job, order):
                    dirty = True
                    break
            if not dirty and not self._is_sound():
                self._outbox.send({"k": "tainted"})
            self._outbox.send({"k": "done"})

    def _is_sound(self) -> bool:
        """Whether what this child said can be relied on: everything is as it was, and the controls pass."""
        controls = list(self._controls)[-_MOST_CONTROLS:]
        return (
            self._world.unchanged()
            and all(map(self._passes, controls))
            and not self._crew.program.watch.changed()
        )

    def _job(self, number: int, job: Mapping[str, Any], order: Sequence[int]) -> bool:
        """One job; says whether something was left behind."""
        faults = frozenset(job["f"])
        results, otherwise = [], []
        dirty = failed = False
        waiting = list(order)
        while waiting and not dirty and not (failed and self._request["stop"]):
            at = waiting.pop(0)
            self._place.set(number, at)
            result = self._one(self._tests[at], faults)
            dirty = self._calls.events.acted or not (self._world.unchanged() or self._world.restored())
            if result is None:
                dirty = True
                otherwise.append(at)
                continue
            results.append({**result, "i": at})
            failed = decides(result)
            if failed:
                dirty = dirty or result["v"] == "crash"
                self._finds.setdefault(job["g"], Counter())[at] += 1
                self._controls[self._tests[at]] = None
        if self._crew.program.watch.changed():  # looked at once a job: no test of it was judged by pytest
            dirty, failed = True, False
            otherwise, results = [at for at in order if at not in waiting], []
        left = [] if failed and self._request["stop"] else waiting
        self._outbox.send(
            {
                "k": "job",
                "i": number,
                "r": results,
                "left": left,
                "otherwise": otherwise,
                "acted": self._calls.events.acted,
            }
        )
        return dirty

    def _one(self, test: str, faults: frozenset[int]) -> dict[str, Any] | None:
        """One test's result; None where pytest itself has to say how it ended."""
        seconds, hits = limits_of(self._request, test)
        guard = Guard(faults, int(hits), self._outbox.exhausted)
        limit_processor(seconds)
        seed_everything()
        started = perf_counter()
        guard.install()
        with self._crew.program.defaults.on(faults):
            result = self._calls.result(test)
        if result is None:
            return None
        result["s"] = round(perf_counter() - started, 6)
        return {**result, "r": sorted(guard.seen), "h": guard.hits}

    def _passes(self, test: str) -> bool:
        self._place.set(-1, -1)
        result = self._one(test, frozenset())
        return result is not None and bool(result["v"] == "pass")

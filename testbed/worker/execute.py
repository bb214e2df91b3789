"""The child's side of a run: one test after the other, with what each says and which guards it reached."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping, Sequence
from functools import cached_property
from time import perf_counter
from typing import Any

from . import properties
from .carve import Carver
from .child import Outbox, limits_of
from .defaults import Defaults
from .differential import EmptyFolders, Entries
from .direct import Calls, Direct
from .guards import Guard
from .isolation import Isolation
from .probe import ProbingGuard
from .reports import Recorder, decides
from .sites import Sites, find_sites
from .spawned import Spawned
from .system import PLAIN_DEPTH, Data, Growth, Room, limit_processor, seed_everything
from .touch import Touch
from .watch import Watch
from .words import type_name


class Program:
    """A generation as imported and collected in this process."""

    def __init__(
        self,
        root: str,
        modules: Mapping[str, str],
        items: Mapping[str, Any],
        entries: Entries,
        recorder: Recorder,
        spawns: bool,
        defaults: Defaults,
    ) -> None:
        self.root = root
        self.modules = modules
        self.items = items
        self.entries = entries
        self.recorder = recorder
        self.spawns = spawns
        self.defaults = defaults
        self.watch = Watch()

    @cached_property
    def sites(self) -> Sites:
        """The guards' alternatives, for probing."""
        return find_sites(self.root, self.modules.values())

    @cached_property
    def direct(self) -> Direct:
        """The tests that need nothing of pytest's protocol."""
        return Direct(self.items)

    def ordered(self, tests: Sequence[str]) -> list[str]:
        """Those of `tests` that exist: items in the order of collection, then inputs as asked."""
        wanted = set(tests)
        items = [name for name in self.items if name in wanted]
        return items + [test for test in tests if self.entries.knows(test)]

    def absent(self, tests: Sequence[str]) -> list[str]:
        """Those of `tests` that do not exist."""
        return [test for test in tests if test not in self.items and not self.entries.knows(test)]


def run_batch(
    program: Program,
    outbox: Outbox,
    request: Mapping[str, Any],
    tests: Sequence[str],
    folder: str,
    direct: bool = False,
    isolation: Isolation | None = None,
    touch: Touch | None = None,
    asked: Sequence[str] | None = None,
) -> None:
    """Runs those of `tests` (or of `asked`) that exist, telling of each as it starts and as it ends.

    With `direct` those that can do without pytest's protocol are run without it. Where that leaves
    something open, what was told does not count: `unclear`. With `isolation` it ends with a test that left
    something behind: `part`, with the tests that have to be asked again. With `touch` each says what it read,
    and whether others may have read something for it.
    """
    run = _Batch(program, outbox, request, folder, direct)
    order = _in_portions(request, program.ordered(tests if asked is None else asked))
    if isolation is not None:
        order = isolation.order(order)
        isolation.begin()
    index = {test: i for i, test in enumerate(tests)}
    in_protocol = [test for test in order if not run.is_direct(test)]
    following = dict(zip(in_protocol, [*in_protocol[1:], ""]))
    for test, after in zip(order, [*order[1:], ""]):
        outbox.send({"k": "start", "i": index[test]})
        if touch is not None:
            touch.begin()
        result = run.one(test, following.get(test, ""))
        if touch is not None:
            result["a"] = touch.end()
            result["b"] = int(isolation is None or not isolation.is_apart(test))
        if run.unclear:
            break
        outbox.send({"k": "result", "i": index[test], "open": run.unwatched, **result})
        if run.broken:
            os._exit(0)
        if request["stop"] and decides(result):
            break
        again = None if isolation is None else isolation.after(test, after, run.acted)
        if again or (again is not None and after):
            kind = "unclear" if run.is_tampered() else "part"
            outbox.send({"k": kind, "again": [index[test] for test in again]})
            return
    outbox.send({"k": "unclear" if run.unclear or run.is_tampered() else "done"})


def _in_portions(request: Mapping[str, Any], tests: Sequence[str]) -> list[str]:
    """The tests in their order, but those before the others that the request names first."""
    portion = {
        test: (at >= request["first"]) + (at >= request["near"]) for at, test in enumerate(request["tests"])
    }
    return sorted(tests, key=lambda test: portion[test])


class _Batch:
    def __init__(
        self, program: Program, outbox: Outbox, request: Mapping[str, Any], folder: str, direct: bool
    ) -> None:
        self._program, self._outbox, self._request = program, outbox, request
        self._faults = frozenset(request["faults"])
        self._folders = EmptyFolders(os.path.join(folder, "work"))
        self._carver = Carver(program.root, program.modules) if request["carve"] else None
        self._spawned = self._spawning(folder) if program.spawns else None
        places = (folder, os.path.dirname(folder))
        own = [(os.path.join(place, name), name) for place in places for name in ("tmp", "home")]
        self._hidden = (*own, (program.root, "root"))
        program.recorder.hidden = self._hidden
        self._room = Room(sys.getrecursionlimit() - PLAIN_DEPTH)
        self._data = program.recorder.phases.data = Data(request["data_mib"])
        self._growth = None if self._faults else Growth()
        self.broken = self.unclear = False
        self._direct = program.direct if direct and program.direct.tests else None
        if self._direct is not None:
            self._calls = Calls(self._direct, program.root, self._data, self._hidden)
        self.unwatched = False  # whether a test was run directly since somebody looked at what judges

    def is_direct(self, test: str) -> bool:
        """Whether the test is run without pytest's protocol."""
        return self._direct is not None and test in self._direct.tests

    @property
    def acted(self) -> bool:
        """Whether the last test did what the state in memory does not show, as far as that is known."""
        return self._direct is not None and self._calls.events.acted

    def is_tampered(self) -> bool:
        """Whether a test that was run directly changed what judges."""
        return self.unwatched and bool(self._program.watch.changed())

    def _spawning(self, folder: str) -> Spawned:
        most = max(limits_of(self._request, test)[1] for test in self._request["tests"])
        return Spawned(os.path.join(folder, "spawned"), self._faults, int(most))

    def one(self, test: str, following: str) -> dict[str, Any]:
        """One test's result."""
        seconds, hits = limits_of(self._request, test)
        guard = self._guard(int(hits))
        limit_processor(seconds)
        item = self._program.items.get(test)
        if item is not None:
            properties.prepare(item, test, self._request["seed"], self._request["examples"])
        seed_everything()
        started = perf_counter()
        guard.install()
        self._program.recorder.shared.guard = guard
        if self.is_direct(test):
            result = self._directly(test)
        elif self.is_tampered():
            result = self._left_open()
        else:
            self.unwatched = False
            result = self._input(test) if item is None else self._item(item, following)
        result["s"] = round(perf_counter() - started, 6)
        if self._growth is not None:
            result["m"] = round(self._growth.mib(), 3)
        if self._spawned is not None:
            _add_spawned(self._spawned, guard, result, seconds)
        if item is not None:
            self._add_shared(item, guard)
        if isinstance(guard, ProbingGuard):
            result.update(x=sorted(guard.infected), u=sorted(guard.undecided))
        return {**result, "r": sorted(guard.seen), "h": guard.hits}

    def _add_shared(self, item: Any, guard: Guard) -> None:
        """What was met when a fixture was set up for several tests counts for each of them."""
        shared = self._program.recorder.shared
        met = shared.of(item)
        if isinstance(guard, ProbingGuard):
            guard.undecided |= met - guard.seen
        guard.seen |= met

    def _guard(self, hits: int) -> Guard:
        if self._request["probe"]:
            return ProbingGuard(self._program.sites, hits, self._outbox.exhausted)
        return Guard(self._faults, hits, self._outbox.exhausted)

    def _directly(self, test: str) -> dict[str, Any]:
        """The result of a test that is run without pytest's protocol; `unclear` where only that can tell."""
        assert self._direct is not None
        self.unwatched = True
        with self._direct.surroundings():
            result = self._calls.result(test)
        if result is None:
            return self._left_open()
        self.broken = result["v"] == "crash"
        return result

    def _left_open(self) -> dict[str, Any]:
        self.unclear = True
        return {"v": "unknown"}

    def _item(self, item: Any, following: str) -> dict[str, Any]:
        recorder = self._program.recorder
        recorder.begin()
        nextitem = self._program.items.get(following)
        try:
            with self._room, self._carver or contextlib.nullcontext():
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=nextitem)
        except BaseException as trouble:  # what ends a whole pytest session
            self.broken = True
            return {"v": "crash", "e": type_name(type(trouble))}
        changed = self._program.watch.changed()
        if changed:  # nothing that this process says can be relied on any more
            self.broken = True
            return {"v": "crash", "w": f"it changed {changed}"}
        calls = {} if self._carver is None else {"y": self._carver.calls()}
        result = recorder.verdict()
        self.broken = result["v"] == "crash"
        return {**result, **calls}

    def _input(self, test: str) -> dict[str, Any]:
        hidden = ((self._folders.enter(), "work"), *self._hidden)
        try:
            with self._data:
                return self._program.entries.run(test, hidden)
        finally:
            os.chdir(self._program.root)


def _add_spawned(spawned: Spawned, guard: Guard, result: dict[str, Any], seconds: float) -> None:
    found = spawned.collect()
    guard.seen |= found.seen
    guard.elsewhere += found.hits
    if isinstance(guard, ProbingGuard):
        guard.undecided |= found.seen - guard.infected
    if found.exhausted:
        result.update(v="timeout", w="an interpreter that it started used up the guard budget")
    elif result["v"] != "pass" and found.seconds > seconds:
        result.update(v="timeout", c=1, w="a process that it started reached the CPU limit")

"""Runs tests in a forked child, reads its results as they come, and ends whatever does not end.

A crash or a limit at one test is that test's verdict; the others go on in a new child without it.
"""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from .child import GoesOn, Outbox
from .frames import BadFrame, Inbox
from .guards import traced
from .reports import decides
from .system import die_with, kill_group, kill_strays

Result = dict[str, Any]
Spawn = Callable[[Outbox, list[str]], None]
BROKEN = 70
"""The exit code of a child whose own part, not the program's, went wrong."""

_LARGEST_RESULT = 16 << 20
_NOT_RUN: Result = {"v": "unknown", "w": "not run, since what ran before it decided"}
_LOOK = 0.25  # seconds between looks whether a child that holds its pipe open has ended


class Gone(Exception):
    """Whoever asked has closed the line; there is nobody left to answer."""


class Walls:
    """Wall-clock limits, behind the counted ones: `loading` seconds, then so much for each test."""

    def __init__(self, loading: float, seconds: Callable[[str], float]) -> None:
        self.loading = loading
        self._seconds = seconds

    def of(self, test: str) -> float:
        """Three times the CPU seconds that the test has, since others may be using the processor."""
        return 3 * self._seconds(test) + 1


class Child:
    """One child that runs a batch of tests, seen from its parent."""

    def __init__(self, spawn: Spawn, tests: list[str], walls: Walls, watch: int) -> None:
        self.tests, self.walls, self.watch = tests, walls, watch
        self.results: dict[str, Result] = {}
        self.open: set[str] = set()  # those for which nobody has looked yet whether what judges was changed
        self.ready = self.finished = self.late = self.unclear = self.parted = False
        self.again: list[str] = []  # what it told of these does not count
        self.exhausted: Result | None = None
        self.missing: Result = {"v": "unknown", "w": "no such test"}
        self.told: Result = {}  # what it said about itself as loaded
        self.current: str | None = None
        self._inbox = Inbox(_LARGEST_RESULT)
        self._deadline = time.monotonic() + walls.loading
        self._reader, writer = os.pipe()
        self._token = os.urandom(8).hex()
        self.pid = _fork(spawn, self._reader, writer, self._token, tests)
        os.close(writer)

    def listen(self, keep: AbstractSet[int]) -> int:
        """Reads until the child is done, gone or late; ends it; its wait status. Raises Gone."""
        try:
            while not self.finished and self._listen_once():
                pass
        finally:
            os.close(self._reader)
            kill_group(self.pid)
            status = os.waitpid(self.pid, 0)[1]
            kill_strays(keep)
        return status

    def deadline(self) -> float:
        """When it is late, on the monotonic clock."""
        return self._deadline

    def _listen_once(self) -> bool:
        left = self.deadline() - time.monotonic()
        if left <= 0:
            self.late = True
            return False
        ready = select.select([self._reader, self.watch], [], [], min(left, _LOOK))[0]
        if self.watch in ready:
            raise Gone
        if ready:
            return self._read()
        return not _has_ended(self.pid)

    def _read(self) -> bool:
        piece = os.read(self._reader, 1 << 16)
        try:
            for message in self._inbox.feed(piece):
                self._take(message)
        except (BadFrame, KeyError, IndexError, TypeError):
            return False
        return bool(piece)

    def _take(self, message: Result) -> None:
        if message.pop("n") != self._token:
            raise BadFrame("not by the child itself")
        kind = message["k"]
        if kind == "start":
            self.current = self.tests[message["i"]]
            self._deadline = time.monotonic() + self.walls.of(self.current)
        elif kind == "result":
            test = self.tests[message["i"]]
            self.results[test] = message
            self.open = {*self.open, test} if message.pop("open") else set()
            self._deadline = time.monotonic() + self.walls.loading
        elif kind == "ready":
            self.ready = True
        elif kind == "missing":
            self.missing = {"v": "error", "w": message["w"], "l": 1}
        elif kind == "exhausted":
            self.exhausted = {"v": "timeout", "w": "the guard budget was used up", "r": message["r"]}
        elif kind == "told":
            self.told = message
            for at in set(range(len(self.tests))).difference(message.get("asked", range(len(self.tests)))):
                self.results[self.tests[at]] = {"v": "unknown", "o": 1, "w": "it cannot tell"}
        elif kind in ("done", "unclear", "part"):
            self.finished = True
            self.unclear, self.parted = kind == "unclear", kind == "part"
            self.again = [self.tests[at] for at in message.get("again", ())]

    def ending(self, status: int) -> Result:
        """The verdict that the end of this child is for the test it was running."""
        if self.exhausted is not None:
            return self.exhausted
        reached = traced()
        if self.late:
            return {"v": "timeout", "c": 1, "r": reached, "w": "the wall-clock limit was reached"}
        if os.WIFSIGNALED(status):
            if os.WTERMSIG(status) in (signal.SIGPROF, signal.SIGXCPU):
                return {"v": "timeout", "c": 1, "r": reached, "w": "the CPU limit was reached"}
            return {"v": "crash", "r": reached, "w": f"signal {os.WTERMSIG(status)}"}
        return {"v": "crash", "r": reached, "w": f"exit code {os.WEXITSTATUS(status)}"}


def _fork(spawn: Spawn, reader: int, writer: int, token: str, tests: list[str]) -> int:
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    try:
        os.close(reader)
        os.setsid()
        die_with(parent)
        spawn(Outbox(writer, token), tests)
    except GoesOn:
        raise
    except BaseException:
        os._exit(BROKEN)
    os._exit(BROKEN)


def _has_ended(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def run_all(
    spawn: Spawn,
    tests: Sequence[str],
    walls: Walls,
    *,
    watch: int,
    keep: AbstractSet[int],
    singly: bool,
    most_timeouts: int,
    stop: bool,
    clean: Callable[[], None],
    plain: Spawn | None = None,
    again: Callable[[], None] = lambda: None,
    told: Callable[[Result], None] = lambda told: None,
) -> list[Result]:
    """A result for each test, in any order; `clean` is called after each child.

    After `most_timeouts` tests that did not end the rest is not run: what loops for ever does so
    in every test that reaches it. 0 is no bound. With `stop` nothing is run after the first test that
    does not pass. A child that says that it is unclear how its tests ended has said nothing: `plain`
    spawns those that have to say it. One that did its part leaves the rest to another; `again` is called
    when it has told of tests what does not count, and `told` with what a child said of itself. Raises
    Gone when `watch` is closed meanwhile.
    """
    waiting = list(tests)
    results: list[Result] = []
    while waiting:
        batch = waiting[:1] if singly else waiting
        child = Child(spawn, batch, walls, watch)
        try:
            status = child.listen(keep)
        finally:
            clean()
        told(child.told)
        if child.unclear and plain is not None:
            spawn = plain
            continue
        found = {test: result for test, result in child.results.items() if test not in child.again}
        if child.again:
            again()
        if not child.finished:
            for test in child.open - {child.current}:  # it is asked again
                del found[test]
            _blame(child, found, status)
        failed = stop and any(map(decides, found.values()))
        for test in batch if child.finished and not child.parted else ():
            found.setdefault(test, _NOT_RUN if failed else child.missing)
        results.extend({**result, "t": test} for test, result in found.items())
        waiting = [test for test in waiting if test not in found]
        timeouts = sum(result["v"] == "timeout" for result in results)
        if failed or (most_timeouts and timeouts >= most_timeouts):
            results.extend({**_NOT_RUN, "t": test} for test in waiting)
            waiting = []
    return results


def _blame(child: Child, found: dict[str, Result], status: int) -> None:
    verdict = child.ending(status)
    if not child.ready:
        found.update({test: {**verdict, "l": 1} for test in child.tests})
    elif child.current is not None and child.current not in found:
        found[child.current] = verdict
    elif not found:
        found[child.tests[0]] = {"v": "unknown", "w": "the child ended before its first test"}

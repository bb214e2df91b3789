"""The parent's side of many faults in one child: who did what, who ended where, and what is left to do."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from . import supervise
from .child import Outbox
from .crew import Crew, Whereabouts
from .reports import decides
from .supervise import BROKEN, Child, Result, Walls

Waiting = list[tuple[int, Sequence[int]]]
Finds = dict[str, "Counter[int]"]
Spawn = Callable[[Outbox, Waiting, Whereabouts, Finds], None]


class Crewed(Child):
    """One child that does jobs. Its limit is always that of the test that it is at."""

    def __init__(
        self,
        spawn: supervise.Spawn,
        walls: Walls,
        watch: int,
        place: Whereabouts,
        names: Sequence[str],
    ) -> None:
        self.jobs: list[dict[str, Any]] = []
        self.tainted = False
        self._place, self._names = place, names
        super().__init__(spawn, [], walls, watch)

    def _take(self, message: Result) -> None:
        if message["k"] == "job":
            self.jobs.append(message)
        elif message["k"] == "tainted":
            self.tainted = True
        else:
            super()._take(message)

    def deadline(self) -> float:
        """When it is late, on the monotonic clock."""
        _job, test, since = self._place.get()
        return since + (self.walls.loading if test < 0 else self.walls.of(self._names[test]))


class Foreman:
    """Has the jobs of one request done, with as few children as their tests allow."""

    def __init__(self, crew: Crew, request: Mapping[str, Any], walls: Walls, watch: int) -> None:
        self._crew, self._request, self._walls, self._watch = crew, request, walls, watch
        self._tests: Sequence[str] = request["tests"]
        self._place = Whereabouts()
        self._finds: Finds = {}
        self._done: list[dict[int, Result]] = [{} for _ in request["jobs"]]
        self._left: list[list[int]] = [self._others(job) for job in request["jobs"]]
        self.forks = 0

    def _others(self, job: Mapping[str, Any]) -> list[int]:
        return [at for at in job["t"] if self._tests[at] not in self._crew.direct.tests]

    def run(self, spawn: Spawn, keep: AbstractSet[int], clean: Callable[[], None]) -> list[dict[str, Any]]:
        """For each job the results, the tests that are left for another way, and those to ask again."""
        waiting: Waiting = [
            (number, ()) for number, job in enumerate(self._request["jobs"]) if self._direct(job)
        ]
        while waiting:
            self._place.set(-1, -1)
            self.forks += 1
            child = Crewed(
                lambda outbox, _tests, now=waiting: spawn(outbox, now, self._place, self._finds),  # type: ignore[misc]
                self._walls,
                self._watch,
                self._place,
                self._tests,
            )
            try:
                status = child.listen(keep)
            finally:
                clean()
            waiting = self._after(child, status, waiting)
            if any(message["acted"] for message in child.jobs) or not child.finished:
                break  # files may have changed: somebody else puts them right
        again = {
            number: list(order) or self._direct(self._request["jobs"][number]) for number, order in waiting
        }
        return [
            {
                "r": [{**result, "i": at} for at, result in done.items()],
                "left": left,
                "again": again.get(number, []),
            }
            for number, (done, left) in enumerate(zip(self._done, self._left))
        ]

    def _direct(self, job: Mapping[str, Any]) -> list[int]:
        return [at for at in job["t"] if self._tests[at] in self._crew.direct.tests]

    def _after(self, child: Crewed, status: int, waiting: Waiting) -> Waiting:
        """What waits after a child has ended."""
        job, test, _since = self._place.get()
        broken = not child.finished and os.WIFEXITED(status) and os.WEXITSTATUS(status) == BROKEN
        if child.tainted or broken or (not child.finished and job < 0):
            for number, _order in waiting:  # nothing that it said counts, and nothing waits for another
                self._left[number] = list(self._request["jobs"][number]["t"])
            return []
        unfinished: dict[int, Sequence[int]] = dict(waiting)
        for message in child.jobs:
            number = message["i"]
            self._note(number, message["r"])
            unfinished.pop(number, None)
            self._left[number] += message["otherwise"]
            if message["left"]:
                unfinished[number] = message["left"]
        if not child.finished and job in unfinished:
            self._note(job, [{**child.ending(status), "i": test}])
            known = self._done[job]
            order = [at for at in self._direct(self._request["jobs"][job]) if at not in known]
            timeouts = sum(result["v"] == "timeout" for result in known.values())
            del unfinished[job]
            if order and not self._request["stop"] and timeouts < self._request["most_timeouts"]:
                unfinished[job] = order
        return sorted(unfinished.items())

    def _note(self, number: int, results: Sequence[Result]) -> None:
        group = self._request["jobs"][number]["g"]
        for result in results:
            at = result.pop("i")
            self._done[number][at] = result
            if decides(result):
                self._finds.setdefault(group, Counter())[at] += 1
                if self._request["stop"]:
                    self._left[number] = []

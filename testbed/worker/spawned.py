"""Interpreters that a test starts: they import the same source, and need a guard function as well.

A `sitecustomize` in a folder of the run is on their path. Which faults are on stands in its text; the
guards that were evaluated come back through a file beside it. A test that starts an interpreter with
an emptied environment loses this, and fails unfaulted too.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Iterable, Mapping
from typing import NamedTuple

_MENTIONS = (b"subprocess", b"multiprocessing", b"ProcessPool", b"os.system", b"os.exec", b"os.spawn")
_EXHAUSTED = "exhausted"
_TEXT = """\
import builtins, importlib.machinery, importlib.util, os, sys
def _install(on, left, here):
    seen, budget, mark = set(), left, max(0, left - 65536)
    def note(text):
        file = os.open(os.path.join(here, "seen"), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(file, (str(text) + "\\n").encode())
        os.close(file)
    def guard(number):
        nonlocal left, mark
        left -= 1
        if left < mark:
            if left < 0:
                note("exhausted")
                os._exit(81)
            hits = budget - left
            note("hits:%d" % hits)
            mark = max(0, budget - 4 * hits)
        if number not in seen:
            seen.add(number)
            note(number)
        return number in on
    builtins.__fault__ = guard
    sys.path[:] = [entry for entry in sys.path if entry != here]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize")
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
_install(frozenset({faults!r}), {budget!r}, os.path.dirname(os.path.abspath(__file__)))
"""


def may_start_interpreters(files: Mapping[str, bytes]) -> bool:
    """Whether any of these files looks as if it started another process."""
    return any(mention in data for data in files.values() for mention in _MENTIONS)


class Found(NamedTuple):
    """Guards that were evaluated; whether a budget was used up; at most so many hits; CPU seconds."""

    seen: set[int]
    exhausted: bool
    hits: int
    seconds: float


class Spawned:
    """The guard function of the interpreters that one run starts."""

    def __init__(self, folder: str, faults: Iterable[int], budget: int) -> None:
        self._used = 0.0
        self._seen = os.path.join(folder, "seen")
        os.mkdir(folder)
        with open(os.path.join(folder, "sitecustomize.py"), "w", encoding="ascii") as file:
            file.write(_TEXT.replace("{faults!r}", repr(sorted(faults))).replace("{budget!r}", repr(budget)))
        others = os.environ.get("PYTHONPATH", "")
        os.environ["PYTHONPATH"] = folder + (os.pathsep + others if others else "")

    def collect(self) -> Found:
        """What became of the interpreters since the last look."""
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        before, self._used = self._used, usage.ru_utime + usage.ru_stime
        try:
            with open(self._seen, encoding="ascii", errors="replace") as file:
                words = file.read().split()
            os.unlink(self._seen)
        except OSError:
            words = []
        counts = [word.partition(":")[2] for word in words]
        return Found(
            seen={int(word) for word in words if word.isdecimal()},
            exhausted=_EXHAUSTED in words,
            hits=4 * sum(int(count) for count in counts if count.isdecimal()),
            seconds=self._used - before,
        )

"""The slow way, for checking: a plugin for plain pytest, in a process and a folder of its own."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from _pytest.assertion.rewrite import AssertionRewritingHook

from . import properties
from .characters import tell_of_utf8
from .generation import test_name
from .reports import Recorder
from .system import Data, limit_resources, seed_everything
from .watch import Watch


def _write(file: int, **line: Any) -> None:
    os.write(file, json.dumps(line).encode("ascii") + b"\n")


def note_the_end(request: dict[str, Any]) -> None:
    """Writes a line when this process ends in good order, however early."""
    atexit.register(_write, os.open(request["results"], os.O_WRONLY | os.O_APPEND), finished=1)


def import_hypothesis() -> None:
    """Imports it as it is; pytest would rewrite its assertions, and so compile it anew each time."""
    rewriting = [finder for finder in sys.meta_path if isinstance(finder, AssertionRewritingHook)]
    others = [finder for finder in sys.meta_path if finder not in rewriting]
    before, sys.meta_path[:] = [*sys.meta_path], others
    try:
        with contextlib.suppress(ImportError):
            import hypothesis  # noqa: F401

            tell_of_utf8()
    finally:
        sys.meta_path[:] = before


class Notes:
    """The pytest plugin: runs only the wanted tests, under the same rules, and writes a line for each."""

    def __init__(self, request: dict[str, Any]) -> None:
        self._wanted = set(request["tests"])
        self._request, self._root = request, os.getcwd()
        self._watch: Any = None
        self.recorder = Recorder(self._root)
        self._file = os.open(request["results"], os.O_WRONLY | os.O_APPEND)

    def _write(self, **line: Any) -> None:
        _write(self._file, **line)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Leaves the wanted ones."""
        items[:] = [item for item in items if test_name(item, self._root) in self._wanted]
        self._write(collected=len(items))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self) -> None:
        """Once everything is imported: the limit on memory, and the examples, as in a forked run."""
        properties.tame_library()
        self._watch = Watch()
        limit_resources(self._request["memory_mib"])
        self.recorder.phases.data = Data(self._request["data_mib"])

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: Any) -> Iterator[None]:
        """Prepares an item, and writes down how it went."""
        name = test_name(item, self._root)
        self._write(start=name)
        self.recorder.begin()
        properties.prepare(item, name, self._request["seed"], self._request["examples"])
        seed_everything()
        outcome: Any = yield
        if outcome.excinfo is not None:
            return  # this ends the session: the test stays without a verdict
        if self._watch.changed():
            os._exit(1)  # as in a forked run: what judges it is not what it was
        self._write(test=name, verdict=self.recorder.verdict()["v"])

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Ends here, where all verdicts are known: for the summary plug-ins import what the tests do not."""
        self._write(finished=1)
        os._exit(0)

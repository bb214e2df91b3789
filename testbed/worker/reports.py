"""What pytest says of one item, brought down to a verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from .shared import Shared
from .system import Data
from .words import Hidden, raised_in, shorten, type_name, without_folders


def noted(failure: tuple[type, BaseException, Any], root: str, hidden: Hidden = ()) -> dict[str, str]:
    """What is told of an exception: its type, where it was raised, a short text."""
    try:
        text = str(failure[1])
    except Exception:
        text = ""
    name = type_name(failure[0])
    return {
        "e": name[:200],
        "p": raised_in(failure[2], root)[:400],
        "w": shorten(without_folders(f"{name}: {text}"[:4000], hidden)),
    }


def verdict_of(failed: set[str], seen: set[str], kind: type) -> str:
    """The verdict by the phases that failed, first with an exception of this kind, and those that were seen.

    pass, fail (the test itself failed), or error (what surrounds it did). `crash` for want of memory, since
    it is chance whether that ends in the test or in pytest that reports on it, and where pytest did not tell
    how it went: nothing is a pass for want of bad news.
    """
    if failed and issubclass(kind, MemoryError):
        return "crash"
    if failed:
        return "fail" if "call" in failed else "error"
    return "pass" if {"call", "teardown"} <= seen else "crash"


def decides(result: Mapping[str, Any]) -> bool:
    """Whether a result says that something is wrong, and so needs no other."""
    return result["v"] not in ("pass", "unknown")


class Phases:
    """A pytest plugin that bounds memory while a phase of an item runs, not while pytest reports on it."""

    def __init__(self) -> None:
        self.data = Data(0)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_setup(self) -> Iterator[None]:
        """Fixtures are set up."""
        with self.data:
            yield

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self) -> Iterator[None]:
        """The test itself."""
        with self.data:
            yield

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_teardown(self) -> Iterator[None]:
        """What was set up is taken down."""
        with self.data:
            yield


class Recorder:
    """A pytest plugin that keeps the reports of the item that runs."""

    def __init__(self, root: str) -> None:
        self._root = root
        self.hidden: Hidden = ()
        self.shared = Shared()
        self.phases = Phases()
        self._failed: set[str] = set()
        self._seen: set[str] = set()
        self._first: dict[str, str] = {}
        self._kind: type = Exception  # of the first exception

    def begin(self) -> None:
        """Forgets the item before."""
        self._failed, self._seen = set(), set()
        self._first, self._kind = {}, Exception

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: Any, call: Any) -> Iterator[None]:
        """Notes the exception behind a failing report."""
        outcome: Any = yield
        report = outcome.get_result()
        if report.failed and call.excinfo is not None and not self._first:
            self._note(call.excinfo)

    def _note(self, excinfo: Any) -> None:
        self._kind = excinfo.type
        self._first = noted((excinfo.type, excinfo.value, excinfo.tb), self._root, self.hidden)

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Notes in which phase the item failed."""
        self._seen.add("call" if report.skipped else report.when)
        if report.failed:
            self._failed.add(report.when)

    def verdict(self) -> dict[str, Any]:
        """How the item ended, and what its first exception was."""
        verdict = verdict_of(self._failed, self._seen, self._kind)
        if verdict == "crash" and not self._failed:
            return {"v": verdict, "w": "pytest did not report how it went"}
        return {"v": verdict, **self._first}

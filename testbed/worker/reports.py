"""What pytest says of one item, brought down to a verdict."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from .shared import Shared
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


class Recorder:
    """A pytest plugin that keeps the reports of the item that runs."""

    def __init__(self, root: str) -> None:
        self._root = root
        self.hidden: Hidden = ()
        self.shared = Shared()
        self._failed: set[str] = set()
        self._seen: set[str] = set()
        self._first: dict[str, str] = {}

    def begin(self) -> None:
        """Forgets the item before."""
        self._failed, self._seen = set(), set()
        self._first = {}

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: Any, call: Any) -> Iterator[None]:
        """Notes the exception behind a failing report."""
        outcome: Any = yield
        report = outcome.get_result()
        if report.failed and call.excinfo is not None and not self._first:
            self._note(call.excinfo)

    def _note(self, excinfo: Any) -> None:
        self._first = noted((excinfo.type, excinfo.value, excinfo.tb), self._root, self.hidden)

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Notes in which phase the item failed."""
        self._seen.add("call" if report.skipped else report.when)
        if report.failed:
            self._failed.add(report.when)

    def verdict(self) -> dict[str, Any]:
        """pass, fail (the test itself failed), or error (what surrounds it did).

        `crash` where pytest did not tell how it went: nothing is a pass for want of bad news.
        """
        if "call" in self._failed:
            return {"v": "fail", **self._first}
        if self._failed:
            return {"v": "error", **self._first}
        if not {"call", "teardown"} <= self._seen:
            return {"v": "crash", "w": "pytest did not report how it went"}
        return {"v": "pass"}

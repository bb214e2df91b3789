"""Imports and collects a generation inside pytest's own session, and hands it over, ready to run."""

from __future__ import annotations

import gc
import importlib
import os
import re
import sys
from collections.abc import Callable
from typing import Any, NoReturn

import pytest

from . import properties
from .child import GoesOn, use_folders
from .defaults import Defaults
from .differential import Entries
from .execute import Program
from .frames import Message
from .guards import Guard
from .reports import Recorder
from .watch import Watch
from .words import shorten, type_name

_ARGUMENTS = (
    "-o", "addopts=", "--capture=no", "--tb=no",
    "-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:random_order",
    "--continue-on-collection-errors",
)  # fmt: skip
_LONGEST_ERROR = 2_000
_NAMED = re.compile(r"E\s+[\w.]*(Error|Exception|Warning|Failed|Interrupt)\b")


class Stage:
    """One call of pytest: the plugin in whose run loop a generation lives, when pytest has collected.

    With `wait` it first calls that, when all is ready for collecting and nothing of a generation has been
    imported. What `wait` forks goes on from there by raising GoesOn.
    """

    def __init__(self, root: str, wait: Callable[[], None] | None = None) -> None:
        self.recorder = Recorder(root)
        self.watch = Watch()
        self.errors: list[str] = []
        self.ready: Callable[[Any], NoReturn] | None = None
        self.failed: Callable[[str], NoReturn] | None = None
        self._wait = wait

    def run(self, arguments: list[str]) -> str:
        """Calls pytest; says why it came back."""
        sys.argv = ["pytest", *arguments]
        try:
            status = pytest.main(
                arguments, plugins=[self.recorder, self.recorder.shared, self.recorder.phases, self]
            )
        except Exception as trouble:  # a conftest.py that this pytest refuses, say
            reason = f"pytest refuses it: {type_name(type(trouble))}: {_last_line(str(trouble))}"
        else:
            reason = f"pytest ended with code {int(status)} before it had collected"
        if self.failed is not None:
            self.failed(reason)
        return reason

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Waits, in the process that forks the others; they go on."""
        wait, self._wait = self._wait, None
        if wait is not None:
            try:
                wait()
            except GoesOn:
                importlib.invalidate_caches()

    def pytest_collectreport(self, report: Any) -> None:
        """Notes what could not be collected."""
        if report.failed:
            self.errors.append(f"{report.nodeid}: {_last_line(str(report.longrepr))}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: Any) -> None:
        """Never returns: the process ends in here."""
        assert self.ready is not None
        self.ready(session)


def _last_line(text: str) -> str:
    """The line that names the exception, else the last one."""
    lines = [line for line in text.splitlines() if line.strip()]
    named = [line for line in lines if _NAMED.match(line)]
    return shorten((named or lines)[-1], os.getcwd()) if lines else ""


class Loader:
    """Loads the generation of one request in this process; `defaults` are those to switch afterwards."""

    def __init__(
        self,
        request: Message,
        folder: str,
        guard: Guard,
        stage: Stage | None = None,
        defaults: Defaults | None = None,
    ) -> None:
        self._request, self._folder, self._guard, self._stage = request, folder, guard, stage
        self._defaults = defaults or Defaults()
        self._root: str = request["root"]

    def load(
        self, ready: Callable[[Program, Message], NoReturn], failed: Callable[[str], NoReturn]
    ) -> NoReturn:
        """Calls `ready` with the program and its description, or `failed` with the reason."""
        self._guard.install()
        self._defaults.watch()
        os.environ.update(self._request["environment"])
        use_folders(self._folder)
        if self._stage is None:
            enter(self._root, self._request["paths"])
        with self._defaults.unheard():
            stage = self._stage or Stage(self._root)

        def collected(session: Any) -> NoReturn:
            changed = sorted(stage.watch.changes())
            entries = Entries(self._request["entries"], self._request["carved"])
            properties.tame_library()
            items: dict[str, Any] = {}
            for item in session.items:
                items.setdefault(test_name(item, self._root), item)
            spawns = bool(self._request["spawns"])
            modules, recorder = self._modules(), stage.recorder
            with self._defaults.unheard():
                program = Program(self._root, modules, items, entries, recorder, spawns, self._defaults)
            late = self._defaults.settle(self._root, self._guard.seen)
            ready(
                program,
                {
                    **self._describe(program, stage.errors),
                    "changed": changed,
                    "late": late,
                    "marked": self._defaults.marked,
                },
            )

        stage.ready, stage.failed = collected, failed
        if self._stage is not None:
            os.chdir(self._root)
            raise GoesOn
        stage.run(arguments_of(self._request))
        raise AssertionError

    def _describe(self, program: Program, errors: list[str]) -> Message:
        found = [*errors, *program.entries.errors, *self._strangers()]
        return {
            "tests": [
                [name, "property" if properties.is_property(item) else "unit"]
                for name, item in program.items.items()
            ],
            "entries": program.entries.names,
            "import_time": sorted(self._guard.seen),
            "hits": self._guard.hits,
            "error": "; ".join(found)[:_LONGEST_ERROR],
        }

    def _modules(self) -> dict[str, str]:
        sources = [path for path in self._request["sources"] if path.endswith(".py")]
        return {_module_name(path, self._request["paths"]): path for path in sources}

    def _strangers(self) -> list[str]:
        """Modules of the generation that were imported from elsewhere: no fault in them could act."""
        found = []
        for name, path in self._modules().items():
            module = sys.modules.get(name)
            place = getattr(module, "__file__", None)
            if place and os.path.realpath(place) != os.path.realpath(os.path.join(self._root, path)):
                found.append(f"{path} was imported from {place}")
        return found


def _module_name(path: str, roots: list[str]) -> str:
    for root in sorted(roots, key=len, reverse=True):
        if path.startswith(root + "/"):
            path = path[len(root) + 1 :]
            break
    name = path[: -len(".py")].replace("/", ".")
    return name[: -len(".__init__")] if name.endswith(".__init__") else name


def arguments_of(load: Message) -> list[str]:
    """What pytest is given for loading a generation."""
    return [*_ARGUMENTS, "--rootdir", load["root"], *load["options"], *load["tests"]]


def enter(root: str, paths: list[str]) -> None:
    """Makes `root` the working folder, from whose `paths` modules are imported."""
    os.chdir(root)
    places = [root, *(os.path.join(root, path) for path in paths if path)]
    sys.path[:0] = places
    os.environ["PYTHONPATH"] = os.pathsep.join(places)


def test_name(item: Any, root: str) -> str:
    """The node id, without the name of the folder should a parameter have it: it changes between loads."""
    name: str = item.nodeid
    return name.replace(root, "<root>")


def freeze() -> None:
    """Takes everything alive out of the collector's sight, so that children share its memory."""
    gc.collect()
    gc.freeze()

"""Runs plain test functions as pytest would, without its protocol, where that cannot differ.

Only functions and methods whose arguments are parameters, without fixtures, without marks that change
how a test ends, and where no plug-in but pytest's own takes part in running a test.
"""

from __future__ import annotations

import inspect
import os
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from _pytest.assertion import pytest_runtest_protocol

from . import properties
from .gate import Events
from .reports import noted, verdict_of
from .system import PLAIN_DEPTH, Data, Room
from .words import Hidden, type_name

PROTOCOL_DEPTH = 19
"""How many frames pytest's protocol puts between itself and a test function."""

_HOOKS = (
    "protocol", "logstart", "setup", "call", "teardown", "makereport", "logreport", "logfinish",
)  # fmt: skip
_KNOWN = ("_pytest.", "_testbed_worker.", "_hypothesis_pytestplugin", "hypothesis.", "anyio.pytest_plugin")
_SETUPS = ("setup", "teardown", "setup_module", "teardown_module", "setUpModule", "tearDownModule")
_COLLECTORS = ("Session", "Dir", "Package", "Module", "Class", "Instance")


class Unclear(Exception):
    """Only pytest itself can say how the test ended."""


class Direct:
    """The tests of one collected session that can be run directly: name -> (item, arguments)."""

    def __init__(self, items: Mapping[str, Any]) -> None:
        self.tests: dict[str, tuple[Any, dict[str, Any]]] = {}
        self._answering: dict[str, list[Any]] = {}
        first = next(iter(items.values()), None)
        if first is None or not _plugins_are_known(first):
            return
        self._config = first.config
        surroundings = _Surroundings()
        for name, item in items.items():
            arguments = _arguments(item) if surroundings.are_quiet(item) else None
            if arguments is not None:
                self.tests[name] = (item, arguments)
                answering = surroundings.answering(item)
                if answering:
                    self._answering[name] = answering

    @contextmanager
    def surroundings(self) -> Iterator[None]:
        """What pytest has in place around all tests: handlers for what they log."""
        with ExitStack() as stack:
            plugin = self._config.pluginmanager.get_plugin("logging-plugin")
            if plugin is not None and "logging" in sys.modules:
                from _pytest.logging import catching_logs

                for handler in (plugin.caplog_handler, plugin.report_handler):
                    stack.enter_context(catching_logs(handler, level=plugin.log_level))
            yield

    def run(self, test: str, events: Events) -> tuple[type, BaseException, Any] | None:
        """Runs a test watched by `events`: (type, exception, traceback) of its failure, None where it passes.

        Raises Unclear for a test that returns something, or around which something is set up with this
        fault, which is pytest's to judge, and what ends a whole session.
        """
        if any(_may_set_up(module) for module in self._answering.get(test, ())):
            raise Unclear
        item, arguments = self.tests[test]
        plugin = self._config.pluginmanager.get_plugin("logging-plugin")
        if plugin is not None:
            plugin.caplog_handler.reset()
            plugin.report_handler.reset()
        os.environ["PYTEST_CURRENT_TEST"] = f"{item.nodeid} (call)".replace("\x00", "(null)")
        try:
            with self._warnings(), _explained(item):
                events.begin()
                returned = _function(item)(**arguments)
        except (KeyboardInterrupt, pytest.exit.Exception):
            raise
        except BaseException as trouble:
            return None if _is_skip(trouble) else (type(trouble), trouble, trouble.__traceback__)
        finally:
            events.end()
            os.environ.pop("PYTEST_CURRENT_TEST", None)
        if returned is not None:
            raise Unclear
        return None

    @contextmanager
    def _warnings(self) -> Iterator[None]:
        if not self._config.pluginmanager.hasplugin("warnings"):
            yield
            return
        from _pytest.config import apply_warning_filters

        with warnings.catch_warnings(record=True):
            if not sys.warnoptions:
                warnings.filterwarnings("always", category=DeprecationWarning)
                warnings.filterwarnings("always", category=PendingDeprecationWarning)
            warnings.filterwarnings("error", category=_removed())
            apply_warning_filters(
                self._config.getini("filterwarnings"), self._config.known_args_namespace.pythonwarnings or []
            )
            yield


class Calls:
    """The tests that one child runs directly, each with how it ended. For ever, as its `events` are."""

    def __init__(self, direct: Direct, root: str, data: Data, hidden: Hidden = ()) -> None:
        self._direct, self._root, self._data, self._hidden = direct, root, data, hidden
        self._room = Room(sys.getrecursionlimit() - PLAIN_DEPTH - PROTOCOL_DEPTH)
        self.events = Events()

    def result(self, test: str) -> dict[str, Any] | None:
        """pass, fail or crash (what ends a whole session or has no memory left); None: pytest has to say."""
        result: dict[str, Any] = {"v": "pass"}
        try:
            with self._room, self._data:
                trouble = self._direct.run(test, self.events)
            if trouble is not None:
                result = {
                    "v": verdict_of({"call"}, {"call"}, trouble[0]),
                    **noted(trouble, self._root, self._hidden),
                }
        except Unclear:
            return None
        except BaseException as end:
            result = {"v": "crash", "e": type_name(type(end))}
        return None if self.events.raised_unseen else result


@contextmanager
def _explained(item: Any) -> Iterator[None]:
    """Has an assertion that fails say what pytest makes it say, and call what it calls for that."""
    around = pytest_runtest_protocol(item)
    next(around)
    try:
        yield
    finally:
        next(around, None)


def _removed() -> Any:
    """What pytest raises as an error of its own accord: a warning of what its next version drops."""
    following = int(pytest.__version__.partition(".")[0]) + 1
    return getattr(pytest, f"PytestRemovedIn{following}Warning", _NoWarning)


class _NoWarning(Warning):
    """For a filter that no warning meets."""


def _is_skip(trouble: BaseException) -> bool:
    unittest = sys.modules.get("unittest")
    skips = (
        pytest.skip.Exception,
        pytest.xfail.Exception,
        getattr(unittest, "SkipTest", pytest.skip.Exception),
    )
    return isinstance(trouble, skips)


def _plugins_are_known(item: Any) -> bool:
    names = [*(f"pytest_runtest_{name}" for name in _HOOKS), "pytest_pyfunc_call"]
    for name in names:
        for implementation in getattr(item.ihook, name).get_hookimpls():
            module = getattr(implementation.function, "__module__", "") or ""
            if not module.startswith(_KNOWN) and not (
                module == "pytest_timeout" and not _has_timeout(item.config)
            ):
                return False
    return not item.config.getoption("usepdb", False)


def _has_timeout(config: Any) -> bool:
    return bool(config.getini("timeout") or config.getoption("timeout", None))


def _arguments(item: Any) -> dict[str, Any] | None:
    if type(item) is not pytest.Function or properties.is_property(item):
        return None
    if any(mark.name != "parametrize" for mark in item.iter_markers()):
        return None
    if not _is_plain(item):
        return None
    callspec = getattr(item, "callspec", None)
    found: dict[str, Any] = {}
    for name in item.fixturenames:
        direct = getattr(callspec, "funcargs", {})
        definitions = item._fixtureinfo.name2fixturedefs.get(name, ())
        pseudo = all(each.func.__name__ == "get_direct_param_fixture_func" for each in definitions)
        if name in direct:
            found[name] = direct[name]
        elif callspec is not None and name in callspec.params and definitions and pseudo:
            found[name] = callspec.params[name]
        else:
            return None
    wanted = item._fixtureinfo.argnames
    return {name: found[name] for name in wanted} if set(wanted) <= set(found) else None


class _Surroundings:
    """What stands around the items of one session: packages, modules and classes, each looked at once."""

    def __init__(self) -> None:
        self._modules: dict[str, Any] = {}
        self._quiet: dict[Any, bool] = {}

    def are_quiet(self, item: Any) -> bool:
        """Whether nothing is set up around it, as far as that is certain beforehand."""
        return all(map(self._is_quiet, item.listchain()[:-1]))

    def answering(self, item: Any) -> list[Any]:
        """The modules around it that answer, by a function, for names that they do not have."""
        nodes = [node for node in item.listchain()[:-1] if type(node).__name__ in ("Package", "Module")]
        return [held for held in map(self._held, nodes) if "__getattr__" in vars(held)]

    def _is_quiet(self, node: Any) -> bool:
        if node not in self._quiet:
            kind = type(node).__name__
            known = kind in _COLLECTORS and type(node).__module__.startswith("_pytest.")
            holds = kind in ("Package", "Module", "Class")
            self._quiet[node] = known and not (holds and _may_set_up(self._held(node)))
        return self._quiet[node]

    def _held(self, node: Any) -> Any:
        """The module or class of a node; since pytest 8 that of a package is found by its file."""
        if hasattr(node, "obj"):
            return node.obj
        if not self._modules:
            modules = [module for module in list(sys.modules.values()) if hasattr(module, "__file__")]
            self._modules = {str(module.__file__): module for module in modules}
        return self._modules.get(os.path.join(str(node.path), "__init__.py"))


def _may_set_up(held: Any) -> bool:
    if held is None or (isinstance(held, type) and type(held) is not type):
        return True
    return any(hasattr(held, name) for name in _SETUPS)


def _is_plain(item: Any) -> bool:
    function = getattr(item.obj, "__func__", item.obj)
    if not inspect.isfunction(function) or hasattr(function, "__wrapped__"):
        return False
    if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
        return False
    if inspect.isasyncgenfunction(function):
        return False
    return item.cls is None or getattr(_function(item), "__func__", None) is function


def _function(item: Any) -> Any:
    if item.cls is None:
        return item.obj
    return getattr(item.cls(), item.originalname or item.name)

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

from . import properties
from .gate import Events

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
        first = next(iter(items.values()), None)
        if first is None or not _plugins_are_known(first):
            return
        self._config = first.config
        for name, item in items.items():
            arguments = _arguments(item)
            if arguments is not None:
                self.tests[name] = (item, arguments)

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

        Raises Unclear for a test that returns something, which is pytest's to judge, and what ends a
        whole session.
        """
        item, arguments = self.tests[test]
        plugin = self._config.pluginmanager.get_plugin("logging-plugin")
        if plugin is not None:
            plugin.caplog_handler.reset()
            plugin.report_handler.reset()
        os.environ["PYTEST_CURRENT_TEST"] = f"{item.nodeid} (call)".replace("\x00", "(null)")
        try:
            with self._warnings():
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
    if not _is_surrounded_by_nothing(item) or not _is_plain(item):
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


def _is_surrounded_by_nothing(item: Any) -> bool:
    for node in item.listchain()[:-1]:
        if type(node).__name__ not in _COLLECTORS or not type(node).__module__.startswith("_pytest."):
            return False
        held = getattr(node, "obj", None) if type(node).__name__ in ("Package", "Module", "Class") else None
        if any(hasattr(held, name) for name in _SETUPS):
            return False
    return True


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

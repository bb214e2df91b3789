"""Imports once, before any fork, what every generation needs and what knows nothing of the target."""

from __future__ import annotations

import contextlib
import importlib
import os
import platform
import sys
from collections.abc import Callable, Iterable
from importlib.metadata import Distribution, distributions
from typing import Any

import pytest

from . import properties
from .characters import tell_of_utf8
from .system import open_handles, unforkable

_PLUGINS = "pytest11"


def versions() -> dict[str, Any]:
    """What runs here."""
    hypothesis: Any = sys.modules.get("hypothesis")
    return {
        "python": platform.python_version(),
        "pytest": pytest.__version__,
        "hypothesis": "" if hypothesis is None else hypothesis.__version__,
    }


def pytest_plugins() -> None:
    """pytest's own plugins."""
    from _pytest import config

    for name in getattr(config, "default_plugins", ()):
        with contextlib.suppress(ImportError):
            importlib.import_module(f"_pytest.{name}")


def hypothesis_unless_it_imports(modules: Iterable[str]) -> None:
    """Hypothesis with its data; but not when it would import the target from elsewhere (attrs, say)."""
    if child_says(lambda: _imports(modules)):
        return
    _hypothesis_with_its_data()


def other_plugins_unless_they_import(modules: Iterable[str]) -> None:
    """The plug-ins that pytest finds in this environment, rewritten as it would do it for each generation.

    Only those that import nothing of the target and start no thread, which no fork would survive.
    """
    for distribution in _with_plugins():
        if not child_says(lambda: _imports_plugins(distribution, modules)):  # noqa: B023  (asked at once)
            _import_plugins(distribution)


def _with_plugins() -> list[Distribution]:
    own = [each for each in distributions() if any(entry.group == _PLUGINS for entry in each.entry_points)]
    # Hypothesis is warmed up by itself, and its plug-in is one that every generation loads anew.
    return [each for each in own if each.metadata["Name"] != "hypothesis"]


def _imports_plugins(distribution: Distribution, modules: Iterable[str]) -> bool:
    handles = open_handles()
    _import_plugins(distribution)
    return any(module in sys.modules for module in modules) or bool(unforkable(handles | open_handles({0})))


def _import_plugins(distribution: Distribution) -> None:
    from _pytest import config
    from _pytest.assertion import install_importhook

    before = list(sys.meta_path)
    try:
        hook = install_importhook(config.get_config())
        hook.mark_rewrite(*config._iter_rewritable_modules(map(str, distribution.files or ())))
        for entry in distribution.entry_points:
            if entry.group == _PLUGINS:
                entry.load()
    except Exception:
        pass
    finally:
        sys.meta_path[:] = before


def child_says(question: Callable[[], bool]) -> bool:
    """The answer that a child finds, which alone keeps what finding it does; True where it dies of it."""
    pid = os.fork()
    if pid:
        return os.waitpid(pid, 0)[1] != 0
    try:
        os._exit(int(question()))
    finally:
        os._exit(1)


def _imports(modules: Iterable[str]) -> bool:
    import hypothesis.strategies  # noqa: F401

    return any(module in sys.modules for module in modules)


def _hypothesis_with_its_data() -> None:
    try:
        import hypothesis
        from hypothesis import configuration, strategies
        from hypothesis.internal import charmap
    except ImportError:
        return
    charmap.charmap()
    tell_of_utf8()

    @hypothesis.settings(max_examples=1, database=None, deadline=None)
    @hypothesis.seed(0)
    @hypothesis.given(strategies.lists(strategies.integers() | strategies.text()))
    def warm(_: Any) -> None:
        pass

    properties.tame_library()
    warm()
    _not_to_be_rewritten()
    # Else its pytest plug-in, which every generation loads anew, would complain of work before it.
    getattr(configuration, "notice_initialization_restarted", lambda warn: None)(warn=False)


def _not_to_be_rewritten() -> None:
    """Else pytest warns that it is too late for that, and a target may take warnings for errors."""
    for name, module in list(sys.modules.items()):
        if name.startswith(("hypothesis", "_hypothesis")) and "." not in name:
            module.__doc__ = f"{module.__doc__ or ''} PYTEST_DONT_REWRITE"

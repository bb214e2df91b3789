"""What belongs to a process as a whole, and what a test could leave changed in it."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from typing import Any

Mark = Callable[[Any], Any]
"""What stands for an object when states are compared."""


def state(mark: Mark = id) -> tuple[Any, ...]:
    """All of it, for comparing it with what it was. What is registered for the end is never called here."""
    get = sys.modules.get
    warnings, decimal, logging, signal = map(get, ("warnings", "decimal", "logging", "_signal"))
    locale, contextvars, socket = map(get, ("_locale", "contextvars", "_socket"))
    mask = os.umask(0o77)
    os.umask(mask)
    return (
        os.getcwd(),
        mask,
        list(getattr(os.environ, "_data", {}).items()),
        [*sys.path, *map(mark, sys.meta_path), *map(mark, sys.path_hooks)],
        list(map(mark, getattr(warnings, "filters", ()))),
        "" if decimal is None else repr(decimal.getcontext()),
        () if logging is None else _logging(logging, mark),
        () if signal is None else list(map(mark, map(signal.getsignal, _SIGNALS))),
        "" if locale is None else locale.setlocale(locale.LC_ALL),
        ()
        if contextvars is None
        else [(mark(key), mark(value)) for key, value in contextvars.copy_context().items()],
        None if socket is None else socket.getdefaulttimeout(),
        (gc.isenabled(), gc.get_threshold(), len(gc.callbacks)),  # counting what is frozen takes milliseconds
        (sys.getrecursionlimit(), mark(sys.gettrace()), mark(sys.getprofile()), sys.getswitchinterval()),
        *(len(os.listdir(folder)) for folder in _LISTED),
    )


def described() -> tuple[str, ...]:
    """The same as text, without addresses, and the modules: for comparing it with that of another process."""
    return (*map(repr, state(_shown)), repr(sorted(sys.modules)))


def _shown(value: Any) -> str:
    if value is None or type(value) in (tuple, int):
        return repr(value)
    name = getattr(value, "__qualname__", None) or getattr(value, "name", "")
    return f"{type(value).__qualname__} {name}"


_LISTED = tuple(filter(os.path.isdir, ("/proc/self/task", "/proc/self/fd")))  # threads, descriptors
_SIGNALS = (1, 2, 3, 10, 12, 13, 14, 15, 17)  # of those that a program may handle


def _logging(logging: Any, mark: Mark) -> list[Any]:
    known = {"": logging.root, **logging.root.manager.loggerDict}
    return [
        (
            name,
            mark(each),
            each.level,
            each.disabled,
            each.propagate,
            *map(mark, [*each.handlers, *each.filters]),
        )
        for name, each in known.items()
        if hasattr(each, "handlers")
    ] + [logging.root.manager.disable]

"""What belongs to a process as a whole, and what a test could leave changed in it."""

from __future__ import annotations

import gc
import os
import sys
from typing import Any


def state() -> tuple[Any, ...]:
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
        [*sys.path, *map(id, sys.meta_path), *map(id, sys.path_hooks)],
        list(map(id, getattr(warnings, "filters", ()))),
        "" if decimal is None else repr(decimal.getcontext()),
        () if logging is None else _logging(logging),
        () if signal is None else list(map(signal.getsignal, _SIGNALS)),
        "" if locale is None else locale.setlocale(locale.LC_ALL),
        ()
        if contextvars is None
        else [(id(key), id(value)) for key, value in contextvars.copy_context().items()],
        None if socket is None else socket.getdefaulttimeout(),
        (gc.isenabled(), gc.get_threshold(), len(gc.callbacks)),  # counting what is frozen takes milliseconds
        (sys.getrecursionlimit(), sys.gettrace(), sys.getprofile(), sys.getswitchinterval()),
        *(len(os.listdir(folder)) for folder in _LISTED),
    )


def described() -> tuple[str, ...]:
    """The same as text, without addresses, for comparing it with that of another process."""
    get = sys.modules.get
    warnings, decimal, signal, locale = map(get, ("warnings", "decimal", "_signal", "_locale"))
    contextvars, socket = map(get, ("contextvars", "_socket"))
    mask = os.umask(0o77)
    os.umask(mask)
    told: list[Any] = [
        os.getcwd(), mask, sorted(os.environ.items()), sys.path,
        *map(_kind, [*sys.meta_path, *sys.path_hooks, sys.gettrace(), sys.getprofile()]),
        *getattr(warnings, "filters", ()),
        "" if decimal is None else decimal.getcontext(),
        *_described_logging(),
        *(() if signal is None else map(_kind, map(signal.getsignal, _SIGNALS))),
        "" if locale is None else locale.setlocale(locale.LC_ALL),
        *(() if contextvars is None else (key.name for key in contextvars.copy_context())),
        None if socket is None else socket.getdefaulttimeout(),
        gc.isenabled(), gc.get_threshold(), len(gc.callbacks),
        sys.getrecursionlimit(), sys.getswitchinterval(),
        *(len(os.listdir(folder)) for folder in _LISTED),
        sorted(sys.modules),
    ]  # fmt: skip
    return tuple(map(repr, told))


def _kind(value: Any) -> str:
    return f"{type(value).__qualname__} {getattr(value, '__qualname__', '')}"


def _described_logging() -> list[Any]:
    logging = sys.modules.get("logging")
    known = {} if logging is None else {"": logging.root, **logging.root.manager.loggerDict}
    return [
        (name, each.level, each.disabled, each.propagate, *map(_kind, [*each.handlers, *each.filters]))
        for name, each in sorted(known.items())
        if hasattr(each, "handlers")
    ]


_LISTED = tuple(filter(os.path.isdir, ("/proc/self/task", "/proc/self/fd")))  # threads, descriptors
_SIGNALS = (1, 2, 3, 10, 12, 13, 14, 15, 17)  # of those that a program may handle


def _logging(logging: Any) -> list[Any]:
    loggers = [logging.root, *logging.root.manager.loggerDict.values()]
    return [
        (id(each), each.level, each.disabled, each.propagate, *map(id, each.handlers), *map(id, each.filters))
        for each in loggers
        if hasattr(each, "handlers")
    ] + [logging.root.manager.disable]

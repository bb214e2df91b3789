"""SIGTERM stops a run as Ctrl-C does, and neither is lost."""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType
from typing import Any

_AGAIN = 0.05  # seconds


def stop_on_terminate() -> None:
    """Has SIGTERM raise KeyboardInterrupt in the main thread, from now on.

    Either signal may come while a destructor or a callback is executed, where an exception is only printed:
    then it is raised again shortly after.
    """
    signal.signal(signal.SIGTERM, _stop)
    if not isinstance(sys.unraisablehook, _Unraisable):
        sys.unraisablehook = _Unraisable(sys.unraisablehook)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


class _Unraisable:
    """What is called for an exception that nobody can be told of; `others` is for all but a stop."""

    def __init__(self, others: Any) -> None:
        self._others = others

    def __call__(self, what: Any) -> None:
        if not issubclass(what.exc_type, KeyboardInterrupt):
            self._others(what)
            return
        main = threading.main_thread().ident
        assert main is not None
        again = threading.Timer(_AGAIN, signal.pthread_kill, (main, signal.SIGTERM))
        again.daemon = True
        again.start()

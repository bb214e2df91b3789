"""What makes a forked child separate from its parent: its line to it, its folders, its limits."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn

from .frames import send
from .system import keep_signals_in, limit_resources, readable

EXIT_EXHAUSTED = 81


class GoesOn(BaseException):
    """Raised in a process forked while pytest waits before collecting: there pytest goes on."""


class Outbox:
    """The result pipe of a child. Only the child itself writes; what it forked ends silently.

    Every message has the child's token: what code under test writes to all descriptors that it finds is
    told from it.
    """

    def __init__(self, fd: int, token: str) -> None:
        self.fd = fd
        self._token = token
        self._owner = os.getpid()
        self._getpid = os.getpid

    def send(self, message: dict[str, Any]) -> None:
        """Sends one message to the parent."""
        if self._getpid() != self._owner:
            os._exit(0)
        send(self.fd, {**message, "n": self._token})

    def exhausted(self, seen: Iterable[int]) -> NoReturn:
        """The guard budget is used up: this child ends here, whatever the program would catch."""
        self.send({"k": "exhausted", "r": sorted(seen)})
        os._exit(EXIT_EXHAUSTED)


def limits_of(request: Mapping[str, Any], test: str) -> Sequence[float]:
    """[CPU seconds, guard evaluations] that a test may take."""
    limits: Sequence[float] = request["limits"].get(test, request["default_limits"])
    return limits


def use_folders(folder: str) -> None:
    """Makes `folder`/tmp and `folder`/home the places for temporary files and for the user's own."""
    for name, variable in (("tmp", "TMPDIR"), ("home", "HOME")):
        place = os.path.join(folder, name)
        os.makedirs(place, exist_ok=True)
        os.environ[variable] = place
    tempfile.tempdir = None


def settle(folder: str, memory_mib: int, close: Iterable[int]) -> None:
    """Gives this child its own folders and limits, and closes the descriptors of its parent's lines.

    What the program opened while it was imported stays open, as it would in a plain run.
    """
    for fd in close:
        with contextlib.suppress(OSError):
            os.close(fd)
    readable(True)  # it is its own again, and not its parent
    keep_signals_in()
    use_folders(folder)
    os.mkdir(os.path.join(folder, "work"))
    limit_resources(memory_mib)

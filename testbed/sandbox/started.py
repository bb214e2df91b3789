"""A worker that runs as a child process, at the other end of a socket."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from testbed.errors import UserError
from testbed.sandbox.room import Room


@dataclass(frozen=True, slots=True)
class Started:
    """Implements `Running`."""

    line: socket.socket
    process: subprocess.Popen[bytes]

    def end(self, seconds: float) -> None:
        """See `Running`."""
        self.line.close()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def started(
    command: Callable[[socket.socket], list[str]], room: Room, environment: Mapping[str, str], log: Path
) -> Started:
    """Starts `command(line)`; the line is inherited by number."""
    if shutil.which(room.python) is None:
        why = "Permission denied" if Path(room.python).exists() else "No such file or directory"
        raise UserError(
            f"the interpreter {room.python} does not start ({why})", remedy="name a Python that has pytest"
        )
    ours, theirs = socket.socketpair()
    try:
        with theirs, log.open("wb") as file:
            process = subprocess.Popen(
                command(theirs),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                cwd=room.folder,
                env=dict(environment),
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
    except BaseException:
        ours.close()
        raise
    return Started(ours, process)

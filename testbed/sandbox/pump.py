"""Inside a container: starts the worker with a line of its own, and joins that line to this standard input
and output. `PYTHON -ISB pump.py PYTHON WORKER FOLDER`. Standard library only.
"""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
from typing import Any


def main(python: str, worker: str, folder: str) -> int:
    """Until the engine closes its end, or the worker ends."""
    os.close(os.open(os.path.join(folder, "pytest.ini"), os.O_CREAT | os.O_WRONLY, 0o644))
    ours, theirs = socket.socketpair()
    command = [python, "-B", worker, str(theirs.fileno()), folder]
    with theirs:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=2, pass_fds=(theirs.fileno(),), start_new_session=True
        )
    _join(ours)
    ours.close()
    return process.wait()


def _join(line: socket.socket) -> None:
    ends: list[Any] = [0, line]
    while True:
        for end in select.select(ends, [], [])[0]:
            data = os.read(0, 1 << 20) if end == 0 else _received(line)
            if not data:
                return
            if end == 0:
                line.sendall(data)
            else:
                view = memoryview(data)
                while view:
                    view = view[os.write(1, view) :]


def _received(line: socket.socket) -> bytes:
    try:
        return line.recv(1 << 20)
    except ConnectionResetError:
        return b""


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))

"""Starts a worker process and exchanges messages with it, trusting nothing that it says."""

from __future__ import annotations

import json
import os
import shutil
import struct
import tempfile
from pathlib import Path
from typing import Any

from testbed import sandbox
from testbed.evaluator.spec import WorkerSpec
from testbed.sandbox import Room

WORKER = Path(__file__).resolve().parent.parent / "worker"
_LARGEST = 64 << 20
_KEPT = ("PATH", "LD_LIBRARY_PATH")
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class WorkerDied(Exception):
    """The worker ended, stopped answering, or answered with what is no message."""


def clean_environment(folder: Path, python: str = "") -> dict[str, str]:
    """The whole environment of code under test: nothing of the user's but the path.

    The programs beside the interpreter `python` come first on it, as in a virtual environment.
    """
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    if os.sep in python:
        kept["PATH"] = os.pathsep.join(filter(None, [str(Path(python).parent), kept.get("PATH")]))
    fixed = {
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "LOGNAME": "testbed",  # since the user that it runs as may have no name
        "USER": "testbed",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "HYPOTHESIS_STORAGE_DIRECTORY": str(folder / "hypothesis"),
    }
    return {**kept, **dict.fromkeys(_ONE_THREAD, "1"), **fixed}


class Channel:
    """One worker process with a folder of its own under `scratch`."""

    def __init__(self, spec: WorkerSpec) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="testbed-", dir=spec.scratch))
        try:
            (self.folder / "pytest.ini").touch()  # pytest looks no higher for a configuration
            self._log = self.folder / "worker.log"
            limit = spec.limits.memory_mib
            room = Room(spec.python, self.folder, self.folder, root=spec.root, memory_mib=limit)
            environment = clean_environment(self.folder, spec.python)
            self._running = sandbox.make(spec.sandbox).start(WORKER, room, environment, self._log)
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)  # a worker that has started removes the rest
            raise
        self._socket = self._running.line

    def ask(self, message: dict[str, Any], seconds: float) -> dict[str, Any]:
        """The answer to a request. Raises WorkerDied when there is none within `seconds`."""
        body = json.dumps(message, separators=(",", ":")).encode("ascii")
        try:
            self._socket.settimeout(seconds)
            self._socket.sendall(struct.pack(">I", len(body)) + body)
            return self._receive()
        except (OSError, ValueError, RecursionError) as trouble:
            raise WorkerDied(f"{type(trouble).__name__}: {trouble}") from None

    def _receive(self) -> dict[str, Any]:
        (size,) = struct.unpack(">I", self._exactly(4))
        if size > _LARGEST:
            raise WorkerDied(f"an answer of {size} bytes")
        answer = json.loads(self._exactly(size))
        if not isinstance(answer, dict):
            raise WorkerDied("an answer that is no object")
        return answer

    def _exactly(self, size: int) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            part = self._socket.recv(min(size - len(parts), 1 << 20))
            if not part:
                raise WorkerDied("it closed the line")
            parts += part
        return bytes(parts)

    def log_tail(self) -> str:
        """The last lines that the worker wrote, on one line."""
        try:
            lines = self._log.read_bytes()[-4000:].decode("utf-8", "replace").splitlines()
        except OSError:
            return ""
        return " | ".join(line.strip() for line in lines[-6:] if line.strip())

    def close(self, seconds: float = 5.0) -> None:
        """Ends the worker, which has so much time to do so by itself, and removes its folder."""
        self._running.end(seconds)
        shutil.rmtree(self.folder, ignore_errors=True)

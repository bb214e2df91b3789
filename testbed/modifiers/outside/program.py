"""Running somebody else's program: in a session of its own, with limits, and with nothing of it left."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

OUTPUT = 1 << 20
"""Bytes that a program may print."""

_FILE = 256 << 20  # bytes that a file of its may have


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended: its code, or why it was ended; the last that it said."""

    code: int
    why: str
    last: str


def run(
    command: Sequence[str], folder: Path, seconds: float, log: Path, env: Mapping[str, str] | None = None
) -> Ended:
    """Runs a program in `folder` until it ends, takes too long or prints too much.

    All processes that it started in its session are ended with it. Raises OSError where it cannot start.
    """
    with log.open("wb") as out:
        process = subprocess.Popen(
            list(command),
            cwd=folder,
            env=dict(os.environ if env is None else env),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_limits,
        )
        try:
            why = _watched(process, log, seconds)
        finally:
            _end(process)
    return Ended(process.returncode, why, log.read_bytes()[-400:].decode(errors="replace").strip())


def _limits() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_FILE, _FILE))


def _watched(process: subprocess.Popen[bytes], log: Path, seconds: float) -> str:
    until = monotonic() + seconds
    while True:
        try:
            process.wait(min(0.2, max(0.01, until - monotonic())))
            return ""
        except subprocess.TimeoutExpired:
            if monotonic() >= until:
                return "timeout"
            if log.stat().st_size > OUTPUT:
                return "output"


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()

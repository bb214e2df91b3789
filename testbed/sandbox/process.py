"""The sandbox that needs nothing but the kernel: `confine.py` in front of the program.

Where the kernel gives namespaces (to root, or to ordinary users), the program sees a read-only file
system without the user's own folders, no other process, no network but its own loopback, and it is a
user that owns nothing. Where it does not, limits and a clean environment are left.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from testbed.errors import UserError
from testbed.sandbox import needs
from testbed.sandbox.room import DISK_MIB, FILES, PROCESSES, Room, Running
from testbed.sandbox.started import started

CONFINE = Path(__file__).parent / "confine.py"
USERS = 0x70000000
"""User numbers from here on are nobody's."""

_SECONDS = 20.0
Use = tuple[str, ...]


def kept(room: Room) -> list[str]:
    """What a worker, or another program on its interpreter, has to find."""
    worker = needs.own_root() / "testbed" / "worker"
    return list(needs.outermost([*needs.needs(room.python), str(worker), str(CONFINE), *_engine(room)]))


def _engine(room: Room) -> tuple[str, ...]:
    """The interpreter that takes the last step before the program starts."""
    return needs.needs(sys.executable) if room.python != sys.executable else ()


def order(room: Room, use: Use) -> dict[str, object]:
    """What `confine.py` is told."""
    there = kept(room)
    shut = [] if os.geteuid() else needs.closed_above(there)  # the program will not be root
    return {
        "use": list(use),
        "folder": str(room.folder),
        "private": room.private and bool(use),
        "cwd": str(room.cwd),
        "first": room.alone,
        "fresh": False,
        "user": 0,
        "engine": os.getpid(),
        "kept": there,
        "covered": ["/tmp", "/var/tmp", "/dev/shm", "/run", *shut, *needs.private_places(room.root)],
        "disk_mib": DISK_MIB,
        "files": FILES,
        "processes": processes(own=os.geteuid() == 0 or "user" in use),
    }


def processes(*, own: bool) -> int:
    """How many processes and threads there may be. `own`: counted apart from the user's others.

    Where they are counted together (always, before Linux 5.14, which counts by namespace), room is left
    for those that there are.
    """
    major, minor = map(int, re.findall(r"[0-9]+", os.uname().release)[:2])
    if own and (os.geteuid() == 0 or (major, minor) >= (5, 14)):
        return PROCESSES
    return 8 * PROCESSES + _threads()


def _threads() -> int:
    """The threads of this user that can be seen."""
    found = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if folder.stat().st_uid == os.geteuid():
                found += len(list((folder / "task").iterdir()))
    return found


def levels() -> tuple[Use, ...]:
    """What can be asked of the kernel, the strongest first."""
    if os.geteuid() == 0:
        return ("pid", "net"), ("net",), ()
    return ("user", "pid", "net"), ("user", "net"), ()


@cache
def level() -> Use:
    """The strongest that works here: tried, not assumed."""
    return next(use for use in levels() if not use or _works(use))


def _works(use: Use) -> bool:
    done = tried(_At(use))
    return done is not None and done.returncode == 0


@dataclass(frozen=True, slots=True)
class _At:
    """Commands at one level, whether or not it works."""

    use: Use

    def command(self, words: Sequence[str], room: Room) -> list[str]:
        """See `Sandbox`."""
        return [*_confine(room, self.use), *words]


class Commands(Protocol):
    """What makes a command that runs another inside."""

    def command(self, words: Sequence[str], room: Room) -> list[str]:
        """See `Sandbox`."""
        ...


def tried(how: Commands) -> subprocess.CompletedProcess[bytes] | None:
    """What became of an interpreter that was started and ended in there; None when it did not end."""
    with tempfile.TemporaryDirectory(prefix="testbed-try-") as folder:
        inner = Path(folder) / "inner"
        inner.mkdir()
        try:
            return subprocess.run(
                how.command([sys.executable, "-ISBc", ""], Room(sys.executable, inner, inner)),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_SECONDS,
                check=False,
            )
        except (subprocess.TimeoutExpired, OSError):
            return None


def _confine(room: Room, use: Use) -> list[str]:
    return [sys.executable, "-ISB", str(CONFINE), json.dumps(order(room, use), separators=(",", ":"))]


def lacks(use: Use) -> tuple[str, ...]:
    """What this level does not keep from code under test, in words."""
    if not use:
        return (
            "the network is open",
            "other processes can be seen and signalled",
            "what its user can read and write, it can too",
        )
    return () if "pid" in use else ("other processes can be seen and signalled",)


class ProcessSandbox:
    """Implements `Sandbox` with what the kernel gives."""

    name = "process"

    def start(self, worker: Path, room: Room, environment: Mapping[str, str], log: Path) -> Running:
        """See `Sandbox`."""

        def command(line: socket.socket) -> list[str]:
            return self.command([room.python, "-B", str(worker), str(line.fileno()), str(room.folder)], room)

        return started(command, room, environment, log)

    def command(self, words: Sequence[str], room: Room) -> list[str]:
        """See `Sandbox`."""
        use = level()
        if use and os.geteuid() == 0:
            _readable(needs.needs(room.python))
        return [*_confine(room, use), *words]


def _readable(paths: Sequence[str]) -> None:
    """Code under test is nobody, when root starts it."""
    for path in paths:
        if Path(path).is_dir() and Path(path).stat().st_mode & 0o5 != 0o5:
            raise UserError(
                "only its owner can read it, and code under test does not run as root",
                where=path,
                remedy=f"run `chmod -R o+rX {path}`, or run the testbed as its owner",
            )

"""The sandbox by bubblewrap: only what an interpreter needs of the file system is there at all."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from testbed.errors import UserError
from testbed.sandbox import needs, process
from testbed.sandbox.room import DISK_MIB, Room, Running
from testbed.sandbox.started import started

PROGRAM = "bwrap"
_RIGHTS = (
    "CAP_CHOWN",
    "CAP_SETUID",
    "CAP_SETGID",
    "CAP_SETPCAP",
)  # of root, given up before the program starts


class BubblewrapSandbox:
    """Implements `Sandbox` with Debian's `bwrap`."""

    name = "bubblewrap"

    def start(self, worker: Path, room: Room, environment: Mapping[str, str], log: Path) -> Running:
        """See `Sandbox`."""

        def command(line: socket.socket) -> list[str]:
            return self.command([room.python, "-B", str(worker), str(line.fileno()), str(room.folder)], room)

        return started(command, room, environment, log)

    def command(self, words: Sequence[str], room: Room) -> list[str]:
        """See `Sandbox`."""
        if shutil.which(PROGRAM) is None:
            raise UserError("there is no bwrap", where="--sandbox bubblewrap", remedy="install bubblewrap")
        last = {**process.order(room, ()), "fresh": room.private, "user": _user()}
        last["processes"] = process.processes(own=True)
        inner = [sys.executable, "-ISB", str(process.CONFINE), json.dumps(last, separators=(",", ":"))]
        return [PROGRAM, *_namespaces(room), *_view(room), "--", *inner, *words]


def _user() -> int:
    """The user number to take on: one that nobody has, when root is the one who starts it."""
    return 0 if os.geteuid() else process.USERS | (os.getpid() & 0xFFFFFF)


def _namespaces(room: Room) -> list[str]:
    kinds = ["ipc", "pid", "net", "uts", *(["user"] if os.geteuid() else [])]
    rights = [] if os.geteuid() else [word for right in _RIGHTS for word in ("--cap-add", right)]
    first = ["--as-pid-1"] if room.alone else []
    return [*(f"--unshare-{kind}" for kind in kinds), *rights, *first, "--die-with-parent", "--new-session"]


def _view(room: Room) -> list[str]:
    """The file system: nothing but these."""
    size = str(DISK_MIB << 20)
    words = [word for path in needs.SYSTEM if os.path.exists(path) for word in ("--ro-bind", path, path)]
    words += ["--proc", "/proc", "--dev", "/dev"]
    for place in ("/tmp", "/var/tmp", "/dev/shm"):
        words += ["--perms", "1777", "--size", size, "--tmpfs", place]
    kept = [path for path in process.kept(room) if not needs.inside(path, needs.SYSTEM)]
    words += _ways([*kept, str(room.folder)])
    words += [word for path in kept for word in ("--ro-bind", path, path)]
    for path in needs.private_places(room.root):
        if needs.inside(path, kept) and not any(needs.inside(other, [path]) for other in kept):
            words += ["--perms", "0755", "--size", "4096", "--tmpfs", path]
    folder = str(room.folder)
    if room.private:
        words += ["--perms", "0700", "--size", size, "--tmpfs", folder]
    else:
        words += ["--bind", folder, folder]
    return words


def _ways(paths: Sequence[str]) -> list[str]:
    """The folders above, which everyone may go through, whatever they are outside."""
    above = {str(parent) for path in paths for parent in Path(path).parents}
    made = [path for path in sorted(above) if path != "/" and not needs.inside(path, needs.SYSTEM)]
    return [word for path in made for word in ("--perms", "0755", "--dir", path)]


def trouble() -> str:
    """Why it cannot be used here; "" when it can."""
    if shutil.which(PROGRAM) is None:
        return "bwrap is not installed"
    done = process.tried(BubblewrapSandbox())
    if done is None:
        return "bwrap does not answer"
    said = done.stderr.decode(errors="replace").strip().splitlines()
    return "" if done.returncode == 0 else (said or [f"exit code {done.returncode}"])[-1][:160]

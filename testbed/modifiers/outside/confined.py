"""A program of somebody else's with little to write to: bubblewrap around the modifier `command`.

It reads what you can read and reaches what you can reach, since that is what coding agents need; what it
writes outside its folder, its own $TMPDIR and the places that it is given is refused.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from testbed.errors import UserError
from testbed.sandbox import bubblewrap

_ALONE = ("--unshare-pid", "--unshare-ipc", "--die-with-parent", "--new-session")


def confined(command: Sequence[str], folder: Path, writable: Sequence[str]) -> list[str]:
    """The command that runs `command` in `folder`. Raises UserError where bubblewrap does not work."""
    trouble = bubblewrap.trouble()
    if trouble:
        raise UserError(
            f"bubblewrap does not work here ({trouble})",
            where="modifier.sandbox",
            remedy='use "none", and a container for what you do not trust',
        )
    if shutil.which(command[0]) is None:
        raise UserError(
            "cannot be run (it is not there)",
            where=f"modifier.command: {command[0]}",
            remedy="give a program that is there, or its whole path",
        )
    view = ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    own = folder.with_name("tmp")
    own.mkdir(exist_ok=True)
    for given in (*writable, str(folder), str(own)):
        path = str(Path(given).expanduser())
        if not Path(path).exists():
            raise UserError("is not there", where=f"modifier.writable: {given}", remedy="make it first")
        view += ["--bind", path, path]
    place = ["--setenv", "TMPDIR", str(own), "--chdir", str(folder)]
    return [bubblewrap.PROGRAM, *view, *_ALONE, *place, "--", *command]

"""What an interpreter needs of the file system, and what code under test has no business to see."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc")
"""Where programs and their libraries are, readable by everybody."""

_ASK = "import json, sys; print(json.dumps([sys.executable, sys.prefix, sys.base_prefix, *sys.path]))"
_SECONDS = 60.0


def inside(path: str, others: Iterable[str]) -> bool:
    """Whether `path` is one of `others` or below one."""
    return any(path == other or path.startswith(other.rstrip("/") + "/") for other in others)


def own_root() -> Path:
    """The folder that has the testbed's packages in it."""
    return Path(str(files("testbed"))).parent


@cache
def needs(python: str) -> tuple[str, ...]:
    """The files and folders that the interpreter `python` needs, with what is installed for it."""
    found = [os.path.abspath(python), os.path.realpath(python)]
    said = _said(python)
    found += said or (needs(sys.executable) if python != sys.executable else ())
    found += os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep)
    return outermost(path for path in found if path and path != "/" and os.path.exists(path))


def _said(python: str) -> list[str]:
    """What it says itself; nothing where it does not start."""
    clean = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    try:
        done = subprocess.run(
            [python, "-B", "-c", _ASK],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd="/",
            env=clean,
            timeout=_SECONDS,
            check=True,
        )
        executable, *folders = json.loads(done.stdout.rstrip().rpartition("\n")[2])
    except (OSError, ValueError, subprocess.SubprocessError):
        return []
    found = [os.path.dirname(executable), *folders]
    return [
        path for path in map(os.path.abspath, filter(None, found)) if path != str(own_root()) or _installed()
    ]


def _installed() -> bool:
    """Whether the testbed is installed among other packages, and not run from its own checkout."""
    return own_root().name in ("site-packages", "dist-packages")


def outermost(paths: Iterable[str]) -> tuple[str, ...]:
    """`paths` without those inside others, sorted."""
    found: list[str] = []
    for path in sorted(set(paths), key=lambda path: (path.count("/"), path)):
        if not inside(path, found):
            found.append(path)
    return tuple(sorted(found))


def closed_above(paths: Iterable[str]) -> tuple[str, ...]:
    """The outermost folders above `paths` that only their owner can go through."""
    above = {str(parent) for path in paths for parent in Path(path).parents}
    return outermost(path for path in above if not os.stat(path).st_mode & 0o1)


def private_places(root: str) -> tuple[str, ...]:
    """Folders that are not to be seen: home, the working folder, the reference, the target's `root`."""
    import target_systems

    found = [str(Path.home()), os.getcwd(), str(Path(str(files(target_systems))).resolve())]
    if os.path.isabs(root) and os.path.isdir(root):
        found.append(root)
    system = {*SYSTEM, "/", "/dev", "/proc", "/sys", "/tmp", "/var", "/run", "/home"}
    return tuple(dict.fromkeys(path for path in map(os.path.realpath, found) if path not in system))

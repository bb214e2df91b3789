"""What the worker asks of the operating system: lifelines, limits, and leaving nothing behind."""

from __future__ import annotations

import contextlib
import ctypes
import os
import random
import resource
import signal
import struct
import sys
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from typing import Any

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
_LANDLOCK_CREATE, _LANDLOCK_RESTRICT = 444, 446  # the same on every architecture of Linux
_LANDLOCK_VERSION = 1
_SCOPES = 3  # signals and abstract sockets stay among the processes that this one starts
_FILE_BYTES = 256 << 20
_OPEN_FILES = 1024
_DEEPEST = 10_000  # recursion limits beyond this are the target's own affair

try:
    _prctl: Any = ctypes.CDLL(None, use_errno=True).prctl
except (OSError, AttributeError):  # no such call here: the pipes' ends still end the processes
    _prctl = None


def die_with(parent: int) -> None:
    """Ends this process when its parent (the process `parent`) ends."""
    if _prctl is not None:
        _prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:  # it had ended before
        os._exit(1)


def adopt_orphans() -> None:
    """Makes this process the parent of its descendants whose parent ends, so that it can end them."""
    if _prctl is not None:
        _prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def readable(yes: bool) -> None:
    """Whether processes of the same user may look into this one, trace it and write to its memory."""
    if _prctl is not None:
        _prctl(_PR_SET_DUMPABLE, int(yes), 0, 0, 0)


def keep_signals_in() -> None:
    """From here on this process can signal itself and its descendants only, where the kernel can do that."""
    if _prctl is None:
        return
    call = ctypes.CDLL(None, use_errno=True).syscall
    long = ctypes.c_long
    if call(long(_LANDLOCK_CREATE), None, long(0), long(_LANDLOCK_VERSION)) < 6:
        return
    rules = struct.pack("QQQ", 0, 0, _SCOPES)
    fd = call(long(_LANDLOCK_CREATE), rules, long(len(rules)), long(0))
    if fd >= 0:
        _prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        call(long(_LANDLOCK_RESTRICT), long(fd), long(0))
        os.close(fd)


def _memory_now(column: int = 0) -> int:
    """Bytes of address space; with column 5 those of data. 0 where the system does not say."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[column]) * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        return 0


class Growth:
    """How much more address space this process has had at its peak than when this was made."""

    def __init__(self) -> None:
        self._before = _memory_now()

    def mib(self) -> float:
        """In MiB; 0 where the system does not say."""
        try:
            with open("/proc/self/status", "rb") as file:
                peak = next(line for line in file if line.startswith(b"VmPeak:"))
        except (OSError, StopIteration):
            return 0.0
        return max(0.0, (int(peak.split()[1]) * 1024 - self._before) / (1 << 20))


class Data:
    """Lets what runs inside have `mib` MiB more data than there is when it begins; 0: no such bound.

    The bound on address space stands behind it. What judges, outside, has all the room again.
    """

    def __init__(self, mib: float) -> None:
        self._bytes = int(mib * (1 << 20))

    def __enter__(self) -> None:
        now = _memory_now(5) if self._bytes else 0
        if now:
            self._set(now + self._bytes)

    def __exit__(self, *_: object) -> None:
        if self._bytes:
            self._set(resource.RLIM_INFINITY)

    def _set(self, soft: int) -> None:
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        if hard != resource.RLIM_INFINITY and not 0 <= soft <= hard:
            soft = hard
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _lower(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (value, value))


def limit_resources(memory_mib: int) -> None:
    """Bounds what this process may take: `memory_mib` MiB of address space more than it has now."""
    now = _memory_now()
    if now and memory_mib:
        _lower(resource.RLIMIT_AS, now + (memory_mib << 20))
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, _FILE_BYTES)
    _lower(resource.RLIMIT_NOFILE, _OPEN_FILES)


def limit_processor(seconds: float) -> None:
    """Lets this process use `seconds` more of CPU time; SIGPROF ends it after that.

    Behind it, should the program take that timer for itself, SIGXCPU does a little later.
    """
    signal.setitimer(signal.ITIMER_PROF, seconds)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    bound = int(usage.ru_utime + usage.ru_stime + seconds) + 2
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (bound, hard))


def close_all_but(keep: AbstractSet[int]) -> None:
    """Closes every descriptor above 2 that is not in `keep`."""
    start = 3
    for fd in sorted(keep):
        if fd >= start:
            os.closerange(start, fd)
            start = fd + 1
    os.closerange(start, _open_files_bound())


def _open_files_bound() -> int:
    try:
        return max(int(name) for name in os.listdir("/proc/self/fd")) + 1
    except (OSError, ValueError):
        return 4096


def kill_group(leader: int) -> None:
    """Ends the process group of `leader`."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def _children() -> list[int]:
    pid = os.getpid()
    try:
        with open(f"/proc/{pid}/task/{pid}/children", "rb") as file:
            return [int(word) for word in file.read().split()]
    except (OSError, ValueError):  # a kernel without that list
        return [child for child in _processes() if _parent(child) == pid]


def _processes() -> list[int]:
    try:
        return [int(name) for name in os.listdir("/proc") if name.isdecimal()]
    except OSError:
        return []


def _parent(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return int(file.read().rpartition(b")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return 0


def kill_strays(keep: AbstractSet[int]) -> None:
    """Ends and reaps every child of this process that is not in `keep`, adopted orphans included."""
    while True:
        strays = [pid for pid in _children() if pid not in keep]
        if not strays:
            return
        for pid in strays:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        for pid in strays:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)


def open_handles(only: AbstractSet[int] | None = None) -> frozenset[tuple[int, int]]:
    """(device, inode) of every open descriptor, or of those in `only`."""
    return frozenset(_opened(descriptors() if only is None else only).values())


def descriptors() -> frozenset[int]:
    """What is open; not the descriptor that looking takes, whose number belongs to somebody else later."""
    try:
        return frozenset(_opened(map(int, os.listdir("/proc/self/fd"))))
    except OSError:
        return frozenset()


def _opened(fds: Iterable[int]) -> dict[int, tuple[int, int]]:
    """(device, inode) of each descriptor that is open."""
    found = {}
    for fd in fds:
        with contextlib.suppress(OSError):
            info = os.fstat(fd)
            found[fd] = info.st_dev, info.st_ino
    return found


def unforkable(known: AbstractSet[tuple[int, int]]) -> str:
    """Why a child of this process would not be like it: threads, or files and sockets beside `known`.

    "" when there is no reason.
    """
    threads = len(os.listdir("/proc/self/task")) if os.path.isdir("/proc/self/task") else 1
    if threads > 1:
        return f"{threads} threads"
    others = open_handles() - known
    return f"{len(others)} open files or sockets" if others else ""


PLAIN_DEPTH = 17 if sys.version_info >= (3, 12) else 20
"""How many frames stand below an item's protocol in `python -m pytest`, as the recursion limit counts."""


class Room:
    """Lets what runs inside go `frames` calls deeper than here, however much stands below.

    Always entered at the same depth: how deep that is gets measured once, since what counts against
    the recursion limit differs between versions of Python.
    """

    def __init__(self, frames: int) -> None:
        self._frames = frames
        self._limit = 0
        self._before = 0

    def __enter__(self) -> None:
        self._before = sys.getrecursionlimit()
        if self._before > _DEEPEST:
            self._limit = self._before
        if not self._limit:
            self._limit = self._before + self._frames - room_here()
        sys.setrecursionlimit(self._limit)

    def __exit__(self, *_: object) -> None:
        sys.setrecursionlimit(self._before)


def room_here() -> int:
    """How many calls deeper the recursion limit lets this go."""
    calls = 0

    def call() -> None:
        nonlocal calls
        calls += 1
        call()

    with contextlib.suppress(RecursionError):
        call()
    return calls


def seed_everything() -> None:
    """Sets the global random states that a test may draw from."""
    random.seed(0)
    numpy = sys.modules.get("numpy")
    seed: Callable[[int], None] | None = getattr(getattr(numpy, "random", None), "seed", None)
    if seed is not None:
        seed(0)

"""Starts a program with no more than it needs: run by path, `PYTHON -ISB confine.py ORDER COMMAND...`.

ORDER is a JSON object (see `testbed.sandbox.process`). Namespaces and mounts are made with system calls
alone, by root or by an ordinary user where the kernel lets them; what the order asks for and cannot be
had ends this with exit code 96, so that nothing runs with less than was promised. Standard library only.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import resource
import signal
import socket
import struct
import sys
from collections.abc import Iterable
from typing import Any, NoReturn

CANNOT = 96
_NEWNS, _NEWIPC, _NEWUSER, _NEWPID, _NEWNET = 0x20000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
_MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_REC, _MS_PRIVATE = 2, 4, 8, 0x4000, 1 << 18
_OPEN_TREE, _MOVE_MOUNT, _MOUNT_SETATTR = 428, 429, 442  # the same on every architecture of Linux
_AT_FDCWD, _AT_EMPTY_PATH, _AT_RECURSIVE = -100, 0x1000, 0x8000
_TREE_CLONE, _TREE_CLOSE = 1, os.O_CLOEXEC
_MOVE_FROM_FD = 4
_DETACH = 2
_READ_ONLY = 1
_PR_PDEATHSIG, _PR_CAPBSET_DROP, _PR_NO_NEW_PRIVS = 1, 24, 38
_SIOCSIFFLAGS, _IFF_UP = 0x8914, 1
_USERS = 0x70000000  # user numbers that nobody has: one for each sandbox, so that limits are its own

Order = dict[str, Any]
libc = ctypes.CDLL(None, use_errno=True)


def _called(name: str, result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def _text(path: str | None) -> bytes | None:
    return None if path is None else os.fsencode(path)


def mount(source: str | None, place: str, kind: str | None, flags: int, data: str | None = None) -> None:
    """mount(2)."""
    _called(
        f"mount {place}",
        libc.mount(_text(source), _text(place), _text(kind), ctypes.c_ulong(flags), _text(data)),
    )


def _prctl(*words: int) -> None:
    libc.prctl(*(ctypes.c_ulong(word) for word in words))


def _number(value: int) -> ctypes.c_long:
    return ctypes.c_long(value)


def tree(path: str) -> int:
    """What is mounted at `path`, taken hold of, so that it can be put back after `path` was covered."""
    fd = libc.syscall(
        _number(_OPEN_TREE),
        _number(_AT_FDCWD),
        _text(path),
        _number(_TREE_CLONE | _TREE_CLOSE | _AT_RECURSIVE),
    )
    return _called(f"open_tree {path}", fd)


def read_only(fd: int, path: str) -> None:
    """Makes the mounts at `path`, or those taken hold of as `fd`, read-only."""
    how = struct.pack("QQQQ", _READ_ONLY, 0, 0, 0)
    flags = _AT_RECURSIVE | (0 if path else _AT_EMPTY_PATH)
    done = libc.syscall(
        _number(_MOUNT_SETATTR), _number(fd), _text(path), _number(flags), how, _number(len(how))
    )
    _called("mount_setattr", done)


def attach(fd: int, path: str) -> None:
    """Puts a tree at `path`, making what is missing on the way there."""
    if os.path.isdir(f"/proc/self/fd/{fd}"):
        os.makedirs(path, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if not os.path.exists(path):
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o644))
    done = libc.syscall(
        _number(_MOVE_MOUNT), _number(fd), b"", _number(_AT_FDCWD), _text(path), _number(_MOVE_FROM_FD)
    )
    _called(f"move_mount {path}", done)
    os.close(fd)


def _inside(path: str, others: Iterable[str]) -> bool:
    return any(path == other or path.startswith(other.rstrip("/") + "/") for other in others)


def _cover(path: str, order: Order) -> None:
    """An empty folder over `path`: a place to write where programs expect one, else nothing at all."""
    if path in ("/tmp", "/var/tmp", "/dev/shm"):
        mount("tmpfs", path, "tmpfs", _MS_NOSUID | _MS_NODEV, f"size={order['disk_mib']}m,mode=1777")
    else:
        mount("tmpfs", path, "tmpfs", _MS_NOSUID | _MS_NODEV, "size=1m,mode=755")


def see_only(order: Order, user: int) -> None:
    """The file system as the program sees it: read-only, covered where it is nobody's business."""
    folder = order["folder"]
    kept = sorted(filter(os.path.exists, order["kept"]), key=_depth)
    before, after = _covers(kept, sorted(filter(os.path.isdir, order["covered"]), key=_depth))
    mount(None, "/", None, _MS_REC | _MS_PRIVATE)
    trees = [(path, tree(path)) for path in kept]
    own = None if order["private"] else tree(folder)
    for _, fd in trees:
        read_only(fd, "")
    read_only(_AT_FDCWD, "/")
    if "pid" in order["use"]:
        mount("proc", "/proc", "proc", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC)
    for path in before:
        if os.path.isdir(path):  # else another cover is over it
            _cover(path, order)
    for path, fd in trees:
        if _inside(path, before):
            attach(fd, path)
        else:
            os.close(fd)
    for path in after:
        _cover(path, order)
    if own is None:
        _new_folder(folder, order)
    else:
        attach(own, folder)
    if user:
        _give(folder, user)


def _depth(path: str) -> int:
    return path.count("/")


def _covers(kept: list[str], covered: list[str]) -> tuple[list[str], list[str]]:
    """What is to be covered before the kept trees are put back, and what inside of these."""
    before = [path for path in covered if not _inside(path, kept)]
    inside = [path for path in covered if _inside(path, kept)]
    return before, [path for path in inside if not any(_inside(tree, [path]) for tree in kept)]


def _new_folder(folder: str, order: Order) -> None:
    """A folder of the program's own, with a limit on what it can hold."""
    os.makedirs(folder, exist_ok=True)
    limits = f"size={order['disk_mib']}m,nr_inodes={order['files']},mode=700"
    mount("tmpfs", folder, "tmpfs", _MS_NOSUID | _MS_NODEV, limits)
    _begin_folder(folder)


def _begin_folder(folder: str) -> None:
    os.close(os.open(os.path.join(folder, "pytest.ini"), os.O_CREAT | os.O_WRONLY, 0o644))


def _give(folder: str, user: int) -> None:
    os.chown(folder, user, user)
    for place, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            os.chown(os.path.join(place, name), user, user, follow_symlinks=False)


def loopback() -> None:
    """Brings up the one interface that a new network has."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        fcntl.ioctl(line, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _IFF_UP))


def _limit(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(kind, (value, value))


def _stay(uid: int, gid: int) -> None:
    with open("/proc/self/setgroups", "w") as file:
        file.write("deny")
    with open("/proc/self/uid_map", "w") as file:
        file.write(f"{uid} {uid} 1")
    with open("/proc/self/gid_map", "w") as file:
        file.write(f"{gid} {gid} 1")


def drop(user: int) -> None:
    """No rights beyond those of an ordinary user, now or after any exec."""
    _prctl(_PR_NO_NEW_PRIVS, 1, 0, 0, 0)
    for capability in range(64):
        _prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    if user:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)


def separate(order: Order) -> int:
    """Leaves the namespaces of the machine. Returns the user number to take on, 0 for none."""
    use, uid, gid = order["use"], os.geteuid(), os.getegid()
    flags = _NEWNS | _NEWIPC
    flags |= _NEWNET if "net" in use else 0
    flags |= _NEWPID if "pid" in use else 0
    flags |= _NEWUSER if "user" in use else 0
    _called("unshare", libc.unshare(ctypes.c_int(flags)))
    if "user" in use:
        _stay(uid, gid)
        return 0
    return _USERS | (os.getpid() & 0xFFFFFF)


class Outside:
    """The sandbox's folder as the machine has it, to be removed at the end by whoever is left."""

    def __init__(self, order: Order) -> None:
        self._folder: str = order["folder"] if order["private"] else ""
        self._parent = (
            os.open(os.path.dirname(self._folder), os.O_RDONLY | os.O_CLOEXEC) if self._folder else -1
        )

    def remove(self) -> None:
        """Removes it with the few files that are in it."""
        if not self._folder:
            return
        libc.umount2(_text(self._folder), _DETACH)
        name = os.path.basename(self._folder)
        try:
            inside = os.open(name, os.O_RDONLY, dir_fd=self._parent)
            for file in os.listdir(inside):
                os.unlink(file, dir_fd=inside)
            os.rmdir(name, dir_fd=self._parent)
        except OSError:
            pass  # the engine has removed it, or will


def _become(child: int, outside: Outside, engine: int) -> NoReturn:
    """Waits for the child while the parent lives, then ends as the child did."""
    parent = os.getppid()
    while True:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            break
        if os.getppid() != parent:
            os.kill(child, signal.SIGKILL)
        signal.sigtimedwait({signal.SIGCHLD}, 1.0)
    if status == 0 or os.getppid() != engine:  # else the engine wants to read its last words
        outside.remove()
    if os.WIFSIGNALED(status):
        os._exit(128 + os.WTERMSIG(status))
    os._exit(os.WEXITSTATUS(status))


def _watch_over(command: list[str]) -> NoReturn:
    """As the first process of its world: starts the command and reaps whatever ends, until it has ended."""
    child = os.fork()
    if child == 0:
        os.execve(command[0], command, os.environ)
    while True:
        pid, status = os.wait()
        if pid == child:
            os._exit(128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))


def main(order: Order, command: list[str]) -> NoReturn:
    """Never returns."""
    _limit(resource.RLIMIT_CORE, 0)
    user = order["user"]
    if order["fresh"]:
        _begin_folder(order["folder"])
    if user:
        _give(order["folder"], user)
    if order["use"]:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        outside = Outside(order)
        user = separate(order)
        child = os.fork()
        if child:
            _become(child, outside, order["engine"])
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        see_only(order, user)
        if "net" in order["use"]:
            loopback()
    _limit(resource.RLIMIT_NPROC, order["processes"])
    drop(user)
    if order["use"]:
        _prctl(_PR_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    os.chdir(order["cwd"])
    if "pid" in order["use"] and not order["first"]:
        _watch_over(command)
    os.execve(command[0], command, os.environ)


if __name__ == "__main__":
    try:
        main(json.loads(sys.argv[1]), sys.argv[2:])
    except OSError as trouble:
        sys.stderr.write(f"confine: {trouble}\n")
    os._exit(CANNOT)

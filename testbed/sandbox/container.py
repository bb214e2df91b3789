"""The sandbox by Docker: one warm container for each worker, spoken to through its standard streams.

On the machine itself the image is an empty one, and what an interpreter needs is mounted read-only: the
programs are the same as without it. From inside the testbed's own image, with the engine's socket given to
it, the containers are made of that image.
"""

from __future__ import annotations

import contextlib
import io
import os
import socket
import struct
import sys
import tarfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from testbed.errors import UserError
from testbed.sandbox import needs, process
from testbed.sandbox.room import DISK_MIB, PROCESSES, Room, Running

LABEL = "compounding-flaw-testbed"
_EMPTY = "testbed-sandbox:empty"
_PUMP = Path(__file__).parent / "pump.py"
_MIB = 1 << 20
_CORE = 1_000_000_000  # nanoseconds of processor time a second
_SECONDS = 30


@dataclass(frozen=True, slots=True)
class _Container:
    """Implements `Running`."""

    line: socket.socket
    container: Any

    def end(self, seconds: float) -> None:
        """See `Running`."""
        self.line.close()
        with contextlib.suppress(Exception):  # whatever is wrong with the engine: it is removed all the same
            self.container.wait(timeout=max(1, round(seconds)))
        with contextlib.suppress(Exception):
            self.container.remove(force=True, v=True)
        self.container.client.close()


class DockerSandbox:
    """Implements `Sandbox` with the Docker SDK."""

    name = "docker"

    def start(self, worker: Path, room: Room, environment: Mapping[str, str], log: Path) -> Running:
        """See `Sandbox`."""
        client = _client()
        words = [room.python, "-ISB", str(_PUMP), room.python, str(worker), str(room.folder)]
        try:
            number = client.api.create_container(**_request(client, words, room, environment))["Id"]
            made = client.containers.get(number)
            stream = made.attach_socket(params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})
            made.start()
        except Exception as problem:
            client.close()
            raise UserError(
                _words(problem), where="--sandbox docker", remedy="see `testbed doctor`"
            ) from None
        ours, theirs = socket.socketpair()
        raw = getattr(stream, "_sock", stream)
        raw.settimeout(None)
        threading.Thread(target=_outward, args=(theirs, raw), daemon=True).start()
        threading.Thread(target=_inward, args=(raw, theirs, log, stream), daemon=True).start()
        return _Container(ours, made)

    def command(self, words: Sequence[str], room: Room) -> list[str]:
        """See `Sandbox`. Cold runs, which need a folder in common, are kept apart as `process` does it."""
        return process.ProcessSandbox().command(words, room)


def _client() -> Any:
    try:
        import docker
    except ImportError:
        raise UserError(
            "the Docker SDK is not installed",
            where="--sandbox docker",
            remedy="pip install 'compounding-flaw-testbed[docker]'",
        ) from None
    try:
        _knock(docker.constants.DEFAULT_UNIX_SOCKET)
        return docker.from_env(timeout=_SECONDS)
    except (OSError, docker.errors.DockerException) as problem:
        raise UserError(_words(problem), where="--sandbox docker", remedy="start the Docker engine") from None


def _knock(usual: str) -> None:
    """Refuses an engine whose local socket nobody answers: the SDK would leave its own socket open then.

    Raises:
        OSError: nothing listens there.
    """
    address = (os.environ.get("DOCKER_HOST") or usual).replace("http+unix://", "unix://")
    if not address.startswith("unix://"):
        return
    path = "/" + address.removeprefix("unix://").lstrip("/")
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(_SECONDS)
        try:
            line.connect(path)
        except OSError as problem:
            raise OSError(f"no Docker engine answers at {path}: {problem.strerror or problem}") from None


def _words(problem: Exception) -> str:
    return " ".join(str(problem).split())[:160]


def _own_image(client: Any) -> str:
    """The image that this runs in; "" outside of any container."""
    if not Path("/.dockerenv").exists():
        return ""
    import docker

    try:
        found: str = client.containers.get(socket.gethostname()).image.id
    except docker.errors.NotFound:  # another engine's container, or only looks like one
        return ""
    return found


def _empty_image(client: Any) -> str:
    """An image with nothing in it, made where it is not there yet."""
    if not client.images.list(name=_EMPTY):
        data = io.BytesIO()
        tarfile.open(fileobj=data, mode="w").close()
        repository, _, tag = _EMPTY.partition(":")
        client.api.import_image_from_data(data.getvalue(), repository=repository, tag=tag)
    return _EMPTY


def _request(client: Any, words: Sequence[str], room: Room, environment: Mapping[str, str]) -> dict[str, Any]:
    image = _own_image(client)
    user = os.geteuid() or process.USERS | (os.getpid() & 0xFFFFFF)
    size = f"size={DISK_MIB}m,mode=1777"
    wanted = () if image else (*needs.SYSTEM, *process.kept(room), str(_PUMP))
    shown = [path for path in wanted if os.path.exists(path)]
    hidden = [path for path in needs.private_places(room.root) if needs.inside(path, shown)]
    if image:
        hidden = [str(needs.own_root() / "target_systems")]
    inner = [path for path in hidden if not any(needs.inside(other, [path]) for other in shown)]
    places = {str(room.folder): f"size={DISK_MIB}m,mode=700,uid={user},gid={user},exec"}
    places |= {"/tmp": f"{size},exec", "/var/tmp": size, "/dev/shm": size}
    places |= dict.fromkeys(inner, "ro,size=4k")
    return {
        "image": image or _empty_image(client),
        "entrypoint": list(words[:1]),
        "command": list(words[1:]),
        "environment": dict(environment),
        "user": f"{user}:{user}",
        "working_dir": str(room.folder),
        "stdin_open": True,
        "labels": {LABEL: "sandbox"},
        "host_config": client.api.create_host_config(
            network_mode="none",
            read_only=True,
            cap_drop=["ALL"],
            security_opt=["no-new-privileges"],
            pids_limit=PROCESSES,
            mem_limit=(room.memory_mib + 2 * DISK_MIB) * _MIB,
            memswap_limit=(room.memory_mib + 2 * DISK_MIB) * _MIB,
            nano_cpus=_CORE,
            binds={path: {"bind": path, "mode": "ro"} for path in needs.outermost(shown)},
            tmpfs=places,
            init=False,
        ),
    }


def _outward(line: socket.socket, stream: socket.socket) -> None:
    """From the engine to the container, until the engine closes its end."""
    with contextlib.suppress(OSError):
        while data := line.recv(_MIB):
            stream.sendall(data)
    with contextlib.suppress(OSError):
        stream.shutdown(socket.SHUT_WR)


def _inward(stream: socket.socket, line: socket.socket, log: Path, keep: Any) -> None:
    """From the container to the engine; standard error goes to the log. `keep` holds the stream."""
    with contextlib.suppress(OSError, EOFError), log.open("ab") as file:
        while True:
            kind, size = struct.unpack(">BxxxI", _exactly(stream, 8))
            data = _exactly(stream, size)
            if kind == 1:
                line.sendall(data)
            else:
                file.write(data)
                file.flush()
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()
    stream.close()
    keep.close()


def _exactly(stream: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        part = stream.recv(min(size - len(data), _MIB))
        if not part:
            raise EOFError
        data += part
    return bytes(data)


def trouble() -> str:
    """Why it cannot be used here; "" when it can: a container is started."""
    room = Room(sys.executable, Path("/tmp/testbed"), Path("/tmp/testbed"))
    try:
        client = _client()
    except UserError as problem:
        return problem.what
    try:
        made = client.api.create_container(**_request(client, [sys.executable, "-ISBc", ""], room, {}))["Id"]
        try:
            client.api.start(made)
            code = client.api.wait(made, timeout=_SECONDS)["StatusCode"]
            said = client.api.logs(made).decode(errors="replace").strip()
        finally:
            client.api.remove_container(made, force=True, v=True)
    except Exception as problem:  # of the SDK, of the connection, of the engine: each has its own classes
        return _words(problem)
    finally:
        client.close()
    return "" if code == 0 else said[-160:] or f"exit code {code}"

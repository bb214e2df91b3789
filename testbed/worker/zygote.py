"""The first process of a worker: pytest and Hypothesis imported, nothing of a generation.

It keeps the generations' files and processes, passes requests on to them, and runs cold the fault
sets that act while the target is imported. Where all generations are collected with the same arguments,
it does so from within pytest, which waits before collecting: see `stage.py`.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import time
import traceback
from collections.abc import Iterable
from typing import Any, NoReturn

from . import preload, stage
from .acting import Acting
from .child import GoesOn
from .compare import Look, sketched
from .folder import Folder, decode_files, remove
from .frames import LARGEST, BadFrame, Inbox, Message, receive, send
from .gate import reasons_against
from .generation import Stage, freeze
from .guards import share_trace
from .manners import words_of
from .serve import Generation, run_cold
from .spawned import may_start_interpreters
from .supervise import BROKEN, Gone
from .system import adopt_orphans, close_all_but, descriptors, die_with, kill_group, kill_strays, readable
from .touch import Readers

_LOOK = 2.0  # seconds between looks whether the engine is still there


class Lost(Exception):
    """A generation's process ended or hung."""


class Held:
    """A generation as the zygote holds it: its files, its own folder, its process, the line to it."""

    def __init__(self, home: str, files: dict[str, bytes], load: Message) -> None:
        self.home, self.files, self.load = home, files, load
        self.pid = 0
        self.line: socket.socket | None = None
        self.compiled = False
        self.acting: Acting | None = None

    def start(self, staged: Stage | None, keep: frozenset[int]) -> None:
        """Forks the process that loads the generation; `keep` are descriptors of pytest's own."""
        parent = os.getpid()
        self.line, other = socket.socketpair()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.setsid()
                die_with(parent)
                line = other.detach()
                close_all_but({line, *keep} - {self.line.fileno()})
                Generation(line, self.home, self.load, staged).live()
            except GoesOn:
                raise
            except BaseException:
                os._exit(BROKEN)
        other.close()

    def stop(self) -> None:
        """Ends the process, if it runs."""
        if self.line is not None:
            self.line.close()
            self.line = None
            kill_group(self.pid)
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self.pid, 0)

    def remove(self) -> None:
        """Ends the process and removes the folder."""
        self.stop()
        remove(self.home)


class Zygote:
    """Answers the engine's requests, one at a time."""

    def __init__(self, line: socket.socket, scratch: str) -> None:
        self._line, self._scratch = line, scratch
        self._engine = os.getppid()
        self._static: dict[str, bytes] = {}
        self._folder = Folder(os.path.join(scratch, "root"))
        self._held: dict[str, Held] = {}
        self._made = 0
        self._read: dict[bytes, list[tuple[str, str]]] = {}
        self._stage: Stage | None = None
        self._staged: stage.Key | None = None  # what pytest waits with; tried once
        self._kept: frozenset[int] = frozenset()
        self._readers: dict[str, Readers] = {}  # of generations alike

    def serve(self, first: Message | None = None) -> NoReturn:
        """Answers `first` and what comes after it, until the engine closes the line, or is gone."""
        try:
            request = first
            while True:
                if request is None:
                    self._wait_for(None, None)
                    request = receive(self._line.fileno())
                    if request is None:
                        break
                    if request["op"] == "load" and self._staged is None:
                        self._enter_stage(request)
                send(self._line.fileno(), self._answer(request))
                request = None
        except GoesOn:
            raise
        except (Gone, BadFrame, OSError):
            pass
        except BaseException:
            traceback.print_exc()
        for held in self._held.values():
            held.remove()
        kill_strays(frozenset())
        remove(self._scratch)
        os._exit(0)

    def _enter_stage(self, request: Message) -> None:
        """Goes on from within pytest, where that can be done; else comes back."""
        own = decode_files(request["source"])
        files = {**self._static, **own}
        load = {**request["settings"], "root": self._folder.root}
        self._staged = stage.key(load, own)
        if self._staged is None:
            self._staged = ()
            return
        self._folder.become(files)

        def wait() -> None:
            self._kept = descriptors() - before
            freeze()
            self.serve(request)

        before = descriptors()
        home = os.path.join(self._scratch, "stage")
        if stage.can_wait(load, home, own):
            self._stage = Stage(self._folder.root, wait)
            try:
                stage.enter(self._stage, load, home)
            except BaseException:
                if self._stage.failed is None:
                    raise
            if self._stage.failed is not None:
                os._exit(BROKEN)
            self._stage = None  # it came back though it had waited in the trial
        self._staged = ()

    def _answer(self, request: Message) -> Message:
        operations = {
            "hello": self._hello,
            "load": self._load,
            "run": self._run,
            "jobs": self._run,
            "drop": self._drop,
        }
        return operations[request["op"]](request)

    def _hello(self, request: Message) -> Message:
        self._static = decode_files(request["static"])
        if any(b"hypothesis" in data for data in self._static.values()):
            preload.hypothesis_unless_it_imports(request["modules"])
        preload.other_plugins_unless_they_import(request["modules"])
        freeze()
        return preload.versions()

    def _load(self, request: Message) -> Message:
        self._drop(request)
        self._made += 1
        source = decode_files(request["source"])
        files = {**self._static, **source}
        load = {
            **request["settings"],
            "root": self._folder.root,
            "sources": sorted(source),
            "spawns": may_start_interpreters(files),
            "compile": self._made == 1,
        }
        held = Held(os.path.join(self._scratch, f"g{self._made}"), files, load)
        self._held[request["name"]] = held
        self._folder.become(files)
        held.start(*self._place(held))
        try:
            reply = self._reply(held, load["load_seconds"] * 3 + 1)
        except Lost as trouble:
            held.stop()
            return {"error": f"importing or collecting: {trouble}"}
        if "tests" not in reply:
            held.stop()
        held.load["changed"] = reply.pop("changed", [])
        held.load["marked"] = reply.pop("marked", False)
        if load["compile"]:
            self._folder.keep_compiled(self._static.keys() - source.keys())
        return reply

    def _place(self, held: Held) -> tuple[Stage | None, frozenset[int]]:
        """Where a generation goes on from, and pytest's descriptors there."""
        here = bool(self._staged) and stage.key(held.load, held.load["sources"]) == self._staged
        return (self._stage if here else None), self._kept

    def _run(self, request: Message) -> Message:
        held = self._held.get(request["name"])
        if held is None:
            return {"lost": "no generation of this name"}
        self._folder.become(held.files)
        try:
            if request.get("cold"):
                self._compile(held)
                return self._run_cold(held, request)
            if held.line is None:
                return {"lost": "the generation's process has ended"}
            if request["op"] == "jobs" or request["apart"]:
                request = {**request, "gates": self._gates(held)}
            send(held.line.fileno(), request)
            return self._reply(held, request["patience"])
        except (Lost, OSError) as trouble:
            held.stop()
            return {"lost": str(trouble)}

    def _compile(self, held: Held) -> None:
        """Compiles a generation's own files once for all its cold runs, and nothing of them runs here."""
        if not held.compiled:
            held.compiled = True
            held.files = {**held.files, **self._folder.compiled(held.load["sources"])}
            self._folder.become(held.files)

    def _gates(self, held: Held) -> dict[str, list[tuple[str, str]]]:
        """Why faults may need a fork each, by the file that says so; every text is read once."""
        own = [*held.load["modules"], *_importable(held.files)]
        sources = {path: data for path, data in held.files.items() if path.endswith(".py")}
        for data in sources.values():
            if data not in self._read:
                self._read[data] = reasons_against(data.decode("utf-8", "replace"), own)
        found = {path: self._read[data] for path, data in sources.items() if self._read[data]}
        kept = set(sources.values())
        self._read = {data: reason for data, reason in self._read.items() if data in kept}
        return found

    def _run_cold(self, held: Held, request: Message) -> Message:
        place = self._place(held)[0]

        def cold(asked: Message, look: Look | None) -> Message:
            return run_cold(held.home, held.load, asked, place, **self._others(), look=look)

        def sketches(asked: Message) -> Message:
            return sketched(held.home, held.load, asked, place, **self._others())

        def watched(asked: Message) -> Message:
            self._folder.become(held.files)
            if held.line is None:
                return {}
            send(held.line.fileno(), {**asked, "faults": [], "stop": False, "apart": True, "touch": True})
            reply = self._reply(held, asked["patience"])
            self._folder.become(held.files)  # for the cold run that comes after it
            return reply

        if request["near"] >= len(request["tests"]):
            return cold(request, None)
        if held.acting is None:
            texts = [(path, data.decode("utf-8", "replace")) for path, data in held.files.items()]
            words = words_of([(path, text) for path, text in texts if path.endswith(".py")])
            held.acting = Acting(held.load, {"gates": self._gates(held), **words})
        return held.acting.run(request, self._readers, cold, sketches, watched)

    def _others(self) -> dict[str, Any]:
        """What a child that loads has nothing to do with."""
        alive = [(other.pid, other.line) for other in self._held.values() if other.line is not None]
        engine = self._line.fileno()
        return {
            "lines": frozenset({engine, *(line.fileno() for _, line in alive)}),
            "watch": engine,
            "keep": frozenset(pid for pid, _ in alive),
        }

    def _drop(self, request: Message) -> Message:
        held = self._held.pop(request["name"], None)
        if held is not None:
            held.remove()
        return {}

    def _reply(self, held: Held, patience: float) -> Message:
        assert held.line is not None
        deadline = time.monotonic() + patience
        inbox = Inbox(LARGEST)
        while True:
            self._wait_for(held.line, deadline)
            try:
                piece = held.line.recv(1 << 20)
                replies = inbox.feed(piece)
            except (BadFrame, OSError) as trouble:
                raise Lost(str(trouble)) from None
            if replies:
                return replies[0]
            if not piece:
                raise Lost("the process ended" + _how(held.pid))

    def _wait_for(self, line: socket.socket | None, deadline: float | None) -> None:
        """Until there is something to read: on `line`, or without one from the engine."""
        both: Any = [self._line] if line is None else [self._line, line]
        while True:
            ready = select.select(both, [], [], _LOOK)[0]
            if line is not None and self._line in ready:
                raise Gone
            if ready:
                return
            if os.getppid() != self._engine:
                raise Gone
            if deadline is not None and time.monotonic() > deadline:
                raise Lost("no answer within the time limit")


def _importable(files: Iterable[str]) -> set[str]:
    """First names of the modules that these files may be: at the top, and in folders that are no package."""
    known = set(files)
    loose = [path.rpartition("/") for path in known]
    return {path.partition("/")[0].partition(".")[0] for path in known} | {
        name[: -len(".py")]
        for folder, _, name in loose
        if name.endswith(".py") and f"{folder}/__init__.py" not in known
    }


def _how(pid: int) -> str:
    try:
        status = os.waitpid(pid, 0)[1]
    except ChildProcessError:
        return ""
    if os.WIFSIGNALED(status):
        return f" by signal {os.WTERMSIG(status)}"
    return f" with exit code {os.WEXITSTATUS(status)}"


def main(fd: int, scratch: str) -> NoReturn:
    """Serves the engine on descriptor `fd`, with `scratch` as the folder for everything."""
    adopt_orphans()
    readable(False)
    share_trace()
    line = socket.socket(fileno=fd)
    preload.pytest_plugins()
    Zygote(line, scratch).serve()

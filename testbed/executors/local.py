"""Lineages in processes of this machine. The code under test runs in a worker of each, never in these."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, NoReturn

from testbed.engine.work import Bench, Job, Plan
from testbed.errors import TestbedError
from testbed.executors.events import Event, Lost
from testbed.lineage import Batch
from testbed.oversight.waiting import ReviewRequest

_PARENT_SECONDS = 0.5  # how often a lineage process looks whether the engine is still there
_LEAVING_SECONDS = 1.5  # what a lineage process has to clean up after itself


@dataclass(slots=True)
class _Seat:
    process: BaseProcess
    pipe: Connection
    job: Job | None = None


class LocalExecutor:
    """Runs jobs on `workers` processes. A process that dies is replaced and its job reported as lost."""

    def __init__(self, plan: Plan, workers: int) -> None:
        self._plan = plan
        self._context = multiprocessing.get_context("spawn")
        self._waiting: deque[Job] = deque()
        self._workers = workers
        self._seats: list[_Seat] = []

    def submit(self, job: Job) -> None:
        """Puts a job at the end of the queue."""
        self._waiting.append(job)

    def running(self) -> tuple[Job, ...]:
        """The jobs that are being worked on."""
        return tuple(seat.job for seat in self._seats if seat.job is not None)

    def events(self) -> Iterator[Event | Lost]:
        """What happens, until no job is left; jobs may be submitted meanwhile.

        Raises TestbedError with the traceback of a job that failed.
        """
        while True:
            self._hand_out()
            busy = {seat.pipe: seat for seat in self._seats if seat.job is not None}
            if not busy:
                return
            for pipe in wait(list(busy)):
                assert isinstance(pipe, Connection)
                event = self._received(busy[pipe])
                if event is not None:
                    yield event

    def _hand_out(self) -> None:
        while self._waiting and len(self._seats) < self._workers:
            with _undisturbed():  # a process that nobody knows of would be waited for at the end, for ever
                self._seats.append(self._seat())
        for seat in self._seats:
            if seat.job is None and self._waiting:
                job = self._waiting.popleft()
                seat.job = job
                with contextlib.suppress(BrokenPipeError):  # told by the next wait
                    seat.pipe.send(job)

    def _seat(self) -> _Seat:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_work, args=(theirs, self._plan), daemon=False)
        process.start()
        theirs.close()
        return _Seat(process, ours)

    def _received(self, seat: _Seat) -> Event | Lost | None:
        job = seat.job
        assert job is not None
        try:
            said = seat.pipe.recv()
        except (EOFError, OSError):
            self._seats.remove(seat)
            seat.process.join(5)
            seat.pipe.close()
            return Lost(job, seat.process.exitcode)
        if isinstance(said, Batch | ReviewRequest):
            return Event(job, said)
        if isinstance(said, TestbedError):
            raise said
        if isinstance(said, str):
            raise TestbedError(f"condition {job.condition}, lineage {job.lineage} failed: {said}")
        seat.job = None
        return None

    def close(self) -> None:
        """Ends all processes within about two seconds, whatever they are doing."""
        for seat in self._seats:
            seat.pipe.close()
            seat.process.terminate()
        deadline = time.monotonic() + _LEAVING_SECONDS
        for seat in self._seats:
            seat.process.join(max(0.0, deadline - time.monotonic()))
            if seat.process.is_alive():
                seat.process.kill()
                seat.process.join()
        self._seats.clear()


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Ctrl-C and SIGTERM come once this has ended, in the thread to which they come."""
    noted: list[int] = []
    before: dict[int, Any] = {}
    try:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                before[number] = signal.getsignal(number)
                signal.signal(number, lambda came, _frame: noted.append(came))
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, signal.SIG_DFL if handler is None else handler)
        if noted:
            signal.raise_signal(noted[0])


def _work(pipe: Connection, plan: Plan) -> None:
    """Body of a lineage process: None after a job that is done, a text after one that failed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the engine decides when to stop
    signal.signal(signal.SIGTERM, _leave)
    threading.Thread(target=_watch_parent, args=(os.getppid(),), daemon=True).start()
    bench = Bench(plan)
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            _do(bench, pipe.recv(), pipe)
    bench.close()


def _do(bench: Bench, job: Job, pipe: Connection) -> None:
    try:
        for batch in bench.run(job):
            pipe.send(batch)
    except (BrokenPipeError, ConnectionResetError):
        raise
    except TestbedError as problem:
        pipe.send(problem)
    except Exception:
        pipe.send(traceback.format_exc())
    else:
        pipe.send(None)


def _leave(_signal: int, _frame: object) -> NoReturn:
    """Ends this process through whatever cleans up after itself; a worker then sees its line closed."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(128 + signal.SIGTERM)


def _watch_parent(parent: int) -> None:
    """Leaves when the engine was killed."""
    while os.getppid() == parent:
        time.sleep(_PARENT_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_LEAVING_SECONDS)
    os._exit(1)

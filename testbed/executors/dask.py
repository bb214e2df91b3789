"""Lineages on the workers of a Dask cluster, wherever they run: `--executor dask://HOST:PORT`.

A task is a stretch of one lineage: its generations one after the other, until it has taken a while. It
gets the state that the stretch before has left, and gives back what is to be written and the next state,
so that a worker that is lost costs one stretch. Workers need the package and nothing else: the plan
travels once to each. The engine alone writes to the ledger, each stretch once.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import platform
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import metadata
from time import monotonic
from typing import Any

from testbed.engine.work import Bench, Job, Plan
from testbed.errors import TestbedError, UserError
from testbed.executors.events import Event, Lost
from testbed.lineage import Batch, State
from testbed.oversight.waiting import ReviewRequest, Waiting

SCHEME = "dask://"
STRETCH = "TESTBED_STRETCH"
"""Seconds that a task goes on with its lineage, 20 where it is not set; a generation is always finished."""

_CONNECT_SECONDS = 10
_LIBRARIES = ("numpy", "libcst", "hypothesis", "pytest")
_here = threading.local()  # a thread of a worker runs one task at a time, and keeps its bench


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a task gives back: generations, and the state to go on from (None at the end)."""

    batches: tuple[Batch | ReviewRequest, ...]
    state: State | None


def identity() -> dict[str, str]:
    """What must be the same on a worker as in the engine, or facts could differ."""
    from testbed.engine.manifest import source_digest

    found = {"python": platform.python_version(), "the testbed's source": source_digest()}
    return {**found, **{name: metadata.version(name) for name in _LIBRARIES}}


def hold(plan: bytes) -> bytes:
    """The plan as a task of its own: the scheduler makes it again where a worker took it along."""
    return plan


def stretch(plan: bytes, name: str, job: Job, seconds: float) -> bytes:
    """Runs on a worker: generations of a lineage from a state on. Raises TestbedError."""
    bench = _bench(plan, name)
    until = monotonic() + seconds
    batches: list[Batch | ReviewRequest] = []
    lineage = bench.lineage(job)
    state: State | None = None
    try:
        for batch in lineage.run():
            batches.append(batch)
            if not batch.ended and monotonic() > until:
                state = lineage.state
                break
    except Waiting as waiting:  # for a person: the engine goes on with it when there is an answer
        batches.append(waiting.request)
    return pickle.dumps(Stretch(tuple(batches), state))


def _bench(plan: bytes, name: str) -> Bench:
    """The bench of this thread; another plan replaces it."""
    if getattr(_here, "name", "") != name:
        if getattr(_here, "bench", None) is not None:
            _here.bench.close()
        engine_python, found = pickle.loads(plan)
        _here.bench, _here.name = Bench(_with_own_python(found, engine_python)), name
    bench: Bench = _here.bench
    return bench


def _with_own_python(plan: Plan, engine_python: str) -> Plan:
    """Targets that run on the testbed's own interpreter run on this machine's one."""
    own = {
        factor: replace(prepared, spec=replace(prepared.spec, python=sys.executable))
        if prepared.spec.python == engine_python
        else prepared
        for factor, prepared in plan.targets.items()
    }
    return replace(plan, targets=own)


def identities(answers: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """What the workers said of themselves, without those that ended while they were asked.

    Raises what another could not do, such as import the testbed.
    """
    for answer in answers.values():
        if isinstance(answer, Exception) and not isinstance(answer, OSError):
            raise answer
    return {worker: answer for worker, answer in answers.items() if not isinstance(answer, Exception)}


class DaskExecutor:
    """Runs jobs on a cluster. What is lost with a worker is run again by Dask, then reported as lost."""

    def __init__(self, plan: Plan, address: str) -> None:
        distributed = _library()
        self._distributed = distributed
        self._stretch = float(os.environ.get(STRETCH) or 20)
        self._address = address.removeprefix(SCHEME)
        self._plan = pickle.dumps((sys.executable, plan))
        self._client: Any = None
        self._held: Any = None
        self._name = ""
        self._waiting: list[Job] = []
        self._jobs: dict[str, Job] = {}  # key of a task -> what it works on
        self._connect()

    def _connect(self) -> None:
        try:
            self._client = self._distributed.Client(
                f"tcp://{self._address}", timeout=_CONNECT_SECONDS, set_as_default=False
            )
            answers = self._client.run(identity, on_error="return")
        except (OSError, TimeoutError) as problem:
            raise UserError(
                f"no scheduler answers ({type(problem).__name__})",
                where=f"{SCHEME}{self._address}",
                remedy="start one with `dask scheduler`",
            ) from None
        ours = identity()
        for worker, theirs in identities(answers).items():
            for name, version in ours.items():
                if theirs[name] != version:
                    self.close()
                    raise UserError(
                        f"{name} is {theirs[name]} there and {version} here",
                        where=f"worker {worker}",
                        remedy="install the same versions everywhere",
                    )
        self._held = self._client.submit(hold, self._plan, pure=True)
        self._name = str(self._held.key)

    def submit(self, job: Job) -> None:
        """Puts a job at the end of the queue."""
        self._waiting.append(job)

    def events(self) -> Iterator[Event | Lost]:
        """What happens, until no job is left; jobs may be submitted meanwhile. Raises TestbedError."""
        coming: Any = self._distributed.as_completed(loop=self._client.loop)
        self._hand_out(coming)
        for future in coming:
            yield from self._received(future)
            self._hand_out(coming)

    def _hand_out(self, coming: Any) -> None:
        if self._held.status in ("cancelled", "lost", "error"):  # the scheduler was started again
            self._held = self._client.submit(hold, self._plan, pure=True)
        for job in self._waiting:
            future = self._client.submit(
                stretch, self._held, self._name, job, self._stretch, pure=False, priority=-job.lineage
            )
            self._jobs[future.key] = job
            coming.add(future)
        self._waiting.clear()

    def _received(self, future: Any) -> Iterator[Event | Lost]:
        job = self._jobs.pop(future.key)
        if future.status == "finished":
            made: Stretch = pickle.loads(future.result())
            future.release()
            for batch in made.batches:
                yield Event(job, batch)
            if made.state is not None:
                self._waiting.append(replace(job, state=made.state))
            return
        problem = None if future.cancelled() else future.exception()
        if isinstance(problem, TestbedError):
            raise problem
        if problem is not None and not isinstance(problem, self._distributed.scheduler.KilledWorker):
            raise TestbedError(f"condition {job.condition}, lineage {job.lineage} failed: {problem!r}")
        yield Lost(job, None)

    def close(self) -> None:
        """Gives up what is not finished, and leaves the cluster."""
        if self._client is None:
            return
        with contextlib.suppress(Exception):  # a scheduler that is gone has nothing to give up
            self._client.cancel(
                [self._distributed.Future(key, self._client) for key in self._jobs], force=True
            )
        with contextlib.suppress(Exception):
            self._client.close(timeout=1)
        self._client = None


def _library() -> Any:
    try:
        import distributed
    except ImportError:
        raise UserError(
            "dask.distributed is not installed",
            where="--executor",
            remedy="pip install 'compounding-flaw-testbed[dask]'",
        ) from None
    return distributed

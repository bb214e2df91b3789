"""Dask clusters for the tests: a scheduler and workers, each a process, each on its own host if asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

Process = subprocess.Popen[bytes]
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
WORKER = "import sys; from distributed.cli.dask_worker import main; main(sys.argv[1:])"


class Host(NamedTuple):
    """An address, and the words before a command that make it run there."""

    address: str = "127.0.0.1"
    enter: tuple[str, ...] = ()


HERE = Host()


class Cluster(NamedTuple):
    """Where the scheduler is, its process, and those of the workers."""

    address: str
    scheduler: Process
    workers: list[Process]

    @property
    def port(self) -> str:
        """The scheduler's."""
        return self.address.rpartition(":")[2]


@contextmanager
def running(
    folder: Path, port: str = "0", hub: Host = HERE, hosts: Sequence[Host] = (HERE, HERE)
) -> Iterator[Cluster]:
    """A scheduler at `hub` and a worker at each of `hosts`; all are gone afterwards."""
    folder.mkdir()
    file = folder / "scheduler.json"
    environment = {**os.environ, "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "false"}
    python = sys.executable
    command = [*hub.enter, python, "-m", "distributed.cli.dask_scheduler", "--host", hub.address]
    command += ["--port", port, "--no-dashboard", "--scheduler-file", str(file)]
    scheduler = subprocess.Popen(command, env=environment, **QUIET)
    workers: list[Process] = []
    try:
        deadline = time.monotonic() + 60
        while not file.exists() or not file.read_text().strip():
            assert time.monotonic() < deadline
            assert scheduler.poll() is None
            time.sleep(0.1)
        for number, host in enumerate(hosts):
            command = [*host.enter, python, "-c", WORKER, "--scheduler-file", str(file), "--nthreads", "1"]
            command += ["--no-dashboard", "--no-nanny", "--host", host.address, "--name", f"w{number}"]
            command += ["--local-directory", str(folder / f"w{number}")]
            workers.append(subprocess.Popen(command, env=environment, start_new_session=True, **QUIET))
        address = json.loads(file.read_text())["address"].replace("tcp://", "dask://")
        yield Cluster(address, scheduler, workers)
    finally:
        for process in [*workers, scheduler]:
            process.kill()
            process.wait()

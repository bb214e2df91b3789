"""Where lineages run: processes of this machine, or the workers of a cluster."""

from __future__ import annotations

import os
import re

from testbed.engine.work import Plan
from testbed.errors import UserError
from testbed.executors.events import Executor
from testbed.executors.local import LocalExecutor

LOCAL = "local"
VARIABLE = "TESTBED_EXECUTOR"
"""Says which one; `--executor` sets it."""

_DASK = re.compile(r"dask://[^/\s:]+:[0-9]+")


def check(name: str) -> str:
    """The name of an executor. Raises UserError for another one."""
    if name != LOCAL and not _DASK.fullmatch(name):
        raise UserError(f"no executor {name!r}", where="--executor", remedy="local or dask://HOST:PORT")
    return name


def executor(plan: Plan, workers: int) -> Executor:
    """The executor that this command uses. Raises UserError where it cannot be reached."""
    name = check(os.environ.get(VARIABLE) or LOCAL)
    if name == LOCAL:
        return LocalExecutor(plan, workers)
    from testbed.executors.dask import DaskExecutor

    return DaskExecutor(plan, name)

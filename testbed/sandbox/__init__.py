"""Sandboxes: they differ in how they start the processes that run code under test, and in nothing else."""

from __future__ import annotations

import os
from functools import cache

from testbed.errors import UserError
from testbed.sandbox import bubblewrap, container
from testbed.sandbox.process import ProcessSandbox
from testbed.sandbox.room import Room, Running, Sandbox

__all__ = ["NAMES", "VARIABLE", "Room", "Running", "Sandbox", "chosen", "make", "strongest", "trouble"]

NAMES = ("process", "bubblewrap", "docker")
"""From the weakest to the strongest."""

VARIABLE = "TESTBED_SANDBOX"
"""Says which one to use; `--sandbox` sets it for a command and everything that it starts."""


def chosen() -> str:
    """The sandbox that this command uses."""
    name = os.environ.get(VARIABLE) or "process"
    if name not in NAMES:
        raise UserError(f"no sandbox {name!r}", where=VARIABLE, remedy=f"one of {', '.join(NAMES)}")
    return name


def make(name: str) -> Sandbox:
    """The sandbox of that name. Raises UserError where it cannot be used."""
    why = trouble(name)
    if why:
        raise UserError(
            f"does not work here ({why})", where=f"--sandbox {name}", remedy=f"use --sandbox {strongest()}"
        )
    if name == "bubblewrap":
        return bubblewrap.BubblewrapSandbox()
    return container.DockerSandbox() if name == "docker" else ProcessSandbox()


@cache
def trouble(name: str) -> str:
    """Why that sandbox cannot be used here, tried once; "" when it can."""
    tries = {"bubblewrap": bubblewrap.trouble, "docker": container.trouble}
    return tries[name]() if name in tries else ""


def strongest() -> str:
    """The strongest sandbox that works here."""
    return next(name for name in reversed(NAMES) if not trouble(name))

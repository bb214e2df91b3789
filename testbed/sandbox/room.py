"""What a sandbox is asked for, what it gives back, and how much may be used inside."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

PROCESSES = 512
"""Processes and threads that may live in one sandbox at a time."""

DISK_MIB = 1024
"""What may be written in one sandbox, in MiB: into its own folder, and as much into its own /tmp."""

FILES = 200_000
"""Files that may be in a sandbox's own folder."""


@dataclass(frozen=True, slots=True)
class Room:
    """The surroundings of one program: `folder` is all that it may write, and new for it where `private`.

    `root` is the target's folder, where it has one: not to be seen. `alone` makes the program the first
    process of its world, so that nothing inside can end it.
    """

    python: str
    folder: Path
    cwd: Path
    root: str = ""
    private: bool = True
    alone: bool = True
    memory_mib: int = 1024


class Running(Protocol):
    """A program that runs in a sandbox, with a line to it."""

    @property
    def line(self) -> socket.socket:
        """What it reads and writes."""
        ...

    def end(self, seconds: float) -> None:
        """Returns when it has ended: by itself within so many seconds, or else killed."""
        ...


class Sandbox(Protocol):
    """A way to start programs so that they can do no harm."""

    @property
    def name(self) -> str:
        """As `--sandbox` takes it."""
        ...

    def start(self, worker: Path, room: Room, environment: Mapping[str, str], log: Path) -> Running:
        """Starts the worker package at `worker` with its line. Raises UserError where that cannot be."""
        ...

    def command(self, words: Sequence[str], room: Room) -> list[str]:
        """The command that runs `words` inside."""
        ...

"""The modifier `command`: any program that edits files."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import numpy as np

from testbed.conditions import ModifierFactor
from testbed.errors import UserError
from testbed.modifiers.outside.confined import confined
from testbed.modifiers.outside.opaque import Edited, Unusable, Where
from testbed.modifiers.outside.program import OUTPUT, run
from testbed.modifiers.outside.tasks import Task, backlog
from testbed.protocols import Turn

TASK = "TASK.md"


class CommandEditor:
    """A program of your own: it gets a folder with the code and a task, edits, and exits."""

    name = "command"
    version = "1"

    def __init__(self, factor: ModifierFactor, beside: Mapping[str, str | bytes]) -> None:
        if not factor.command:
            raise UserError("no program is named", where="modifier.command", remedy='give ["PROGRAM", "ARG"]')
        self.factor = factor
        self.beside = beside
        self.tasks = backlog(factor.tasks)

    def edit(self, files: Mapping[str, str], where: Where, rng: np.random.Generator) -> Edited:
        """The files as the program leaves them. Raises Unusable."""
        task = self.tasks[(where.generation - 1) % len(self.tasks)]
        with tempfile.TemporaryDirectory(prefix="testbed-command-") as scratch:
            folder = Path(scratch, "code")
            _write(folder, {**self.beside, **files, TASK: f"# {task.title}\n\n{task.text}\n"})
            self._run(folder, task, Path(scratch, "log"))
            return Edited(collect(folder, files), Turn(task.title))

    def _run(self, folder: Path, task: Task, log: Path) -> None:
        words = {"{task}": f"{task.title}\n\n{task.text}", "{file}": TASK}
        command = [words.get(word, word) for word in self.factor.command]
        if self.factor.sandbox == "bubblewrap":
            command = confined(command, folder, self.factor.writable)
        env = {**os.environ, "TESTBED_TASK": TASK, "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            ended = run(command, folder, self.factor.seconds, log, env)
        except OSError as problem:
            raise UserError(
                f"cannot be run ({problem.strerror})",
                where=f"modifier.command: {command[0]}",
                remedy="give a program that is there, or its whole path",
            ) from None
        if ended.why == "output":
            raise Unusable("output", f"more than {OUTPUT >> 20} MiB", Turn(task.title))
        if ended.why:
            raise Unusable("timeout", f"more than {self.factor.seconds:g} s", Turn(task.title))
        if ended.code:
            raise Unusable("exit code", f"{ended.code}: {ended.last}", Turn(task.title))


def _write(folder: Path, files: Mapping[str, str | bytes]) -> None:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())


def collect(folder: Path, files: Mapping[str, str]) -> dict[str, str]:
    """The package's files in a folder: those that were there, and new modules beside them.

    What is changed elsewhere (tests, settings) is left out; links are not followed.
    """
    folders = {str(PurePosixPath(name).parent) for name in files} - {"."}
    wanted = set(files)
    for place in sorted(folders):
        found = (path for path in (folder / place).glob("*.py"))
        wanted |= {path.relative_to(folder).as_posix() for path in found}
    made: dict[str, str] = {}
    for name in sorted(wanted):
        path = folder / name
        if path.is_symlink() or not path.is_file():
            continue
        try:
            made[name] = path.read_bytes().decode()
        except UnicodeDecodeError:
            raise Unusable("not Python", f"{name} is not UTF-8") from None
    return made

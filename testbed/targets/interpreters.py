"""Interpreters for the code under test: found, asked what they are, and refused where they cannot serve."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from testbed.errors import UserError
from testbed.evaluator.channel import clean_environment

PYTHONS = ((3, 9), (3, 13))
"""The first and the last version that workers are tested with."""

PYTESTS = (7, 9)
"""The first and the last major version of pytest."""

_SECONDS = 60.0
_ASK = """\
import json, sys
found = {"executable": sys.executable, "version": list(sys.version_info[:3]), "name": sys.implementation.name}
for name in ("pytest", "hypothesis"):
    try:
        found[name] = __import__(name).__version__
    except Exception as trouble:
        found[name] = ""
        found[name + " trouble"] = type(trouble).__name__ + ": " + str(trouble)
print("\\n" + json.dumps(found))
"""


_LIST = """\
import json
from importlib.metadata import distributions
found = {each.metadata["Name"]: each.version for each in distributions()}
print("\\n" + json.dumps({name: version for name, version in found.items() if name and version}))
"""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """An interpreter as it describes itself. `pytest` and `hypothesis` are versions, "" where it has none."""

    path: str
    version: tuple[int, int, int]
    name: str  # cpython, pypy
    pytest: str
    hypothesis: str
    trouble: str = ""  # why pytest cannot be imported

    @property
    def dotted(self) -> str:
        """The version as people write it."""
        return ".".join(map(str, self.version))


def ask(python: str, where: str = "target.python") -> Interpreter:
    """What the interpreter `python`, a path or a name on the path, says of itself.

    It is asked in the clean environment that a worker has. Raises UserError where it does not answer.
    """
    return _parsed(python, where, _told(python, where, _ASK))


def environment(python: str, where: str = "target.python") -> dict[str, str]:
    """Every distribution that is installed for the interpreter `python`, with its version.

    Raises UserError where it does not answer.
    """
    done = _told(python, where, _LIST)
    try:
        return dict(sorted(json.loads(done.stdout.strip().rpartition("\n")[2]).items()))
    except ValueError:
        raise UserError(f"the interpreter {python} does not say what it has", where=where) from None


def _told(python: str, where: str, question: str) -> subprocess.CompletedProcess[str]:
    place = _found(python, where)
    with TemporaryDirectory(prefix="testbed-python-") as folder:
        try:
            return subprocess.run(
                [place, "-B", "-c", question],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                cwd=folder,
                env=clean_environment(Path(folder)),
                timeout=_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as problem:
            why = "no answer" if isinstance(problem, subprocess.TimeoutExpired) else problem.strerror
            raise UserError(f"the interpreter {python} does not start ({why})", where=where) from None


def check_version(found: Interpreter, python: str, where: str = "target.python") -> None:
    """Raises UserError where workers cannot run on this interpreter, whatever is installed in it."""
    first, last = PYTHONS
    if found.name != "cpython" or not first <= found.version[:2] <= last:
        raise UserError(
            f"{python} is {found.name} {found.dotted}",
            where=where,
            remedy=f"workers need CPython {first[0]}.{first[1]} to {last[0]}.{last[1]}",
        )


def check(python: str, where: str = "target.python") -> Interpreter:
    """`ask`, and UserError where the version or its pytest is not one that workers can use."""
    found = ask(python, where)
    check_version(found, python, where)
    if not found.pytest:
        raise UserError(
            f"{python} cannot import pytest ({found.trouble})",
            where=where,
            remedy=f"run `{found.path} -m pip install pytest hypothesis`, or use --install",
        )
    if not PYTESTS[0] <= _major(found.pytest) <= PYTESTS[1]:
        raise UserError(
            f"{python} has pytest {found.pytest}",
            where=where,
            remedy=f"workers need pytest {PYTESTS[0]} to {PYTESTS[1]}",
        )
    return found


def _major(version: str) -> int:
    first = version.partition(".")[0]
    return int(first) if first.isdecimal() else 0


def _found(python: str, where: str) -> str:
    if os.sep not in python:
        place = shutil.which(python)
        if place is None:
            raise UserError(
                f"there is no interpreter {python} on the path", where=where, remedy="give its whole path"
            )
        return place
    path = Path(python).expanduser().absolute()  # symbolic links stay: a virtual environment is one
    if path.is_dir():
        inside = path / "bin" / "python"
        remedy = f"did you mean {inside}?" if inside.exists() else "give the interpreter itself"
        raise UserError(f"{python} is a folder", where=where, remedy=remedy)
    if not path.exists():
        raise UserError(f"there is no interpreter {python}", where=where, remedy="give the path of a Python")
    return str(path)


def _parsed(python: str, where: str, done: subprocess.CompletedProcess[str]) -> Interpreter:
    try:
        said = json.loads(done.stdout.rstrip().rpartition("\n")[2])
        major, minor, micro = map(int, said["version"])
        return Interpreter(
            path=said["executable"],
            version=(major, minor, micro),
            name=str(said["name"]),
            pytest=str(said["pytest"]),
            hypothesis=str(said["hypothesis"]),
            trouble=str(said.get("pytest trouble", "")),
        )
    except (ValueError, KeyError, TypeError):
        what = f"{python} is no Python that starts ({_words(done)})"
        raise UserError(what, where=where, remedy="give the path of a Python") from None


def _words(done: subprocess.CompletedProcess[str]) -> str:
    """The line that says what happened: Python's last one, other programs' first one."""
    lines = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
    if not lines:
        return f"exit code {done.returncode}"
    return lines[-1 if lines[0].startswith("Traceback") else 0][:200]

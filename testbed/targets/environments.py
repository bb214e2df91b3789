"""The environment that a target's code runs in: the testbed's own, one that is named, or one made for it."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from testbed import whole
from testbed.conditions import TargetFactor
from testbed.errors import UserError
from testbed.facts import canonical
from testbed.targets import cache, interpreters, pip, requirements

_ALWAYS = {"pytest": "pytest>=7,<10", "hypothesis": "hypothesis>=6.100"}
_RECORD = "testbed-environment.json"
_SECONDS = 600.0


def interpreter(factor: TargetFactor, requires: Sequence[str]) -> str:
    """The interpreter for the target: with `install` that of an environment made for it, cached.

    Raises UserError where the named interpreter cannot serve, or pip cannot install what is asked for.
    """
    if factor.install:
        return made(factor.python or sys.executable, requires)
    return interpreters.check(factor.python).path if factor.python else sys.executable


def wanted(requires: Sequence[str]) -> tuple[str, ...]:
    """What is installed: what the target asks for, and pytest and Hypothesis where it does not name them."""
    named = requirements.names(requires)
    return (*requires, *(line for name, line in _ALWAYS.items() if name not in named))


def made(python: str, requires: Sequence[str]) -> str:
    """The interpreter of a virtual environment with these requirements, made where it is missing.

    Environments are kept by the Python they come from and the list of requirements. One process makes
    one at a time; an unfinished one is made anew.
    """
    base = interpreters.ask(python)
    interpreters.check_version(base, python)
    lines = wanted(requires)
    key = hashlib.sha256(canonical([base.path, list(base.version), list(lines)]).encode()).hexdigest()[:20]
    place = cache.folder("environments")
    final = place / key
    with cache.locked(place / f"{key}.lock"):
        if not _works(final):
            _make(base.path, lines, final)
    return interpreters.check(str(_python(final)), "--install").path


def _python(folder: Path) -> Path:
    return folder / "bin" / "python"


def _works(folder: Path) -> bool:
    """Whether the environment was finished and its base interpreter still exists."""
    return (folder / _RECORD).is_file() and _python(folder).exists()


def _make(base: str, lines: Sequence[str], folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    try:
        _create(base, folder)
        _install(lines, folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    frozen = pip.run(pip.pip_of(str(_python(folder))), ["freeze", "--all"]).output.splitlines()
    record = {"base": base, "requirements": list(lines), "installed": frozen}
    whole.write(folder / _RECORD, json.dumps(record, indent=2) + "\n")


def _create(base: str, folder: Path) -> None:
    done = subprocess.run(
        [base, "-I", "-m", "venv", str(folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode:
        last = (done.stdout.strip() or "it said nothing").splitlines()[-1]
        raise UserError(
            f"{base} cannot make a virtual environment ({last})",
            where="--install",
            remedy="install its venv module, or name another interpreter with --python",
        )


def _install(lines: Sequence[str], folder: Path) -> None:
    answer = pip.run(pip.pip_of(str(_python(folder))), ["install", "--", *lines])
    if answer.code:
        raise UserError(
            f"pip cannot install what the target asks for: {answer.last_line()}",
            where="--install",
            remedy="make an environment yourself and name it with --python",
        )

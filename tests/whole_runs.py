"""Runs of the testbed as a user starts them, in processes of their own."""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from testbed.facts import BaselineFact
from testbed.ledger import Ledger

SIZE = ("--set", "generations=3", "--set", "lineages=2")
_LOADED = """
import json, os, sys
import injectors.catalogue, reports.html, scipy.stats, testbed.analysis, testbed.engine.run
from testbed.cli import main

def become(asked):
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.chdir(asked["folder"])
    for number, name in enumerate([os.devnull, asked["stdout"], asked["stderr"]]):
        os.dup2(os.open(name, os.O_RDWR), number)
    sys.path[:] = asked["path"]
    sys.argv[1:] = asked["arguments"]
    main()

for line in sys.stdin:
    child = os.fork()
    if not child:
        become(json.loads(line))
        break
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
"""Loads what commands need, which takes seconds, and is forked for each command that is asked for."""


def command(*arguments: object) -> list[str]:
    """The words that start the testbed in an interpreter that has loaded nothing yet."""
    return [sys.executable, "-c", "from testbed.cli import main; main()", *map(str, arguments)]


def cold(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """A command in an interpreter that has loaded nothing yet."""
    return subprocess.run(command(*arguments), capture_output=True, text=True, cwd=cwd, check=False)


def invoke(
    *arguments: object, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own, forked from one that has its modules loaded and did nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        said = [Path(folder) / name for name in ("stdout", "stderr")]
        for file in said:
            file.touch()
        words = [*map(str, arguments)]
        asked = {"arguments": words, "folder": str(cwd or Path.cwd()), "environment": {**(env or os.environ)}}
        code = _answer(asked | {"path": ["", *sys.path], "stdout": str(said[0]), "stderr": str(said[1])})
        return subprocess.CompletedProcess(words, code, *[file.read_text() for file in said])


def _answer(asked: Mapping[str, object]) -> int:
    """The exit code of a command that the loaded process was asked for."""
    process = _loaded()
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps(asked) + "\n")
        process.stdin.flush()
        return int(process.stdout.readline())
    except BaseException:  # such as the time limit of a test: nothing is left, and the next one begins anew
        os.killpg(process.pid, signal.SIGKILL)
        _loaded.cache_clear()
        raise


@cache
def _loaded() -> subprocess.Popen[str]:
    """The process that is forked; it ends with the tests."""
    started = [sys.executable, "-c", _LOADED]
    process = subprocess.Popen(
        started, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    atexit.register(process.communicate)
    return process


def digest(folder: Path) -> str:
    ledger = Ledger.open(folder)
    try:
        assert ledger.broken() == ""
        return ledger.digest()
    finally:
        ledger.close()


def facts(folder: Path, lineages: int) -> list[object]:
    """What the ledger says of the first lineages of each condition, but for how the target was found."""
    ledger = Ledger.open(folder)
    try:
        return [
            (condition, lineage, record)
            for condition, lineage, record in ledger.records()
            if lineage < lineages and not isinstance(record, BaselineFact)
        ]
    finally:
        ledger.close()


def run(target: Path, out: Path, *more: object) -> subprocess.CompletedProcess[str]:
    done = invoke("run", "--target", target, "--out", out, *SIZE, *more)
    assert done.returncode == 0, done.stderr
    return done

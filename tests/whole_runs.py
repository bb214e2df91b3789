"""Runs of the testbed as a user starts them, in processes of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from testbed.ledger import Ledger

SIZE = ("--set", "generations=3", "--set", "lineages=2")


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-c", "from testbed.cli import main; main()", *map(str, arguments)]


def invoke(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), capture_output=True, text=True, cwd=cwd, check=False)


def digest(folder: Path) -> str:
    ledger = Ledger.open(folder)
    try:
        assert ledger.broken() == ""
        return ledger.digest()
    finally:
        ledger.close()


def run(target: Path, out: Path, *more: object) -> subprocess.CompletedProcess[str]:
    done = invoke("run", "--target", target, "--out", out, *SIZE, *more)
    assert done.returncode == 0, done.stderr
    return done

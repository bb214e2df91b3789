"""Whoever makes a run's files may be killed before any step on the disk: what is left can be gone on with."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from testbed.facts import UnplacedFact
from testbed.ledger import MANIFEST, History, Ledger

STEPS = frozenset(["open", "os.mkdir", "os.rename", "os.remove", "os.chmod", "os.utime", "sqlite3.connect"])
FILES = {"a.py": "x = 1\n", "b/c.py": "y = 2\n"}
RECORDS = (UnplacedFact(1, 1, "no site"),)


def is_killed(step: int, work: Callable[[Path], object], folder: Path) -> bool:
    """Whether `work` takes as many steps on the disk; it is killed right before that one."""
    child = os.fork()
    if child == 0:
        left = itertools.count(step, -1)

        def before(event: str, _arguments: object) -> None:
            if event in STEPS and next(left) == 1:
                os._exit(9)

        sys.addaudithook(before)
        work(folder)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


def write_history(folder: Path) -> str:
    history = History(folder)
    root = history.write("c0/l0", FILES, "", 0, "root")
    second = history.write("c0/l0", {"a.py": "x = 3\n"}, root, 1, "second")
    assert history.has("c0/l0")
    history.close()
    return second


def write_ledger(folder: Path) -> str:
    there = (folder / MANIFEST).exists()
    ledger = Ledger.open(folder, write=True) if there else Ledger.create(folder, {"seed": 1})
    if not list(ledger.records()):
        ledger.append(0, 0, 1, RECORDS, {"d": "text"}, {})
    assert ledger.broken() == ""
    digest = ledger.digest()
    ledger.close()
    return digest


@pytest.mark.parametrize("work", [write_history, write_ledger])
def test_what_a_killed_one_leaves_is_gone_on_with(work: Callable[[Path], str], tmp_path: Path) -> None:
    (tmp_path / "whole").mkdir()
    whole = work(tmp_path / "whole")
    for step in itertools.count(1):
        folder = tmp_path / str(step)
        folder.mkdir()
        killed = is_killed(step, work, folder)
        assert work(folder) == whole, f"killed before step {step}"
        if not killed:
            break
    assert step > 5

"""Whole runs that are killed or interrupted: they go on to the same facts, and leave nothing behind."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from whole_runs import SIZE, command, digest, invoke

from testbed.cli import cli
from testbed.errors import Stopped
from testbed.ledger import Ledger


@pytest.mark.slow
@pytest.mark.parametrize("whom", ["engine", "lineage"])
def test_a_killed_run_goes_on_to_the_same_facts(
    finished: tuple[Path, Path], tmp_path: Path, whom: str
) -> None:
    target, folder = finished
    out = tmp_path / "killed"
    process = subprocess.Popen(
        command("run", "--target", target, "--out", out, *SIZE, "--workers", 2, "--quiet"),
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    _wait_for("at work", process, out, tmp_path)
    if whom == "engine":
        process.kill()
        assert process.wait() == -signal.SIGKILL
    else:
        children = _children(process.pid)
        assert children
        for child in children:
            os.kill(child, signal.SIGKILL)
        assert process.wait() == 0
    done = invoke("resume", out, "--quiet", "--workers", 1)
    assert done.returncode == 0, done.stderr
    assert digest(out) == digest(folder)


def _children(pid: int) -> list[int]:
    """The lineage processes of an engine (not multiprocessing's resource tracker)."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    found = []
    for child in map(int, listed):
        if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
            found.append(child)
    return found


@pytest.mark.parametrize(
    ("number", "moment"),
    [
        (signal.SIGINT, "begun"),
        (signal.SIGTERM, "a worker is being started"),
        (signal.SIGINT, "at work"),
        (signal.SIGTERM, "at work"),
    ],
)
def test_an_interrupted_run_stops_with_a_word_and_goes_on(
    finished: tuple[Path, Path], tmp_path: Path, number: signal.Signals, moment: str
) -> None:
    target, folder = finished
    out, scratch = tmp_path / "stopped", tmp_path / "scratch"
    scratch.mkdir()
    process = subprocess.Popen(
        command("run", "--target", target, "--out", out, *SIZE, "--workers", 2),
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TESTBED_SCRATCH": str(scratch)},
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # shells ignore some in the background
    )
    _wait_for(moment, process, out, scratch)
    process.send_signal(number)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130
    assert f"testbed resume {out}" in said
    assert "Traceback" not in said
    _wait_until_empty(scratch)
    assert invoke("resume", out, "--workers", 1).returncode == 0
    assert digest(out) == digest(folder)


def _wait_for(moment: str, process: subprocess.Popen[str], out: Path, scratch: Path) -> None:
    def rows() -> int:
        with contextlib.closing(sqlite3.connect(out / "ledger.sqlite")) as ledger:
            try:
                return int(ledger.execute("SELECT count(*) FROM records WHERE condition >= 0").fetchone()[0])
            except sqlite3.OperationalError:  # its tables are being made
                return 0

    there = {
        "begun": (out / "ledger.sqlite").exists,
        "a worker is being started": lambda: (out / "ledger.sqlite").exists() and any(scratch.iterdir()),
        "at work": lambda: (out / "ledger.sqlite").exists() and rows() > 0,
    }[moment]
    while not there():
        assert process.poll() is None
        time.sleep(0.005)


def _wait_until_empty(folder: Path) -> None:
    """Workers see their line closed, after what they are at, and clean up after themselves."""
    for _ in range(600):
        if not list(folder.iterdir()):
            return
        time.sleep(0.1)
    pytest.fail(f"left behind: {list(folder.iterdir())}")


@pytest.mark.parametrize("moment", ["testbed.engine.until.look_at", "testbed.cli.ledgers.write_report"])
def test_between_looks_and_while_the_report_is_written_the_folder_is_told_too(
    finished: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(finished[1], folder)
    if moment.endswith("look_at"):
        with contextlib.closing(Ledger.open(folder, write=True)) as ledger:
            ledger.replan({**ledger.manifest, "until": {}})

    def interrupted(*_arguments: object, **_named: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(moment, interrupted)
    ended = CliRunner().invoke(cli, ["resume", str(folder), "--quiet"])
    assert isinstance(ended.exception, Stopped), ended.output
    assert f"testbed resume {folder}" in ended.exception.line()

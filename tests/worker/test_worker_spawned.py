"""The guard function of interpreters that a test starts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from testbed.worker.spawned import Spawned, may_start_interpreters


@pytest.fixture
def spawned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Spawned:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "others"))
    (tmp_path / "others").mkdir()
    (tmp_path / "others" / "sitecustomize.py").write_text("import builtins\nbuiltins.other = 1\n")
    return Spawned(str(tmp_path / "spawned"), [3, 1], 300_000)


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_what_is_on_is_on_there_too_and_what_was_seen_comes_back(spawned: Spawned) -> None:
    assert run("print(__fault__(1), __fault__(2), __fault__(1))").stdout.split() == ["True", "False", "True"]
    found = spawned.collect()
    assert (found.seen, found.exhausted, found.hits) == ({1, 2}, False, 0)
    assert spawned.collect().seen == set()


def test_another_sitecustomize_still_runs_and_nothing_is_printed(spawned: Spawned) -> None:
    done = run("print(other)")
    assert (done.stdout, done.stderr) == ("1\n", "")


def test_a_used_up_budget_ends_the_interpreter(spawned: Spawned) -> None:
    assert run("while True: __fault__(1)").returncode == 81
    assert spawned.collect().exhausted


@pytest.mark.parametrize("hits", [70_000, 299_000])
def test_many_evaluations_are_told_at_least_in_their_order_of_magnitude(spawned: Spawned, hits: int) -> None:
    run(f"for _ in range({hits}): __fault__(1)")
    assert hits <= spawned.collect().hits <= 8 * hits


def test_processor_time_is_told(spawned: Spawned) -> None:
    run("sum(range(3_000_000))")
    assert spawned.collect().seconds > 0


def test_only_sources_that_start_processes_need_it() -> None:
    assert may_start_interpreters({"a": b"import subprocess"})
    assert not may_start_interpreters({"a": b"import os", "b": b"\xff"})

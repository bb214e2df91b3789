"""What the benchmark of the evaluator reads from other tools, and what it makes of it."""

from __future__ import annotations

import json
import sqlite3
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def peers(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(BENCHMARKS)
    monkeypatch.delitem(sys.modules, "peers", raising=False)
    import peers

    return peers


@pytest.fixture
def evaluator(peers: ModuleType, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.delitem(sys.modules, "evaluator", raising=False)
    import evaluator

    return evaluator


def test_mutmuts_exit_codes_are_verdicts(peers: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "mutants").mkdir()
    codes: dict[str, int | None] = {"a": 1, "b": 0, "c": 36, "d": 33, "e": None, "f": -11}
    (tmp_path / "mutants" / "x.meta").write_text(json.dumps({"exit_code_by_key": codes}))
    said = {"killed": 1, "survived": 1, "timeout": 1, "no tests": 1, "error": 1}
    assert peers.decided("mutmut", tmp_path, "") == said


def test_cosmic_rays_errors_are_no_kills(peers: ModuleType, tmp_path: Path) -> None:
    rows = [("WorkerOutcome.NORMAL", "TestOutcome.KILLED"), ("WorkerOutcome.ABNORMAL", None)]
    rows += [("WorkerOutcome.NORMAL", "TestOutcome.SURVIVED")]
    with sqlite3.connect(tmp_path / "s.sqlite") as store:
        store.execute("create table work_results (worker_outcome, test_outcome)")
        store.executemany("insert into work_results values (?, ?)", rows)
    assert peers.decided("cosmic-ray", tmp_path, "") == {"killed": 1, "survived": 1, "error": 1}


def test_poodles_last_line_counts(peers: ModuleType, tmp_path: Path) -> None:
    line = "COMPLETED {0:4}/20 FOUND {1:4} NOT FOUND {2:4} TIMEOUT {2:4} ERRORS 0\n"
    out = line.format(3, 1, 1) + line.format(9, 7, 1)
    assert peers.decided("poodle", tmp_path, out) == {"killed": 7, "survived": 1, "timeout": 1}


def test_a_command_that_takes_too_long_is_stopped_with_what_it_started(
    peers: ModuleType, tmp_path: Path
) -> None:
    done = peers.measured([sys.executable, "-c", "while True: pass"], tmp_path, 1.0)
    assert done.cut
    assert done.cpu > 0


def test_the_table_says_how_many_times_as_fast_the_testbed_is(evaluator: ModuleType) -> None:
    first = evaluator.Row("x==1", "testbed", 100, 90, 10.0, 10.0, 80.0)
    peer = evaluator.Row("x==1", "mutmut", 100, 90, 100.0, 120.0, 600.0, cut=True)
    rows: list[dict[str, Any]] = []
    for row in (first, peer):
        evaluator._finish(row, first, 0.05)
        rows.append({**evaluator.asdict(row), "rate": row.rate})
    lines = evaluator.table([{"rows": rows}])
    assert lines[2] == "| x==1 | testbed | 100 | 90 | 10 | 10.0 | 80 | 10.0 |  | 2.0 |"
    assert lines[3] == "| x==1 | mutmut, stopped | 100 | 90 | 100 | 120.0 | 600 | 0.8 | 12.0 times | 24.0 |"


@pytest.mark.parametrize("value", ['"--cov"', '[\n  "--cov",\n  "-x",\n]'])
def test_options_that_need_more_plugins_are_taken_out(evaluator: ModuleType, value: str) -> None:
    text = f"[tool.pytest]\naddopts = {value}\nother = 1\n"
    assert evaluator.ADDOPTS.sub("", text) == "[tool.pytest]\nother = 1\n"

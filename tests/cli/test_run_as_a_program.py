"""`testbed run --json` as a program reads it: each line of progress, and what comes at the end."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Done = subprocess.CompletedProcess[str]


def testbed(*arguments: str, cwd: Path) -> Done:
    code = "from testbed.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False, cwd=cwd
    )


testbed.__test__ = False  # type: ignore[attr-defined]


def small(target: Path, *more: str) -> list[str]:
    sets = (
        "oversight.depth=0.5",
        "generations=2",
        "lineages=2",
        "injection.rate=3",
        "injection.placement=anywhere",
        "modifier.edits=1",
    )
    chosen = [word for one in sets for word in ("--set", one)]
    return ["run", "--target", str(target), "--workers", "1", *chosen, *more]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory, write_small_target: Callable[[Path], Path]) -> Done:
    home = tmp_path_factory.mktemp("program")
    return testbed(*small(write_small_target(home / "sums"), "--json", "--out", "run"), cwd=home)


def events(done: Done) -> list[dict[str, Any]]:
    """Each line of progress, parsed; a line that is no JSON is an error."""
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_each_line_of_progress_is_an_event_and_they_come_in_order(done: Done) -> None:
    assert done.returncode == 0, done.stderr
    found = [one for one in events(done) if one["event"] != "warning"]
    assert [one["event"] for one in found] == ["examining", "began", *["generation"] * 4]
    assert found[1]["generations"] == 4
    made = found[2:]
    assert [one["done"] for one in made] == [1, 2, 3, 4]
    assert {(one["condition"], one["lineage"], one["generation"]) for one in made} == {
        (0, lineage, generation) for lineage in (0, 1) for generation in (1, 2)
    }
    assert made[-1]["seconds_left"] == 0
    assert all(one["of"] == 4 and one["live"] >= 0 for one in made)


def test_standard_output_is_one_document_that_says_where_everything_is(done: Done) -> None:
    body = json.loads(done.stdout)
    home = Path(done.args[done.args.index("--target") + 1]).parent
    for name in ("folder", "report", "summary"):
        assert (home / body[name]).exists()
    summary = json.loads((home / body["summary"]).read_text())
    assert summary["conditions"][0]["lineages"] == 2


def test_nothing_that_a_program_reads_has_control_characters(done: Done) -> None:
    for text in (done.stdout, done.stderr):
        assert all(character.isprintable() or character == "\n" for character in text)


def test_a_gate_that_is_not_kept_is_in_the_document_and_in_the_exit_code(
    small_target: Path, tmp_path: Path
) -> None:
    file = tmp_path / "campaign.toml"
    file.write_text(
        'generations = 1\nlineages = 2\n[target]\nname = "sums"\n[injection]\nrate = 2.0\n'
        'placement = "anywhere"\n[gate]\nbounds = ["outcomes.completed < 0"]\n'
    )
    done = testbed("run", str(file), "--json", "--gate", "--workers", "1", "--out", "run", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert events(done)
    gate = json.loads(done.stdout)["gate"]
    assert gate["passed"] is False
    assert "broken" in json.dumps(gate)


def test_a_mistake_is_told_in_one_line_with_exit_code_two(small_target: Path, tmp_path: Path) -> None:
    done = testbed(*small(small_target, "--json", "--set", "oversight.depth=7"), cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1

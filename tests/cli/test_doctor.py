"""What `testbed doctor` and `testbed targets` say, as a user types them, and the checks behind the first."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from testbed import machine
from testbed.cli import cli
from testbed.machine import Check, ready


def testbed(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


testbed.__test__ = False  # type: ignore[attr-defined]


def test_doctor_finds_this_machine_ready_since_these_tests_run_on_it() -> None:
    done = testbed("doctor", "--json")
    assert done.exit_code == 0
    said = json.loads(done.stdout)
    states = {check["name"]: check["state"] for check in said["checks"]}
    assert said["ready"] is True
    assert {states["fork"], states["worker"], states["pytest"]} == {"ok"}
    assert {"docker", "bubblewrap", "git", "cache", "cores", "python 3.13"} <= states.keys()


def test_what_is_not_ok_says_what_that_means_and_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    for check in (machine.docker(), machine.bubblewrap(), machine.git()):
        assert check.state == "missing"
        assert check.means
        assert check.remedy


def program(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.mark.parametrize(
    ("text", "state"),
    [("echo 27.0", "ok"), ("echo 'cannot connect' >&2; exit 1", "limited"), ("exit 1", "limited")],
)
def test_a_docker_client_without_an_engine_is_limited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, state: str
) -> None:
    program(tmp_path, "docker", text)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert machine.docker().state == state


def test_a_bubblewrap_that_the_system_forbids_is_limited_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "bwrap", "echo 'bwrap: No permissions' >&2; exit 1")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert (machine.bubblewrap().state, machine.bubblewrap().found) == ("limited", "bwrap: No permissions")


def test_only_what_is_needed_keeps_a_machine_from_being_ready() -> None:
    assert ready([Check("a", "missing", ""), Check("b", "limited", "", needed=True)])
    assert not ready([Check("a", "missing", "", needed=True)])


def test_a_machine_that_is_not_ready_ends_doctor_with_code_2(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = Check("fork", "missing", "Plan 9", "workers fork", "use Linux", needed=True)
    monkeypatch.setattr(machine, "checks", lambda *, index: iter([bad]))
    done = testbed("doctor")
    assert done.exit_code == 2
    assert "workers fork; use Linux" in done.stdout
    assert json.loads(testbed("doctor", "--json").stdout)["ready"] is False


def test_a_cache_that_cannot_be_written_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TESTBED_CACHE", str(tmp_path / "file" / "cache"))
    assert machine.cache_folder().state == "missing"


@pytest.fixture
def plain_target(tmp_path: Path) -> Path:
    folder = tmp_path / "sums"
    (folder / "tests").mkdir(parents=True)
    (folder / "sums.py").write_text("def add(a, b):\n    return a + b\n")
    (folder / "tests" / "test_sums.py").write_text(
        "import random, sums\ndef test_add():\n    assert sums.add(1, 2) == 3\n"
    )
    return folder


def test_targets_lists_the_built_in_ones_with_their_size() -> None:
    done = testbed("targets")
    assert done.exit_code == 0
    assert any(line.startswith("kvstore ") and " lines " in line for line in done.stdout.splitlines())


def test_targets_shows_what_is_found_of_a_folder(plain_target: Path) -> None:
    done = testbed("targets", str(plain_target))
    assert done.exit_code == 0, done.output
    assert "2 sums.py" in done.stdout
    assert "tests        tests" in done.stdout
    assert sys.executable.rpartition("/")[0] in done.stdout


def test_targets_runs_the_tests_unseeded_when_asked_to(plain_target: Path) -> None:
    done = testbed("targets", str(plain_target), "--check")
    assert done.exit_code == 0, done.output
    assert "1 passing tests, 0 of them property tests" in done.stdout
    assert "compared     sums:add" in done.stdout


def test_the_help_of_both_has_an_example() -> None:
    for command in ("doctor", "targets"):
        assert f"Example: testbed {command}" in testbed(command, "--help").stdout

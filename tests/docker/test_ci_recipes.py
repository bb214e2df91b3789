"""The recipes for CI: the script and the steps of the action, with the testbed in place of its image."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
IMAGE = os.environ.get("TESTBED_IMAGE", "compounding-flaw-testbed:ci")
SMALL = "quickstart --set lineages=1 --set generations=1 --set injection.rate=1 --set oversight.depth=1"

# `docker run --rm -v A:/repo:ro -w /repo -v B:/out IMAGE ARGUMENTS` as the testbed that is installed here.
DOCKER = """#!{python}
import os, subprocess, sys
arguments = sys.argv[1:]
if arguments[0] == "build":
    sys.exit(0)
assert arguments[:2] == ["run", "--rm"], arguments
rest, mounts = arguments[2:], {{}}
while rest[0].startswith("-"):
    name, value, rest = rest[0], rest[1], rest[2:]
    if name == "-v":
        mounts[value.split(":")[1]] = value.split(":")[0]
out = [each.replace("/out", mounts["/out"]) if each.startswith("/out") else each for each in rest[1:]]
code = "from testbed.cli import main; main()"
sys.exit(subprocess.run([sys.executable, "-c", code, *out], cwd=mounts["/repo"]).returncode)
"""


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A PATH on which docker is the script above."""
    script = tmp_path / "bin" / "docker"
    script.parent.mkdir()
    script.write_text(DOCKER.format(python=sys.executable))
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return f"{script.parent}{os.pathsep}{os.environ['PATH']}"


def ci(where: Path, path: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ROOT / "docker" / "ci"), "out", *arguments],
        cwd=where,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_mistake_is_said_and_nothing_is_exported(tmp_path: Path, path: str) -> None:
    done = ci(tmp_path, path, "quikstart")
    assert done.returncode == 2
    assert 'did you mean "quickstart"?' in done.stderr
    assert list((tmp_path / "out").iterdir()) == []


def test_each_step_of_ours_names_its_shell_and_gets_inputs_as_variables() -> None:
    inputs = set(ACTION["inputs"])
    for step in ACTION["runs"]["steps"]:
        assert set(re.findall(r"inputs\.(\w+)", yaml.safe_dump(step))) <= inputs
        if "run" in step:
            assert step["shell"] == "bash"
            assert "${{" not in step["run"]  # text of a pull request never becomes a command


def test_the_page_tells_of_every_input() -> None:
    told = (ROOT / "docs" / "ci.md").read_text()
    assert [name for name in ACTION["inputs"] if f"`{name}`" not in told] == []


@pytest.mark.slow
def test_the_actions_steps_leave_all_files_and_the_gates_verdict(tmp_path: Path, path: str) -> None:
    files = {name: tmp_path / name for name in ("GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    gate = "--set gate.bounds=['generations<0'] --gate"
    values = {"inputs.arguments": f"{SMALL} {gate}", "inputs.out": "out", "inputs.root": "src"}
    values["steps.campaign.outputs.code"] = ""
    environment = {**os.environ, **{name: str(file) for name, file in files.items()}}
    environment.update(PATH=path, GITHUB_ACTION_PATH=str(ROOT))

    def step(name: str) -> subprocess.CompletedProcess[str]:
        one: dict[str, Any] = next(each for each in ACTION["runs"]["steps"] if each["name"] == name)
        given = {
            key: re.sub(r"\$\{\{ *([\w.]+) *\}\}", lambda found: values.get(found[1], ""), text)
            for key, text in one.get("env", {}).items()
        }
        script = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", one["run"]]
        return subprocess.run(
            script, cwd=tmp_path, env={**environment, **given}, capture_output=True, text=True, check=False
        )

    assert step("The image").returncode == 0
    assert files["GITHUB_ENV"].read_text() == "TESTBED_IMAGE=compounding-flaw-testbed\n"
    done = step("The campaign")
    assert done.returncode == 0, done.stderr
    assert files["GITHUB_OUTPUT"].read_text() == "code=1\n", done.stderr
    assert "gate not passed" in files["GITHUB_STEP_SUMMARY"].read_text()
    for name in ("run/report.html", "run/summary.json", "junit.xml", "testbed.sarif", "summary.md"):
        assert (tmp_path / "out" / name).stat().st_size > 0, name
    values["steps.campaign.outputs.code"] = "1"
    assert step("The verdict").returncode == 1


@pytest.mark.docker
@pytest.mark.timeout(1200)
def test_the_script_runs_on_the_image(tmp_path: Path) -> None:
    size = "lineages = 1\ngenerations = 1\n"
    truth = "[truth]\nwitness_inputs = 5\nwitness_examples = 5\n"
    gate = '[gate]\nbounds = ["outcomes.stalled == 0"]\n'
    (tmp_path / "campaign.toml").write_text(size + truth + gate)
    (tmp_path / "out").mkdir()
    tmp_path.chmod(0o755)  # as a checkout is; the image's user is another one where root starts it
    done = subprocess.run(
        [str(ROOT / "docker" / "ci"), "out", "campaign.toml", "--gate"],
        cwd=tmp_path,
        env={**os.environ, "TESTBED_IMAGE": IMAGE},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "summary.md").read_text().startswith("**gate passed")

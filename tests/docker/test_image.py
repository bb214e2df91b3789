"""The image as its users start it: the main job, without root's rights, with files they can read."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

import pytest

IMAGE = os.environ.get("TESTBED_IMAGE", "compounding-flaw-testbed:ci")
QUICK = ("run", "quickstart", "--set", "lineages=1", "--set", "generations=2")
ONE = ("--set", "injection.rate=4", "--set", "oversight.depth=0.5")  # of the quick start's six conditions

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]


def docker(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, cwd=cwd, check=False)


def test_the_main_job_leaves_a_report_that_the_caller_can_read(tmp_path: Path) -> None:
    done = docker("run", "--rm", "-v", f"{tmp_path}/out:/out", IMAGE, *QUICK, "--out", "/out/quickstart")
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "out" / "quickstart"
    assert (folder / "report.html").read_text().startswith("<!doctype html>")
    assert json.loads((folder / "summary.json").read_text())["conditions"]
    for path in folder.rglob("*"):
        assert path.stat().st_mode & 0o444 == 0o444 or path.is_dir()


def test_files_belong_to_whoever_owns_the_folder(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    if os.geteuid() == 0:
        os.chown(out, 4321, 4321)
    done = docker("run", "--rm", "-v", f"{out}:/out", IMAGE, *QUICK, *ONE, "--out", "/out/quickstart")
    assert done.returncode == 0, done.stderr
    owner = out.stat().st_uid
    assert {path.stat().st_uid for path in (out / "quickstart").rglob("*")} == {owner}


def test_it_runs_as_any_user_and_never_as_root() -> None:
    shown = docker("run", "--rm", "--user", "1234:1234", IMAGE, "doctor")
    assert shown.returncode == 0, shown.stdout + shown.stderr
    # The entry point itself, with `id` in place of the last word that it starts.
    script = "sed 's/testbed \"/id -u; exit \"/' $(which entrypoint) > /tmp/e && sh /tmp/e"
    shown = docker("run", "--rm", "--entrypoint", "sh", IMAGE, "-c", script)
    assert shown.stdout.strip() == "1000", shown.stderr


def test_a_users_mistake_ends_with_one_line_and_exit_code_2() -> None:
    done = docker("run", "--rm", IMAGE, "run", "quikstart")
    assert done.returncode == 2
    assert done.stderr.strip().endswith('did you mean "quickstart"?')


def inspected(template: str, image: str = IMAGE) -> str:
    return docker("image", "inspect", "--format", template, image).stdout.strip()


def test_it_says_what_it_is_and_how_well_it_is() -> None:
    from testbed import __version__

    labels = json.loads(inspected("{{json .Config.Labels}}"))
    assert labels["org.opencontainers.image.version"] == __version__
    assert labels["org.opencontainers.image.licenses"] == "MIT"
    assert json.loads(inspected("{{json .Config.Healthcheck.Test}}")) == ["CMD", "entrypoint", "doctor"]


def test_it_adds_less_than_400_mb_to_its_base() -> None:
    added = int(inspected("{{.Size}}")) - int(inspected("{{.Size}}", "python:3.13-slim"))
    assert 0 < added < 400 * 1000**2, f"{added / 1000**2:.0f} MB"


def test_it_runs_read_only_with_one_volume_as_any_user(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    out.chmod(0o777)
    options = ("--rm", "--read-only", "--tmpfs", "/tmp", "--user", "4321:4321", "-v", f"{out}:/out")
    done = docker("run", *options, "--cap-drop", "ALL", IMAGE, *QUICK, *ONE, "--out", "/out/quickstart")
    assert done.returncode == 0, done.stderr
    assert (out / "quickstart" / "summary.json").exists()


def test_it_counts_the_processors_that_the_container_may_use() -> None:
    shown = docker("run", "--rm", "--cpus", "1", IMAGE, "doctor", "--json")
    (cores,) = [check for check in json.loads(shown.stdout)["checks"] if check["name"] == "cores"]
    assert cores["found"].split()[0] == "1"


def test_a_stop_leaves_a_folder_that_goes_on(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    size = ("--set", "lineages=2", "--set", "generations=6")
    words = ("run", "quickstart", *size, *ONE, "--out", "/out/run", "--quiet")
    name = docker("run", "-d", "-v", f"{out}:/out", IMAGE, *words).stdout.strip()
    try:
        deadline = time.monotonic() + 600
        while not _written(out / "run"):
            assert time.monotonic() < deadline, docker("logs", name).stderr
            time.sleep(0.5)
        assert docker("stop", "-t", "10", name).returncode == 0
        # 137 would be a kill, after the ten seconds that it has
        assert docker("inspect", "--format", "{{.State.ExitCode}}", name).stdout.strip() == "130"
    finally:
        docker("rm", "-f", name)
    done = docker("run", "--rm", "-v", f"{out}:/out", IMAGE, "resume", "/out/run", "--quiet")
    assert done.returncode == 0, done.stderr
    assert (out / "run" / "summary.json").exists()


def _written(folder: Path) -> bool:
    return any(folder.glob("history.git/refs/heads/*/*"))


SOCKET = Path("/var/run/docker.sock")


@pytest.mark.skipif(not SOCKET.exists(), reason="the engine's socket is elsewhere")
def test_from_inside_it_starts_containers_of_its_own_image_given_the_socket() -> None:
    group = str(SOCKET.stat().st_gid)
    options = ("--rm", "--user", "1000:1000", "--group-add", group, "-v", f"{SOCKET}:{SOCKET}")
    words = ("evaluate", "kvstore", "--limit", "3", "--sandbox", "docker", "--workers", "1")
    done = docker("run", *options, IMAGE, *words)
    assert done.returncode == 0, done.stderr
    assert "3 faults" in done.stdout


def test_without_the_socket_it_says_so_in_one_line() -> None:
    done = docker("run", "--rm", IMAGE, "evaluate", "kvstore", "--limit", "3", "--sandbox", "docker")
    assert done.returncode == 2
    assert "--sandbox docker: does not work here" in done.stderr.strip().splitlines()[-1]

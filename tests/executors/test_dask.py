"""A real scheduler and real workers on loopback: the same facts, whoever dies."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from clusters import Cluster, Host, running
from whole_runs import command, digest

from testbed.executors.dask import identities

distributed = pytest.importorskip("distributed")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
SIZE = ("--set", "generations=3", "--set", "lineages=1", "--quiet")
SHORT = {**os.environ, "TESTBED_STRETCH": "0"}  # one generation a task: much to lose and to hand on


def testbed(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*words), capture_output=True, text=True, check=False, timeout=400, env=SHORT
    )


testbed.__test__ = False  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def local(
    tmp_path_factory: pytest.TempPathFactory, write_small_target: Callable[[Path], Path]
) -> tuple[Path, str]:
    """A target, and the digest of the facts that processes of this machine make of it."""
    base = tmp_path_factory.mktemp("local")
    target = write_small_target(base / "sums")
    done = testbed("run", "--target", target, "--out", base / "run", *SIZE, "--workers", 1)
    assert done.returncode == 0, done.stderr
    return target, digest(base / "run")


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with running(tmp_path / "cluster") as made:
        yield made


def test_facts_are_those_of_local_processes_also_when_a_worker_is_killed(
    cluster: Cluster, local: tuple[Path, str], tmp_path: Path
) -> None:
    target, facts = local
    far, lost = tmp_path / "far", tmp_path / "lost"
    done = testbed("run", "--target", target, "--out", far, *SIZE, "--executor", cluster.address)
    assert done.returncode == 0, done.stderr
    assert digest(far) == facts
    words = command("run", "--target", target, "--out", lost, *SIZE, "--executor", cluster.address)
    process = subprocess.Popen(words, env=SHORT)
    while not (lost / "ledger.sqlite").exists():
        assert process.poll() is None
        time.sleep(0.1)
    time.sleep(1.0)
    os.killpg(cluster.workers[0].pid, signal.SIGKILL)
    assert process.wait(400) == 0
    assert digest(lost) == facts


def test_a_scheduler_that_is_gone_costs_what_was_under_way(local: tuple[Path, str], tmp_path: Path) -> None:
    target, facts = local
    far = tmp_path / "far"
    with running(tmp_path / "first") as cluster:
        words = command("run", "--target", target, "--out", far, *SIZE, "--executor", cluster.address)
        process = subprocess.Popen(words, env=SHORT, stderr=subprocess.PIPE, text=True)
        while not (far / "ledger.sqlite").exists() or not generations(far):
            assert process.poll() is None
            time.sleep(0.1)
        cluster.scheduler.kill()
        _, said = process.communicate(timeout=200)
        assert process.returncode == 2, said
        assert "scheduler" in said.splitlines()[-1]
    with running(tmp_path / "second", port=cluster.port) as again:
        done = testbed("resume", far, "--executor", again.address, "--quiet")
        assert done.returncode == 0, done.stderr
    assert digest(far) == facts


def generations(folder: Path) -> int:
    """How many generations are in the ledger."""
    with sqlite3.connect(f"file:{folder}/ledger.sqlite?mode=ro", uri=True) as ledger:
        try:
            return int(ledger.execute("SELECT count(*) FROM timings").fetchone()[0])
        except sqlite3.OperationalError:
            return 0


@pytest.fixture
def hosts() -> Iterator[list[Host]]:
    """Three hosts, as network namespaces on a bridge; the bridge is in the first."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("needs root and iproute2 to make network namespaces")
    names = [f"testbed{os.getpid()}{letter}" for letter in "abc"]
    try:
        for name in names:
            if subprocess.run(["ip", "netns", "add", name], check=False, capture_output=True).returncode:
                pytest.skip("network namespaces cannot be made here")
            inside(name, "ip link set lo up")
        inside(names[0], "ip link add hub type bridge")
        inside(names[0], "ip addr add 10.231.7.1/24 dev hub")
        inside(names[0], "ip link set hub up")
        for number, name in enumerate(names[1:], 2):
            inside(names[0], f"ip link add port{number} type veth peer name wire netns {name}")
            inside(names[0], f"ip link set port{number} master hub up")
            inside(name, f"ip addr add 10.231.7.{number}/24 dev wire")
            inside(name, "ip link set wire up")
        enter = [("ip", "netns", "exec", name) for name in names]
        yield [Host(f"10.231.7.{number}", words) for number, words in enumerate(enter, 1)]
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


def inside(namespace: str, command: str) -> None:
    subprocess.run(["ip", "netns", "exec", namespace, *command.split()], check=True)


def test_facts_are_the_same_over_hosts_with_networks_of_their_own(
    hosts: list[Host], local: tuple[Path, str], tmp_path: Path
) -> None:
    target, facts = local
    far = tmp_path / "far"
    with running(tmp_path / "cluster", hub=hosts[0], hosts=hosts[1:]) as cluster:
        words = command("run", "--target", target, "--out", far, *SIZE, "--executor", cluster.address)
        inside = [*hosts[0].enter, *words]
        done = subprocess.run(inside, env=SHORT, capture_output=True, text=True, check=False, timeout=400)
        assert done.returncode == 0, done.stderr
    assert digest(far) == facts


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("dask://127.0.0.1:9", "no scheduler answers"),
        ("ray://127.0.0.1:9", "no executor 'ray://127.0.0.1:9'; local or dask://HOST:PORT"),
    ],
)
def test_a_cluster_that_is_not_there_is_said_in_one_line(
    small_target: Path, tmp_path: Path, where: str, said: str
) -> None:
    done = testbed("run", "--target", small_target, "--out", tmp_path / "r", *SIZE, "--executor", where)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert said in line


def test_a_worker_that_ends_while_it_is_asked_is_no_missing_scheduler() -> None:
    there = {"python": "3"}
    gone = distributed.comm.CommClosedError("in <TCP>: Stream is closed")
    assert identities({"one": gone, "other": there, "third": TimeoutError()}) == {"other": there}
    with pytest.raises(ImportError):
        identities({"one": there, "other": ImportError("no testbed there"), "third": gone})

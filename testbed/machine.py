"""What this machine has of what the testbed can use: looked at, tried where that is quick, never assumed."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from testbed.errors import TestbedError, UserError
from testbed.evaluator import ProcessEvaluator, WorkerSpec
from testbed.evaluator.spec import scratch_folder
from testbed.executors.cores import available
from testbed.sandbox import NAMES, process, strongest, trouble
from testbed.targets import cache, interpreters, pip

State = Literal["ok", "limited", "missing"]
_MIB = 1 << 20
_LITTLE_MEMORY = 1024 * _MIB
_LITTLE_SCRATCH = 256 * _MIB
_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. `needed`: without it no campaign runs."""

    name: str
    state: State
    found: str
    means: str = ""  # what does not work, where something does not
    remedy: str = ""
    needed: bool = False


def checks(*, index: bool = False) -> Iterator[Check]:
    """All checks in the order of their weight. With `index`, pip's package index is asked too."""
    yield own_python()
    yield forking()
    yield proc()
    yield worker()
    yield from own_libraries()
    yield memory()
    yield cores()
    yield scratch()
    yield cache_folder()
    yield own_pip()
    if index:
        yield package_index()
    yield from pythons()
    yield git()
    yield docker()
    yield bubblewrap()
    yield sandboxes()


def ready(found: Sequence[Check]) -> bool:
    """Whether a campaign can run here."""
    return not any(check.needed and check.state == "missing" for check in found)


def own_python() -> Check:
    """The interpreter that runs the testbed."""
    said = f"{platform.python_version()} ({sys.executable})"
    if (3, 11) <= sys.version_info[:2] <= interpreters.PYTHONS[1]:
        return Check("python", "ok", said, needed=True)
    return Check("python", "limited", said, "not a version that is tested", "use Python 3.11 to 3.13", True)


def forking() -> Check:
    """Workers fork."""
    if hasattr(os, "fork") and sys.platform == "linux":
        return Check("fork", "ok", f"{platform.system()} {platform.release()}", needed=True)
    means = "workers fork, and rely on Linux for cleaning up"
    return Check("fork", "missing", platform.system(), means, "use Linux, or the Docker image", True)


def proc() -> Check:
    """Workers look into /proc for their memory, threads and descriptors."""
    missing = [name for name in ("statm", "fd", "task") if not Path("/proc/self", name).exists()]
    if not missing:
        return Check("/proc", "ok", "mounted")
    means = "memory is not limited, and threads that forbid forking are not seen"
    return Check("/proc", "limited", f"no {', '.join(missing)}", means, "mount /proc")


def worker() -> Check:
    """Starts a worker and lets it run one test."""
    files = {"test_it.py": b"import it\ndef test_it():\n    assert it.x == 1\n"}
    spec = WorkerSpec(sys.executable, "doctor", ("test_it.py",), ("it.py",), files)
    remedy = "reinstall the testbed with its dependencies"
    try:
        with ProcessEvaluator(spec) as evaluator:
            loaded = evaluator.load("g", {"it.py": "x = 1\n"})
            said = [outcome.verdict for outcome in evaluator.run("g", frozenset(), ["test_it.py::test_it"])]
    except (TestbedError, OSError) as trouble:
        return Check("worker", "missing", f"{trouble}"[:200], "code under test cannot be run", remedy, True)
    if said == ["pass"]:
        return Check("worker", "ok", "started, loaded a package, ran its test", needed=True)
    return Check("worker", "missing", loaded.error or said[0], "tests cannot be run", remedy, True)


def own_libraries() -> Iterator[Check]:
    """pytest and Hypothesis beside the testbed, for targets without an environment of their own."""
    found = interpreters.ask(sys.executable)
    first, last = interpreters.PYTESTS
    good = found.pytest.partition(".")[0] in map(str, range(first, last + 1))
    yield Check(
        "pytest",
        "ok" if good else "missing",
        found.pytest or found.trouble,
        "" if good else "no target can be tested with this interpreter",
        "" if good else f"pip install 'pytest>={first},<{last + 1}'",
        needed=True,
    )
    if found.hypothesis:
        yield Check("hypothesis", "ok", found.hypothesis)
    else:
        yield Check("hypothesis", "missing", "not installed", "no property tests", "pip install hypothesis")


def memory() -> Check:
    """What is free, and what the container allows."""
    amount = min([value for value in (_available_memory(), _memory_limit()) if value] or [0])
    if not amount:
        return Check("memory", "limited", "unknown", "nothing tells how much may be used")
    said = f"{amount // _MIB:,} MiB"
    if amount >= _LITTLE_MEMORY:
        return Check("memory", "ok", said)
    return Check("memory", "limited", said, "several workers may not fit", "run with --workers 1")


def _available_memory() -> int:
    try:
        found = re.search(r"MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text())
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0


def _memory_limit(cgroups: Path = Path("/sys/fs/cgroup")) -> int:
    """The container's limit less what it uses, 0 when there is none."""
    try:
        limit = (cgroups / "memory.max").read_text().strip()
        used = int((cgroups / "memory.current").read_text())
        return 0 if limit == "max" else max(1, int(limit) - used)
    except (OSError, ValueError):
        return 0


def cores() -> Check:
    """Processors that this process may use; affinity and the container's quota count."""
    count, all_of_them = available(), os.cpu_count() or 1
    said = f"{count}" + (
        f" of {all_of_them}, by affinity or the container's quota" if count < all_of_them else ""
    )
    if count > 1:
        return Check("cores", "ok", said)
    return Check("cores", "limited", said, "lineages run one after the other", "allow more processors")


def scratch() -> Check:
    """Where workers keep the files under test."""
    place = scratch_folder()
    try:
        with TemporaryDirectory(prefix="testbed-doctor-", dir=place):
            free = shutil.disk_usage(place).free
    except OSError as problem:
        said = f"{place}: {problem.strerror}"
        return Check("scratch", "missing", said, "workers cannot write", "set TMPDIR to a folder", True)
    said = f"{place}, {free // _MIB:,} MiB free"
    if free >= _LITTLE_SCRATCH:
        return Check("scratch", "ok", said, needed=True)
    means, remedy = "tests that write much may fail", "free some of it (docker run --shm-size=1g)"
    return Check("scratch", "limited", said, means, remedy, True)


def cache_folder() -> Check:
    """Where fetched targets and made environments are kept."""
    try:
        place = cache.folder()
        with TemporaryDirectory(dir=place):
            return Check("cache", "ok", str(place))
    except (UserError, OSError) as problem:
        what = problem.what if isinstance(problem, UserError) else str(problem.strerror)
        remedy = f"set {cache.VARIABLE} to a folder that can be written"
        return Check("cache", "missing", what, "no pypi: targets and no --install", remedy)


def own_pip() -> Check:
    """The user's own pip, and what a virtual environment is made with."""
    try:
        answer = pip.run(pip.own_pip(), ["--version"])
    except (UserError, OSError) as problem:
        remedy = f"run `{sys.executable} -m ensurepip`"
        return Check("pip", "missing", f"{problem}", "no pypi: targets", remedy)
    version = " ".join(answer.output.split()[:2])
    if answer.code:
        return Check("pip", "missing", answer.last_line(), "no pypi: targets", "repair pip")
    tried = run(sys.executable, "-I", "-c", "import venv, ensurepip")
    if tried is not None and tried.returncode == 0:
        return Check("pip", "ok", f"{version}, and venv")
    means, remedy = "no --install", "install Python's venv module (Debian: python3-venv)"
    return Check("pip", "limited", f"{version}, without venv", means, remedy)


def package_index() -> Check:
    """Asks the index for the versions of one package."""
    answer = pip.run(pip.own_pip(), ["index", "versions", "pip"])
    if answer.code == 0:
        return Check("package index", "ok", "answers")
    means, remedy = "nothing new can be fetched", "check the network and pip's configuration"
    return Check("package index", "missing", answer.last_line(), means, remedy)


def pythons() -> Iterator[Check]:
    """One interpreter of each version that workers may run on, the ones with pytest first."""
    (major, first), (_, last) = interpreters.PYTHONS
    for minor in range(first, last + 1):
        name, version = f"python {major}.{minor}", (major, minor)
        found = sorted(_interpreters(version), key=lambda each: not each.pytest)
        if not found:
            means = "targets cannot be run on this version"
            yield Check(name, "missing", "not found", means, "install it, for example with pyenv")
        elif found[0].pytest:
            yield Check(name, "ok", f"{found[0].path} with pytest {found[0].pytest}")
        else:
            means, remedy = "has no pytest", f"use --python {found[0].path} with --install"
            yield Check(name, "limited", found[0].path, means, remedy)


def _interpreters(version: tuple[int, int]) -> Iterator[interpreters.Interpreter]:
    name = f"python{version[0]}.{version[1]}"
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    places = [
        *map(str, sorted(root.glob(f"versions/{version[0]}.{version[1]}.*/bin/python"))),
        shutil.which(name) or "",
    ]
    if version == sys.version_info[:2]:
        places.insert(0, sys.executable)
    for place in dict.fromkeys(filter(None, places)):
        try:
            found = interpreters.ask(place)
        except UserError:  # a shim without a version behind it
            continue
        if found.version[:2] == version:
            yield found


def git() -> Check:
    """Only for looking at a run's history by hand: the testbed writes it through a library."""
    done = run("git", "--version")
    if done is not None and done.returncode == 0:
        return Check("git", "ok", done.stdout.strip().removeprefix("git version "))
    return Check("git", "missing", "not found", "a run's history cannot be read with git log", "install git")


def docker() -> Check:
    """The client alone is not enough."""
    done = run("docker", "version", "--format", "{{.Server.Version}}")
    if done is None:
        return Check("docker", "missing", "not found", "no runs in containers", "install Docker")
    if done.returncode == 0 and done.stdout.strip():
        return Check("docker", "ok", f"engine {done.stdout.strip()}")
    said = (done.stderr.strip() or "no answer").splitlines()[-1][:120]
    return Check(
        "docker", "limited", f"client only ({said})", "no runs in containers", "start the Docker engine"
    )


def bubblewrap() -> Check:
    """Tried, since many systems have it and forbid it."""
    done = run("bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--unshare-all", "true")
    if done is None:
        return Check("bubblewrap", "missing", "not found", "no sandbox by bubblewrap", "install bubblewrap")
    if done.returncode == 0:
        return Check("bubblewrap", "ok", "runs")
    said = (done.stderr.strip() or f"exit code {done.returncode}").splitlines()[-1][:120]
    return Check(
        "bubblewrap", "limited", said, "no sandbox by bubblewrap", "allow unprivileged user namespaces"
    )


def sandboxes() -> Check:
    """The strongest way to keep code under test apart that works here, and what the default one lacks."""
    best = strongest()
    others = [f"{name} does not work ({why})" for name in NAMES if (why := trouble(name))]
    said = "; ".join([f"{best} is the strongest that works", *others])
    lacking = process.lacks(process.level())
    if not lacking:
        return Check("sandbox", "ok", said)
    remedy = f"use --sandbox {best}" if best != "process" else "allow user namespaces, or install bubblewrap"
    return Check("sandbox", "limited", said, f"with process, {', '.join(lacking)}", remedy)


def run(*command: str) -> subprocess.CompletedProcess[str] | None:
    """Runs a program for its answer; None where there is no such program, or it does not answer."""
    try:
        return subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None

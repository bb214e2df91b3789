"""The tools that the testbed is compared with: how each is installed, set up and read.

Each has a virtual environment of its own and works on a fresh copy of the library's source distribution,
set up as its documentation advises. Where one is stopped by its time, what it had decided by then counts.
"""

from __future__ import annotations

import collections
import ctypes
import json
import os
import re
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep

VERSIONS = {
    "mutmut": "mutmut==3.8.1",
    "cosmic-ray": "cosmic-ray==8.7.0",
    "pytest-gremlins": "pytest-gremlins==1.12.2",
    "poodle": "poodle==1.3.4",
}


@dataclass(frozen=True, slots=True)
class Library:
    """A published package: the modules that get faults, the tests, and those that cannot run here."""

    name: str
    package: str
    modules: tuple[str, ...]
    tests: str
    without: tuple[str, ...] = ()
    seconds: int = 10  # that a tool gives one fault: ten times what the suite takes


LIBRARIES = {
    each.name: each
    for each in (
        Library("parse==1.22.4", "parse", ("parse/__init__.py",), "tests"),
        Library(
            "toolz==1.2.0",
            "toolz",
            tuple(f"toolz/{name}.py" for name in ("dicttoolz", "functoolz", "itertoolz", "recipes", "utils")),
            "toolz/tests",
            seconds=20,
        ),
        Library(
            "boltons==26.2.0",
            "boltons",
            tuple(f"boltons/{name}.py" for name in ("iterutils", "dictutils", "strutils", "cacheutils")),
            "tests",
            seconds=40,
        ),
        Library(
            "textdistance==4.6.3",
            "textdistance",
            tuple(
                f"textdistance/algorithms/{name}.py"
                for name in (
                    "base", "compression_based", "edit_based", "phonetic",
                    "sequence_based", "simple", "token_based", "vector_based",
                )
            ),
            "tests",
            ("tests/test_external.py",),  # needs other libraries
            seconds=60,
        ),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measured:
    """What a command and all that it started took. `mib` is the most that all of it held at one time."""

    wall: float
    cpu: float
    mib: float
    out: str
    code: int
    cut: bool


def measured(
    command: list[str], cwd: Path, seconds: float, environment: Mapping[str, str] | None = None
) -> Measured:
    """Runs a command until it ends, or has had so many seconds of CPU time."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # orphans come here, so that their time counts
    known = _children()
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
    log = cwd / "benchmark.log"
    mib, cut = 0.0, False
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=cwd, stdout=out, stderr=out, stdin=subprocess.DEVNULL, env=environment,
            start_new_session=True,
        )  # fmt: skip
        while process.poll() is None:
            sleep(0.5)
            held, used = _held(process.pid)
            mib = max(mib, held)
            if used > seconds:
                cut = True
                _stop(process)
    wall = perf_counter() - begun
    _reap(known)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Measured(wall, cpu, mib, log.read_text(errors="replace"), process.wait(), cut)


def _stop(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGINT)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)


def _children() -> set[int]:
    return set(map(int, Path("/proc/thread-self/children").read_text().split()))


def _reap(known: set[int]) -> None:
    """Ends what a command left running, and counts its time."""
    for _ in range(20):
        left = _children() - known
        if not left:
            return
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            except (ProcessLookupError, ChildProcessError):
                pass


def held_mib(root: int) -> float:
    """What a process and all that it started hold, with shared pages counted once."""
    return _held(root)[0]


def _held(root: int) -> tuple[float, float]:
    """(MiB held, CPU seconds used) by a process and all that it started."""
    children: dict[int, list[int]] = collections.defaultdict(list)
    ticks: dict[int, int] = {}
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                fields = place.joinpath("stat").read_text().rsplit(")", 1)[1].split()
            except (OSError, IndexError):
                continue
            children[int(fields[1])].append(int(place.name))
            ticks[int(place.name)] = sum(map(int, fields[11:15]))
    waiting, kib, used = [root], 0, 0
    while waiting:
        pid = waiting.pop()
        waiting += children[pid]
        used += ticks.get(pid, 0)
        try:
            kib += int(re.findall(r"^Pss: +(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)[0])
        except (OSError, IndexError):
            pass
    return kib / 1024, used / os.sysconf("SC_CLK_TCK")


def installed(tool: str, folder: Path) -> Path:
    """The programs of a tool's environment, which is made where it is not there yet."""
    programs = folder / tool / "bin"
    if not (folder / tool / "made").exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder / tool)], check=True)
        pip = [str(programs / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*pip, VERSIONS[tool], "pytest", "hypothesis", "numpy"], check=True)
        (folder / tool / "made").touch()
    return programs


def run(tool: str, library: Library, root: Path, programs: Path, workers: int, seconds: float) -> Measured:
    """Runs a tool on the copy of a library at `root`."""
    command, more = _SETUPS[tool](library, root, workers)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PYTHON"))}
    environment = {**kept, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", **more}
    return measured(command, root, seconds, environment)


_Setup = tuple[list[str], dict[str, str]]


def _mutmut(library: Library, root: Path, workers: int) -> _Setup:
    _add(
        root / "pyproject.toml",
        f'\n[tool.mutmut]\nsource_paths = ["{library.package}/"]\n'
        f"only_mutate = {json.dumps(list(library.modules))}\n"
        f'pytest_add_cli_args_test_selection = ["{library.tests}/"]\nalso_copy = ["."]\n',
    )
    return ["mutmut", "run", "--max-children", str(workers)], {}


def _cosmic_ray(library: Library, root: Path, workers: int) -> _Setup:
    (root / "cr.toml").write_text(
        f"[cosmic-ray]\nmodule-path = {json.dumps(list(library.modules))}\ntimeout = {library.seconds}.0\n"
        f"excluded-modules = {json.dumps([f'{library.tests}/*'])}\n"
        f'test-command = "python -m pytest -x -q --assert=plain -p no:cacheprovider {library.tests}"\n'
        '[cosmic-ray.distributor]\nname = "local"\n'
    )
    both = "cosmic-ray init cr.toml s.sqlite && exec cosmic-ray --verbosity WARNING exec cr.toml s.sqlite"
    return ["sh", "-c", both], {}


def _gremlins(library: Library, root: Path, workers: int) -> _Setup:
    command = ["python", "-m", "pytest", "-q", "--gremlins", f"--gremlin-targets={','.join(library.modules)}"]
    command += ["--gremlin-parallel", f"--gremlin-workers={workers}", "--gremlin-report=console,json"]
    # Without the path its workers do not find the package, and every fault is an error.
    return [*command, "-p", "no:cacheprovider", library.tests], {"PYTHONPATH": str(root)}


def _poodle(library: Library, root: Path, workers: int) -> _Setup:
    for file in root.rglob("*"):
        os.utime(file)  # dates before 1980 end it
    (root / "poodle.toml").write_text(
        f'[poodle]\nsource_folders = ["."]\nonly_files = {json.dumps(list(library.modules))}\n'
        f"max_workers = {workers}\n[poodle.runner_opts]\n"
        "command_line = \"python -m pytest -x --assert=plain -o pythonpath='{PYTHONPATH}' "
        f'-p no:cacheprovider {library.tests}"\n'
    )
    return ["poodle", "--json", "poodle.json"], {}


def _add(file: Path, text: str) -> None:
    file.write_text((file.read_text() if file.exists() else "") + text)


_SETUPS = {"mutmut": _mutmut, "cosmic-ray": _cosmic_ray, "pytest-gremlins": _gremlins, "poodle": _poodle}


def decided(tool: str, root: Path, out: str) -> dict[str, int]:
    """How many faults a tool gave which verdict, as it keeps or prints them."""
    return {verdict: number for verdict, number in _READERS[tool](root, out).items() if number}


def _of_mutmut(root: Path, out: str) -> collections.Counter[str]:
    codes = {1: "killed", 3: "killed", 0: "survived", 5: "no tests", 33: "no tests", 36: "timeout"}
    codes |= dict.fromkeys((-24, 24, 152, 255), "timeout")
    found: collections.Counter[str] = collections.Counter()
    for file in (root / "mutants").rglob("*.meta"):
        for code in json.loads(file.read_text()).get("exit_code_by_key", {}).values():
            if code not in (None, 2, 34):  # not run
                found[codes.get(code, "error")] += 1
    return found


def _of_cosmic_ray(root: Path, out: str) -> collections.Counter[str]:
    found: collections.Counter[str] = collections.Counter()
    with sqlite3.connect(root / "s.sqlite") as store:
        for worker, test in store.execute("select worker_outcome, test_outcome from work_results"):
            ended = "abnormal" not in str(worker).lower() and "normal" in str(worker).lower()
            survived = "survived" in str(test).lower()
            found["error" if not ended else "survived" if survived else "killed"] += 1
    return found


def _of_gremlins(root: Path, out: str) -> collections.Counter[str]:
    found: collections.Counter[str] = collections.Counter()
    for file in list(root.rglob("gremlins*.json"))[:1]:
        told = json.loads(file.read_text())
        for each in told.get("results", told.get("gremlins", [])):
            found[str(each.get("status", each.get("outcome"))).lower()] += 1
    progress = re.findall(r"Progress (\d+)/", out)
    if not found and progress:  # stopped: only how many it had decided is known
        found["decided"] = int(progress[-1])
    return found


def _of_poodle(root: Path, out: str) -> collections.Counter[str]:
    words = r"FOUND +(\d+)\s+NOT FOUND +(\d+)\s+TIMEOUT +(\d+)\s+ERRORS +(\d+)"
    last = re.findall(rf"COMPLETED +\d+/\d+\s+{words}", out)
    names = ("killed", "survived", "timeout", "error")
    return collections.Counter(dict(zip(names, map(int, last[-1]), strict=True)) if last else {})


_READERS = {
    "mutmut": _of_mutmut,
    "cosmic-ray": _of_cosmic_ray,
    "pytest-gremlins": _of_gremlins,
    "poodle": _of_poodle,
}

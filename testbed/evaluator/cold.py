"""Verdicts the slow way, for checking: materialised source and plain pytest in a fresh process and folder."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from testbed import sandbox
from testbed.evaluator.baselines import data_of
from testbed.evaluator.channel import WORKER, clean_environment
from testbed.evaluator.spec import WorkerSpec
from testbed.facts import VerdictName
from testbed.protocols import NOWHERE, Situation
from testbed.sandbox import Room

_PLUGIN = "_testbed_plain"
_STUB = """\
import json, os, runpy, sys
worker, request = json.loads(os.environ.pop("_TESTBED_PLAIN"))
runpy.run_path(os.path.join(worker, "__main__.py"))["register"](worker)
from _testbed_worker.cold import Notes, import_hypothesis, note_the_end
note_the_end(request)
if request["hypothesis"]:
    import_hypothesis()
def pytest_configure(config):
    notes = Notes(request)
    config.pluginmanager.register(notes)
    config.pluginmanager.register(notes.recorder)
    config.pluginmanager.register(notes.recorder.phases)
"""
_ARGUMENTS = (
    "-m", "pytest", "-p", _PLUGIN, "-o", "addopts=", "-p", "no:cacheprovider", "-p", "no:randomly",
    "-p", "no:random_order", "--continue-on-collection-errors", "--rootdir", ".",
)  # fmt: skip
_LOOK = 0.02
_LOADING_SECONDS = 120.0


def confirms(recorded: str, cold: str) -> bool:
    """Whether a cold verdict bears out a recorded one.

    They are the same; or what was stopped for its length goes on, with the longer time that it has
    cold, until it dies: iterators nested without end run out of stack some seconds later.
    """
    return cold == recorded or (recorded == "timeout" and cold == "crash")


def cold_verdicts(
    spec: WorkerSpec,
    source: Mapping[str, str],
    tests: Sequence[str],
    *,
    seed: int = 0,
    examples: int = 0,
    seconds: float = 20.0,
    situation: Situation = NOWHERE,
) -> dict[str, VerdictName]:
    """The verdict of each of `tests` (node ids) on materialised `source`; `seconds` is each one's limit.

    A test that a crash or the limit ends has that verdict, and the others go on without it. A test
    that is not collected is `error`.
    """
    verdicts: dict[str, VerdictName] = {}
    hypothesis = _may_use_hypothesis(spec, source)
    while waiting := [test for test in tests if test not in verdicts]:
        with _folder(spec, source) as home:
            request = {"tests": waiting, "seed": seed, "examples": examples, "hypothesis": hypothesis}
            command = [spec.python, "-B", *_ARGUMENTS, *spec.options, *spec.tests]
            verdicts.update(_run(spec, source, home, command, request, seconds, situation))
    return {test: verdicts[test] for test in tests}


def _may_use_hypothesis(spec: WorkerSpec, source: Mapping[str, str]) -> bool:
    """Whether its tests mention Hypothesis, and it is not the target's own."""
    own = any("hypothesis" in path.split("/") for path in {**spec.static, **source})
    return not own and any(b"hypothesis" in _bytes(data) for data in spec.static.values())


def _bytes(data: str | bytes) -> bytes:
    return data.encode() if isinstance(data, str) else data


def cold_digests(
    spec: WorkerSpec,
    source: Mapping[str, str],
    inputs: Sequence[str],
    *,
    seconds: float = 20.0,
    situation: Situation = NOWHERE,
) -> dict[str, str]:
    """The digest of each differential input's outcome on materialised `source`, in a fresh process.

    "timeout", "crash" or "error" in place of a digest for an input that had none. Outside of inspection
    pytest is not loaded in the process.
    """
    digests: dict[str, str] = {}
    while waiting := [test for test in inputs if test not in digests]:
        with _folder(spec, source) as home:
            request = {**spec.settings(source), "tests": waiting, "root": str(home / "root")}
            request |= {"work": str(home / "work"), "inspected": situation.inspected}
            command = [spec.python, "-B", str(WORKER), "inputs", str(home / "request.json")]
            digests.update(_run(spec, source, home, command, request, seconds, situation))
    return {test: digests[test] for test in inputs}


@contextmanager
def _folder(spec: WorkerSpec, source: Mapping[str, str]) -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="testbed-cold-", dir=spec.scratch))
    try:
        (home / "pytest.ini").touch()
        for name in ("plugin", "home", "tmp", "work", "root"):
            (home / name).mkdir()
        (home / "plugin" / f"{_PLUGIN}.py").write_text(_STUB)
        for path, data in {**spec.static, **source}.items():
            place = home / "root" / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(_bytes(data))
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _run(
    spec: WorkerSpec,
    source: Mapping[str, str],
    home: Path,
    command: list[str],
    request: dict[str, Any],
    seconds: float,
    situation: Situation,
) -> dict[str, Any]:
    results = home / "results.jsonl"
    results.touch()
    most = spec.limits.memory_mib
    request = {**request, "results": str(results), "memory_mib": most, "data_mib": data_of(most)}
    (home / "request.json").write_text(json.dumps(request))
    room = Room(spec.python, home, home / "root", root=spec.root, private=False, alone=False)
    process = subprocess.Popen(
        sandbox.make(spec.sandbox).command(command, room),
        cwd=home / "root",
        env=_environment(spec, spec.settings(source)["paths"], home, request) | situation.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        late = _wait(process, results, seconds)
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return _read(results, request["tests"], late)


def _environment(
    spec: WorkerSpec, paths: Sequence[str], home: Path, request: dict[str, Any]
) -> dict[str, str]:
    roots = [home / "root" / path for path in paths]
    return {
        **clean_environment(home / "home", spec.python),
        "TMPDIR": str(home / "tmp"),
        "PYTHONPATH": os.pathsep.join(map(str, [*roots, home / "plugin"])),
        "_TESTBED_PLAIN": json.dumps([str(WORKER), request]),
    }


def _wait(process: subprocess.Popen[bytes], results: Path, seconds: float) -> bool:
    """Until the process ends (False) or goes on without a new line of results for too long (True)."""
    size, since = 0, time.monotonic()
    while process.poll() is None:
        now, length = time.monotonic(), results.stat().st_size
        if length != size:
            size, since = length, now
        if now - since > (seconds if size else _LOADING_SECONDS):
            return True
        time.sleep(_LOOK)
    return False


def _read(results: Path, tests: list[str], late: bool) -> dict[str, Any]:
    """What is known of `tests` after a run; what is not has to be run again."""
    lines = [json.loads(line) for line in results.read_text().splitlines() if line.endswith("}")]
    keys = set().union(*lines)
    verdicts = {line["test"]: line["verdict"] for line in lines if "test" in line}
    ending = "timeout" if late else "crash"
    started = [line["start"] for line in lines if "start" in line]
    if started and started[-1] not in verdicts:
        return {**verdicts, started[-1]: ending}
    if "finished" in keys:
        return {**dict.fromkeys(tests, "error"), **verdicts}
    return verdicts or dict.fromkeys(tests, ending)

"""A second, independent search for witnesses: CrossHair compares the two versions of a function symbolically.

Done on a sample of the faults that no test and no input has shown, to say which share of them is truly
equivalent. Only functions of a module can be compared, and no fault whose act depends on who is looking.
CrossHair, which keeps what it runs from files and network, runs in a process of its own, with the interpreter
that runs the testbed.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import Literal

from testbed import seeds
from testbed.birth import HIDING
from testbed.errors import UserError
from testbed.evaluate.run import faulty
from testbed.evaluator.channel import clean_environment
from testbed.trial import Trial

CLEAN, FAULTY = "second_clean", "second_faulty"


Verdict = Literal["differs", "same", "open", "failed"]
"""An example; none on any path; none, but not all paths were followed; no comparison was possible."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What CrossHair says of one unwitnessed fault: `words` are its example, or why it could not compare."""

    fault: int
    verdict: Verdict
    words: str = ""


@dataclass(frozen=True, slots=True)
class Second:
    """How many unwitnessed faults can be compared at all, and what became of a sample of them."""

    comparable: int
    compared: tuple[Compared, ...]

    def count(self, verdict: Verdict) -> int:
        """How many of the sample ended so."""
        return sum(one.verdict == verdict for one in self.compared)


def searched(
    source: Mapping[str, str],
    roots: Sequence[str],
    trials: Sequence[Trial],
    size: int,
    seconds: float,
    seed: int,
) -> Second:
    """Compares a sample of the unwitnessed faults. Raises UserError where CrossHair is not installed."""
    if find_spec("crosshair") is None:
        raise UserError(
            "the second search needs CrossHair, which is not installed",
            remedy="pip install 'compounding-flaw-testbed[crosshair]'",
        )
    able = [trial for trial in trials if not trial.witnesses and _comparable(trial)]
    chosen = able
    if size < len(able):
        places = seeds.stream(seed, "second").choice(len(able), size=size, replace=False)
        chosen = [able[place] for place in sorted(places)]
    return Second(len(able), tuple(_compared(source, roots, trial, seconds) for trial in chosen))


def _comparable(trial: Trial) -> bool:
    fault = trial.fault
    return bool(fault.where) and "." not in fault.where and fault.family not in HIDING


def _compared(source: Mapping[str, str], roots: Sequence[str], trial: Trial, seconds: float) -> Compared:
    fault = trial.fault
    with tempfile.TemporaryDirectory(prefix="testbed-second-") as name:
        home = Path(name)
        for path, text in source.items():
            _write(home / _below(path, roots), text)
        for side, files in ((CLEAN, source), (FAULTY, faulty(source, fault))):
            for path, text in files.items():
                _write(home / _renamed(_below(path, roots), side), text)
        module = _renamed(_below(fault.path, roots), "{}").removesuffix(".py").removesuffix("/__init__")
        address = f"{module.replace('/', '.')}.{fault.where}"
        command = [
            *(sys.executable, "-m", "crosshair", "diffbehavior"),
            *(address.format(CLEAN), address.format(FAULTY)),
            *("--per_condition_timeout", str(seconds)),
        ]
        try:
            done = subprocess.run(
                command,
                cwd=home,
                env={**clean_environment(home), "PYTHONPATH": str(home)},
                capture_output=True,
                text=True,
                check=False,
                timeout=seconds * 3 + 60,
            )
        except subprocess.TimeoutExpired:
            return Compared(fault.number, "failed", "did not end")
    return Compared(fault.number, *_read(done))


def _read(done: subprocess.CompletedProcess[str]) -> tuple[Verdict, str]:
    given = done.stdout.find("Given: ")
    if given >= 0:
        return "differs", " ".join(done.stdout[given:].split())[:200]
    if done.returncode != 0 or "No differences found" not in done.stdout:
        return "failed", " ".join(done.stderr.split())[-200:]
    return ("same", "") if "All paths exhausted" in done.stdout else ("open", "")


def _below(path: str, roots: Sequence[str]) -> str:
    root = max((r for r in roots if not r or path.startswith(f"{r}/")), key=len, default="")
    return path[len(root) :].lstrip("/")


def _renamed(path: str, side: str) -> str:
    rest = PurePosixPath(path).parts[1:]
    return "/".join([side, *rest]) if rest else f"{side}.py"


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")

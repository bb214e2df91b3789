"""The modifier `replay`: the commits of a git repository are the generations."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

import numpy as np

from testbed import whole
from testbed.conditions import ModifierFactor
from testbed.errors import UserError
from testbed.facts import EditFact
from testbed.lines import touched
from testbed.modifiers.outside.opaque import WitnessMaker
from testbed.modifiers.outside.program import run
from testbed.protocols import Proposal, Reference, Source, Turn
from testbed.schema import guard_numbers
from testbed.targets.repositories import Repository, Version, write
from testbed.tracing import problem, trace, undecided

TESTS = (sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider")
"""What says whether a commit's own tests pass, unless `modifier.command` has something else."""


class ReplayModifier:
    """The commits of a git repository, first parents alone, with the seeded faults carried along."""

    name = "replay"
    version = "1"

    moves = True  # what is right changes with each commit

    def __init__(self, factor: ModifierFactor) -> None:
        first, dots, last = factor.commits.partition("..")
        if not factor.repository or not first or not dots or not last:
            raise UserError(
                "which commits are to be replayed?",
                where="modifier.commits",
                remedy='give modifier.repository, and modifier.commits as "FIRST..LAST"',
            )
        self.factor = factor
        self.repository = Repository(factor.repository)
        self.first = self.repository.files(first)
        self.row = self.repository.row(first, last, factor.paths)
        self.witnesses: WitnessMaker | None = None
        self.told: Callable[[Mapping[str, str]], None] = lambda files: None
        self._passing: list[Version] = []
        self._asked = 0
        self._generation = 1

    def situate(self, lineage: int, generation: int, attempt: int) -> None:
        """Where the lineage is: its generation says which commit comes."""
        self._generation = generation

    def commit(self, generation: int) -> Version | None:
        """The commit of a generation: the next one whose own tests pass; None after the last."""
        while len(self._passing) < generation and self._asked < len(self.row):
            version = self.row[self._asked]
            self._asked += 1
            if self._passes(version):
                self._passing.append(version)
        return self._passing[generation - 1] if generation <= len(self._passing) else None

    def propose(self, source: Source, rng: np.random.Generator, offspring: Callable[[int], int]) -> Proposal:
        """The next commit's code with the live faults in it; the code as it was after the last commit."""
        version = self.commit(self._generation)
        if version is None:
            turn = Turn("end of the history", "no further commit whose tests pass")
            return Proposal(dict(source), (), {"end of the history": 1}, turn=turn)
        live = frozenset(number for text in source.values() for number in guard_numbers(text))
        files = self.repository.files(version.id)
        package = {path: files[path].decode() for path in sorted(files) if _is_package(path, source)}
        beside = self._beside(files, package)
        self.told(beside)
        said = self.witnesses(source, live, package) if self.witnesses else undecided
        made = trace(source, live, package, offspring, said, clean=True)
        edits = tuple(
            EditFact(f"commit {version.id[:12]}", path, "") for path in touched(source, made.source)
        )
        turn = Turn(f"{version.id[:12]} {version.title}"[:200], traces=made.traces)
        return Proposal(made.source, edits, turn=turn, reference=Reference(package, beside))

    def _beside(self, files: Mapping[str, bytes], package: Mapping[str, str]) -> dict[str, str]:
        """Text files beside the package that are not as the target has them; removed modules are empty."""
        found: dict[str, str] = {}
        for path, data in sorted(files.items()):
            if path not in package and self.first.get(path) != data:
                try:
                    found[path] = data.decode()
                except UnicodeDecodeError:
                    continue
        gone = [path for path in self.first if path not in files and path.endswith(".py")]
        return {**found, **dict.fromkeys(sorted(gone), "")}

    def _passes(self, version: Version) -> bool:
        """Whether a commit can be a generation: readable, and its own tests pass. Kept for the next time."""
        command = self.factor.command or TESTS
        key = hashlib.sha256(json.dumps([version.id, *command]).encode()).hexdigest()
        place = _verdicts() / key
        if place.is_file():
            return place.read_text() == "pass"
        passed = self._tried(version, command)
        place.parent.mkdir(parents=True, exist_ok=True)
        whole.write(place, "pass" if passed else "fail")
        return passed

    def _tried(self, version: Version, command: tuple[str, ...]) -> bool:
        files = self.repository.files(version.id)
        try:
            if problem({p: d.decode() for p, d in files.items() if p.endswith(".py")}):
                return False
        except UnicodeDecodeError:
            return False
        with tempfile.TemporaryDirectory(prefix="testbed-replay-") as scratch:
            folder = Path(scratch, "code")
            write(folder, files)
            env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
            env.pop("PYTEST_ADDOPTS", None)
            ended = run(command, folder, self.factor.seconds, Path(scratch, "log"), env)
        return not ended.why and ended.code == 0


def _verdicts() -> Path:
    base = os.environ.get("TESTBED_CACHE") or Path("~/.cache/testbed").expanduser()
    return Path(base) / "commits"


def _is_package(path: str, source: Source) -> bool:
    """Whether a file is the package's: one that it had, or a module in one of its folders."""
    if path in source:
        return True
    folders = {str(PurePosixPath(name).parent) for name in source} - {"."}
    inside = any(path.startswith(f"{folder}/") for folder in folders)
    return inside and path.endswith(".py") and not PurePosixPath(path).name.startswith(("test_", "conftest"))

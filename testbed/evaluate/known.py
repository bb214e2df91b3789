"""What was found before, by everything that decides it: verdicts, the passing control, the list of faults.

A verdict is taken from here only where all of this is the same to the byte: the target's files, the fault's
edit, the tests' arguments and limits, the interpreter with what is installed in it, the search path, and the
testbed's own code. Whatever only a clock decided is not kept.
"""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, fields
from functools import cache
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import Any

from injectors.operator import Operator
from testbed.evaluate.faults import Fault, every
from testbed.evaluate.program import Result, Settings
from testbed.evaluator import WorkerSpec
from testbed.schema import TextEdit
from testbed.targets import cache as folders

FILE = "verdicts.sqlite"
MOST = 400_000
"""Rows kept; the ones that were not used for longest go first."""

_CODE = ("worker", "evaluator", "evaluate", "schema", "sandbox")
_NOT_DECIDING = ("root", "scratch", "static")
_SCHEMA = "CREATE TABLE IF NOT EXISTS known (key TEXT PRIMARY KEY, value TEXT, day INTEGER) WITHOUT ROWID"
_INSTALLED = """
import importlib.metadata as m, json, os, sys
found = []
for d in m.distributions():
    direct = json.loads(d.read_text("direct_url.json") or "{}")
    place = direct.get("url", "")[7:] if direct.get("dir_info", {}).get("editable") else ""
    walk = os.walk(place) if place else ()
    stamps = [os.stat(os.path.join(at, f)).st_mtime_ns for at, _, fs in walk for f in fs if f.endswith(".py")]
    found.append([str(d.metadata["Name"]), d.version, len(stamps), max(stamps, default=0)])
print(json.dumps([sys.version, sys.executable, sorted(found)]))
"""


class Known:
    """The store at one place. Without a place, or where it cannot be used, nothing is known."""

    def __init__(self, place: Path | None) -> None:
        self._place = place

    def get(self, keys: Sequence[str]) -> dict[str, Any]:
        """The values of those of the keys that are known."""
        found: dict[str, Any] = {}
        with suppress(sqlite3.Error, ValueError), closing(self._opened()) as store, store:
            for at in range(0, len(keys), 500):
                part = keys[at : at + 500]
                marks = ",".join("?" * len(part))
                query = f"SELECT key, value, day FROM known WHERE key IN ({marks})"
                rows = store.execute(query, part).fetchall()
                found.update((key, json.loads(value)) for key, value, _day in rows)
                today = _today()
                old = [(today, key) for key, _value, day in rows if day != today]
                store.executemany("UPDATE known SET day = ? WHERE key = ?", old)
        return found

    def put(self, values: Mapping[str, Any]) -> None:
        """Keeps values, and no more than the store may hold."""
        with suppress(sqlite3.Error), closing(self._opened()) as store, store:
            rows = [(key, json.dumps(value), _today()) for key, value in values.items()]
            store.executemany("INSERT OR REPLACE INTO known VALUES (?, ?, ?)", rows)
            (count,) = store.execute("SELECT count(*) FROM known").fetchone()
            if count > MOST:
                oldest = "SELECT key FROM known ORDER BY day LIMIT ?"
                store.execute(f"DELETE FROM known WHERE key IN ({oldest})", (count - MOST * 3 // 4,))

    def _opened(self) -> sqlite3.Connection:
        if self._place is None:
            return sqlite3.connect(":memory:")
        store = sqlite3.connect(self._place, timeout=30)
        store.execute("PRAGMA journal_mode = WAL")
        store.execute(_SCHEMA)
        return store


def kept() -> Known:
    """The store in the user's cache."""
    return Known(folders.folder() / FILE)


def _today() -> int:
    return int(time.time() // 86_400)


def digest(*parts: object) -> str:
    """One key for these values, which are told apart by their text."""
    return sha256(json.dumps([str(part) for part in parts]).encode("ascii")).hexdigest()


def question(spec: WorkerSpec, source: Mapping[str, str], settings: Settings) -> str:
    """The key of everything that decides a verdict but the fault. Starts the target's interpreter once."""
    files = {**spec.static, **source}
    contents = [(path, _hashed(data)) for path, data in sorted(files.items())]
    rest = [(each.name, getattr(spec, each.name)) for each in fields(spec) if each.name not in _NOT_DECIDING]
    path = [os.environ.get(name) for name in ("PATH", "LD_LIBRARY_PATH")]
    asked = (settings.matrix, settings.seed, settings.examples, sorted(source))
    return digest(own_code(*_CODE), _installed(spec.python), platform.machine(), path, contents, rest, asked)


def _hashed(data: str | bytes) -> str:
    return sha256(data.encode() if isinstance(data, str) else data).hexdigest()


@cache
def own_code(*packages: str) -> str:
    """The digest of these parts of the testbed."""
    root = Path(__file__).resolve().parent.parent
    files = sorted(file for package in packages for file in (root / package).rglob("*.py"))
    return digest(*((file.relative_to(root), _hashed(file.read_bytes())) for file in files))


@cache
def _installed(python: str) -> str:
    """What is installed beside an interpreter; editable installations with the times of their files."""
    done = subprocess.run(
        [python, "-c", _INSTALLED], capture_output=True, text=True, check=False, timeout=120
    )
    # Without an answer nothing that was found before is asked for: the time is in no other key.
    return done.stdout if done.returncode == 0 else str(time.time_ns())


def key_of(question: str, fault: Fault) -> str:
    """The key of one fault's verdict."""
    return digest(
        "verdict", question, fault.path, fault.edit.start, fault.edit.end, fault.edit.new, fault.others
    )


def pack(result: Result) -> dict[str, Any] | None:
    """A result as it is kept; None for one that a clock decided, or that says nothing."""
    if result.clocked or result.verdict == "unknown":
        return None
    return {each.name: getattr(result, each.name) for each in fields(result) if each.name != "fault"}


def unpack(fault: Fault, value: Mapping[str, Any]) -> Result:
    """The result that `pack` packed."""
    return Result(fault, **{**value, "tests": tuple(value["tests"])})


def faults(known: Known, source: Mapping[str, str], operators: Sequence[Operator]) -> list[Fault]:
    """`every` fault, found once for the same source, operators and libraries."""
    libraries = [(name, _version(name)) for name in ("mutmut", "libcst", "cosmic-ray", "parso")]
    own = own_code("../injectors", "schema", "evaluate")
    contents = [(path, _hashed(text)) for path, text in sorted(source.items())]
    names = [(operator.name, operator.family) for operator in operators]
    key = digest("faults", own, libraries, platform.python_version(), names, contents)
    found = known.get([key]).get(key)
    if found is None:
        listed = every(source, operators)
        known.put({key: [asdict(fault) for fault in listed]})
        return listed
    return [Fault(**{**each, "edit": TextEdit(**each["edit"]), "others": (), "sites": ()}) for each in found]


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def control(known: Known, question: str) -> tuple[str, ...]:
    """The passing control where it is known, else ()."""
    key = digest("control", question)
    return tuple(known.get([key]).get(key, ()))


def keep(known: Known, question: str, tests: Iterable[str], results: Sequence[Result]) -> None:
    """Keeps the control and the verdicts."""
    packed = {key_of(question, result.fault): pack(result) for result in results}
    values = {key: value for key, value in packed.items() if value is not None}
    known.put({digest("control", question): list(tests), **values})

"""What a worker has to know of a target, once for all its generations."""

from __future__ import annotations

import base64
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from testbed.conditions import LimitsFactor
from testbed.sandbox import chosen

Files = Mapping[str, str | bytes]


@dataclass(frozen=True, slots=True)
class Entry:
    """A declared differential entry point.

    `generate` (random.Random -> input) and `call` (input -> result) are addresses `module:qualname`;
    `public` names the public functions that the entry point exercises.
    """

    name: str
    generate: str
    call: str
    public: tuple[str, ...] = ()


def scratch_folder() -> Path:
    """The fastest folder for files that live no longer than a worker; $TESTBED_SCRATCH where that is set."""
    chosen = os.environ.get("TESTBED_SCRATCH")
    if chosen:
        return Path(chosen)
    memory = Path("/dev/shm")
    return memory if memory.is_dir() and os.access(memory, os.W_OK) else Path(tempfile.gettempdir())


@dataclass(frozen=True, slots=True)
class WorkerSpec:
    """How to evaluate a target's generations.

    `tests` is what pytest is given, `package` what may be changed (both relative to the target);
    `static` are the files that stay as they are (tests, differential module, configuration), and the
    switchable source of each generation comes on top. `carved` has recorded calls by `module:qualname`.
    With `singly` every test and input runs in a process of its own.
    """

    python: str
    root: str  # where the target came from; only named in messages
    tests: tuple[str, ...]
    package: tuple[str, ...]
    static: Files
    entries: tuple[Entry, ...] = ()
    carved: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    limits: LimitsFactor = field(default_factory=LimitsFactor)
    scratch: Path = field(default_factory=scratch_folder)
    sandbox: str = field(default_factory=chosen)
    options: tuple[str, ...] = ()  # further arguments for pytest
    singly: bool = False
    paths: tuple[str, ...] = ()  # folders that `sys.path` needs, "" the target; empty: `import_roots`

    def settings(self, source: Iterable[str]) -> dict[str, Any]:
        """What a worker has to know of generations that consist of these files (and the static ones)."""
        roots = self.paths or import_roots(self.package, [*self.static, *source])
        return {
            "tests": list(self.tests),
            "paths": list(roots),
            "modules": list(top_modules(source, roots)),
            "options": list(self.options),
            "entries": [{"name": e.name, "generate": e.generate, "call": e.call} for e in self.entries],
            "carved": {address: list(calls) for address, calls in self.carved.items()},
        }

    def public(self) -> dict[str, tuple[str, ...]]:
        """Entry point -> public functions that it exercises."""
        declared = {entry.name: entry.public for entry in self.entries}
        return {**declared, **{address: (address.replace(":", "."),) for address in self.carved}}


def import_roots(package: Iterable[str], files: Iterable[str]) -> tuple[str, ...]:
    """Folders, relative to the target, that `sys.path` needs for importing `package`; "" is the target.

    That is the folder above a module or package, and a folder of packages itself.
    """
    known = set(files)
    roots = {""}
    for path in package:
        if path and _holds_packages(path, known):
            roots.add(path)
            continue
        parent = PurePosixPath(path).parent
        while str(parent / "__init__.py") in known:
            parent = parent.parent
        roots.add("" if str(parent) == "." else str(parent))
    return tuple(sorted(roots))


def _holds_packages(path: str, known: set[str]) -> bool:
    inside = [file[len(path) + 1 :] for file in known if file.startswith(f"{path}/") and file.endswith(".py")]
    return any(file.endswith("/__init__.py") for file in inside) and not any(
        "/" not in file for file in inside
    )


def top_modules(source: Iterable[str], roots: Iterable[str]) -> tuple[str, ...]:
    """The first names of the modules in `source`."""
    found = set()
    for path in source:
        root = max((root for root in roots if not root or path.startswith(f"{root}/")), key=len)
        found.add(path[len(root) :].lstrip("/").partition("/")[0].removesuffix(".py"))
    return tuple(sorted(found))


def encode_files(files: Files) -> dict[str, Any]:
    """Files as they travel: text as a string, bytes as {"base64": ...}."""
    return {
        path: data if isinstance(data, str) else {"base64": base64.b64encode(data).decode("ascii")}
        for path, data in files.items()
    }

"""A generation as a program that rebuilds programs, run in a process of its own."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from testbed.modifiers.outside.program import run

_RUNNER = """
import importlib, json, sys
sys.path.insert(0, "code")
module, name = sys.argv[1].split(":")
with open("input.json") as file:
    files = json.load(file)
made = getattr(importlib.import_module(module), name)(files)
with open("output.json", "w") as file:
    json.dump({str(path): str(text) for path, text in made.items()}, file)
"""


class Broken(Exception):
    """The generation cannot rebuild anything; says why."""


class Tool:
    """One generation, materialised. `entry` is module:function, from files to files."""

    def __init__(self, entry: str, code: Mapping[str, str], seconds: float) -> None:
        self.entry = entry
        self.code = dict(code)
        self.seconds = seconds
        self.digest = hashlib.sha256(json.dumps([entry, sorted(code.items())]).encode()).hexdigest()

    def build(self, files: Mapping[str, str]) -> dict[str, str]:
        """What it makes of the files. Raises Broken."""
        with tempfile.TemporaryDirectory(prefix="testbed-self-") as scratch:
            folder = Path(scratch)
            for path, text in self.code.items():
                place = folder / "code" / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(text)
            (folder / "input.json").write_text(json.dumps(dict(files)))
            command = (sys.executable, "-S", "-c", _RUNNER, self.entry)
            env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
            ended = run(command, folder, self.seconds, folder / "log", env)
            if ended.why or ended.code:
                last = ended.last.rpartition("\n")[2]
                raise Broken(ended.why or last or f"exit code {ended.code}")
            made: dict[str, str] = json.loads((folder / "output.json").read_text())
        if set(made) != set(files):
            raise Broken("it left modules out")
        return made


class Remembering:
    """A tool that is asked for one file at a time and remembers: for the reference, which stays the same."""

    def __init__(self, tool: Tool) -> None:
        self.tool = tool
        self._known: dict[str, str] = {}

    def build(self, files: Mapping[str, str]) -> dict[str, str]:
        """What it makes of the files, each by itself. Raises Broken."""
        new = {path: text for path, text in files.items() if text not in self._known}
        if new:
            for path, text in self.tool.build(new).items():
                self._known[new[path]] = text
        return {path: self._known[text] for path, text in files.items()}

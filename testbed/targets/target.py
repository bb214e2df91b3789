"""A target as the engine holds it: files, never imported."""

from __future__ import annotations

import ast
import hashlib
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from testbed.conditions import LimitsFactor
from testbed.evaluator import Entry, WorkerSpec
from testbed.facts import canonical
from testbed.schema.text import parse

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Target:
    """What may be changed (`package_files`), what stays (`static`), and how it is tested."""

    name: str
    version: str
    package_files: Mapping[str, str]
    static: Mapping[str, bytes]
    package: tuple[str, ...]
    tests: tuple[str, ...]
    entries: tuple[Entry, ...] = ()
    python: str = field(default=sys.executable)
    summary: str = ""
    paths: tuple[str, ...] = ()  # folders that `sys.path` needs; empty: those above the packages
    options: tuple[str, ...] = ()  # further arguments for pytest
    requires: tuple[str, ...] = ()  # what the target asks to have installed for its tests
    left_out: tuple[str, ...] = ()  # files too large to be taken along
    left_alone: Mapping[str, str] = field(default_factory=dict)  # files of the package that stay, and why

    def digest(self) -> str:
        """The sha256 of all files."""
        static = {path: hashlib.sha256(data).hexdigest() for path, data in sorted(self.static.items())}
        return hashlib.sha256(canonical([dict(self.package_files), static]).encode()).hexdigest()

    def spec(self, limits: LimitsFactor, carved: Mapping[str, tuple[str, ...]] | None = None) -> WorkerSpec:
        """What a worker has to know of the target."""
        return WorkerSpec(
            python=self.python,
            root=self.name,
            tests=self.tests,
            package=self.package,
            static=dict(self.static),
            entries=self.entries,
            carved=carved or {},
            limits=limits,
            options=self.options,
            paths=self.paths,
        )


def frozen_names(target: Target) -> frozenset[str]:
    """Names that the tests and the differential module mention: attributes, imports, words in strings.

    A modifier must not rename these, nor send their calls elsewhere.
    """
    found: set[str] = set()
    for path, data in sorted(target.static.items()):
        if path.endswith(".py"):
            try:
                tree = parse(data.decode())
            except (SyntaxError, UnicodeDecodeError):
                found.update(_WORD.findall(data.decode(errors="replace")))
                continue
            for node in ast.walk(tree):
                found.update(_names(node))
    return frozenset(found)


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Attribute):
        return [node.attr]
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.alias):
        return _WORD.findall(node.name)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _WORD.findall(node.value)
    return []

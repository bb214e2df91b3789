"""Miniature targets in switchable form, written by hand, and the plain source of a choice of faults."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from typing import Any

from testbed.conditions import LimitsFactor
from testbed.evaluator import WorkerSpec

PYTHON = os.environ.get("TESTBED_TARGET_PYTHON", sys.executable)
"""The interpreter of the targets; another one than that of the tests can be tried with this variable."""


def spec_of(static: Mapping[str, str], scratch: Path, **more: Any) -> WorkerSpec:
    """A specification with short limits and everything of the target under `mini/` and `tests/`."""
    spec = WorkerSpec(
        python=PYTHON,
        root="mini",
        tests=("tests",),
        package=("mini",),
        static={path: dedent(text) for path, text in static.items()},
        limits=LimitsFactor(test_seconds=0.3, memory_mib=512),
        scratch=scratch,
    )
    return replace(spec, **more)


def source_of(**modules: str) -> dict[str, str]:
    """`mini/NAME.py` for each, in switchable form."""
    return {"mini/__init__.py": "", **{f"mini/{name}.py": dedent(text) for name, text in modules.items()}}


class _Choose(ast.NodeTransformer):
    def __init__(self, on: frozenset[int]) -> None:
        self._on = on

    def _choose(self, node: Any) -> Any:
        self.generic_visit(node)
        test = node.test
        if isinstance(test, ast.Call) and getattr(test.func, "id", "") == "__fault__":
            return node.body if test.args[0].value in self._on else node.orelse  # type: ignore[attr-defined]
        return node

    visit_If = visit_IfExp = _choose


def materialised(source: Mapping[str, str], on: frozenset[int]) -> dict[str, str]:
    """The plain source with the faults of `on`, without a guard."""
    return {path: ast.unparse(_Choose(on).visit(ast.parse(text))) for path, text in source.items()}


def processes_with(word: str) -> list[int]:
    """The processes whose command line or working folder has `word` in it."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().decode(errors="replace")
            if word in command or word in str((folder / "cwd").readlink()):
                found.append(int(folder.name))
        except OSError:
            continue
    return found

"""Evaluated faults for people and for programs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import unified_diff
from typing import Any

from testbed import __version__
from testbed.evaluate.faults import Fault
from testbed.evaluate.program import Result, Settings
from testbed.evaluate.run import faulty

SCHEMA = 1

_CONTEXT = 2
_HUNK = re.compile(r"([-+])(\d+)")


def diff(source: Mapping[str, str], fault: Fault) -> str:
    """The fault as a unified diff."""
    changed = faulty(source, fault)
    out: list[str] = []
    for path in (fault.path, *(path for path, _text in fault.others)):
        old, new = (text.splitlines(keepends=True) for text in (source[path], changed[path]))
        out += _unified(old, new, path)
    return "".join(out)


def _unified(old: list[str], new: list[str], path: str) -> Iterator[str]:
    """A unified diff of two texts that differ in one place, looked at there alone."""
    shorter = min(len(old), len(new))
    first = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    same = next((at for at in range(shorter - first) if old[-1 - at] != new[-1 - at]), shorter - first)
    start, rest = max(0, first - _CONTEXT), max(0, same - _CONTEXT)
    window = (old[start : len(old) - rest], new[start : len(new) - rest])
    for line in unified_diff(*window, f"a/{path}", f"b/{path}", n=_CONTEXT):
        yield _HUNK.sub(lambda found: _moved(found, start), line) if line.startswith("@@") else line


def _moved(found: re.Match[str], by: int) -> str:
    return f"{found.group(1)}{int(found.group(2)) + by}"


def listed(results: Sequence[Result], source: Mapping[str, str], most: int) -> Iterator[str]:
    """The faults that no test found, one line each with the changed code; a count of the rest."""
    left = [result.fault for result in results if result.verdict == "pass"]
    for fault in left[:most]:
        changed = [line for line in diff(source, fault).splitlines() if line[:1] in "+-"][2:]
        new = next((line[1:].strip() for line in changed if line.startswith("+")), "(left out)")
        yield f"not found  {fault.path}:{fault.line}  {fault.operator}  {new}"
    if len(left) > most:
        yield f"... and {len(left) - most:,} more"


def as_json(
    name: str,
    source: Mapping[str, str],
    results: Sequence[Result],
    settings: Settings,
    passing: Sequence[str],
) -> dict[str, Any]:
    """Every fault with its diff, verdict and failing tests, as plain data (schema: docs/evaluate.md)."""
    return {
        "schema": SCHEMA,
        "testbed": __version__,
        "target": name,
        "tests": list(passing),
        "mode": "matrix" if settings.matrix else "first failure",
        "seed": settings.seed,
        "examples": settings.examples,
        "faults": [_one(source, result) for result in results],
    }


def _one(source: Mapping[str, str], result: Result) -> dict[str, Any]:
    fault = result.fault
    return {
        "id": fault.number,
        "operator": fault.operator,
        "family": fault.family,
        "path": fault.path,
        "line": fault.line,
        "where": fault.where,
        "diff": diff(source, fault),
        "verdict": result.verdict,
        "tests": list(result.tests),
        "exception": result.exception,
        "place": result.place,
        "asked": result.asked,
        "reached": result.reached,
        "seconds": result.seconds,
    }

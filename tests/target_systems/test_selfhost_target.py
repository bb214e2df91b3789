"""The target `selfhost` can rebuild itself, and is steady under the evaluator."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from testbed.baseline import examine
from testbed.conditions import LimitsFactor, TargetFactor
from testbed.evaluator import ProcessEvaluator
from testbed.lineage import REFERENCE
from testbed.targets import Target, resolve

_REBUILD = "import json, sys, selfhost; print(json.dumps(selfhost.rebuild(json.load(sys.stdin))))"


@pytest.fixture(scope="module")
def target() -> Target:
    return resolve(TargetFactor("selfhost"))


def rebuilt(folder: Path, tool: Mapping[str, str], files: Mapping[str, str]) -> dict[str, str]:
    """The files as the tool, in a process of its own, makes them."""
    for path, text in tool.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    done = subprocess.run(
        [sys.executable, "-c", _REBUILD],
        cwd=folder,
        input=json.dumps(dict(files)),
        capture_output=True,
        text=True,
        check=True,
    )
    made: dict[str, str] = json.loads(done.stdout)
    return made


def test_it_is_at_least_eight_hundred_lines(target: Target) -> None:
    lines = [line for text in target.package_files.values() for line in text.splitlines() if line.strip()]
    assert len(lines) >= 800


def test_what_it_builds_of_itself_builds_the_same(target: Target, tmp_path: Path) -> None:
    source = dict(target.package_files)
    second = rebuilt(tmp_path / "first", source, source)
    assert second != source
    third = rebuilt(tmp_path / "second", second, source)
    assert third == second
    assert rebuilt(tmp_path / "third", third, third) == third


def test_it_is_steady_under_the_evaluator(target: Target) -> None:
    with ProcessEvaluator(target.spec(LimitsFactor())) as evaluator:
        made = examine(target.name, target.version, target.package_files, evaluator, seed=1, examples=2)
        assert made.fact.quarantined == ()
        inputs = [f"diff:{entry}#{seed}" for entry in made.fact.entries for seed in range(10)]
        first = evaluator.run(REFERENCE, frozenset(), inputs)
        assert {outcome.verdict for outcome in first} == {"pass"}
        assert len({outcome.digest for outcome in first}) > len(inputs) * 0.8

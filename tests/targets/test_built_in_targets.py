"""The target systems that come with the testbed: usable as they are, and worth harming."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

import target_systems
from testbed.baseline import examine
from testbed.conditions import LimitsFactor, TargetFactor
from testbed.evaluator import ProcessEvaluator
from testbed.targets import resolve

NAMES = target_systems.names()


SERIOUS = {"selfeval": (200, 4, 2), "selfhost": (800, 8, 3)}
"""Least lines of code, files and differential entry points, where they are other than usual."""


def code_lines(text: str) -> int:
    """Lines with code on them: no blank ones, no docstrings, no comments."""
    tree = ast.parse(text)
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
    said: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, kinds) and ast.get_docstring(node):
            first = node.body[0]
            said.update(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    lines = enumerate(text.splitlines(), 1)
    return sum(1 for n, line in lines if line.strip() and not line.strip().startswith("#") and n not in said)


def test_there_are_some() -> None:
    assert {"kvstore", "tinylang"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_built_in_target_is_small_and_serious(name: str) -> None:
    target = resolve(TargetFactor(name))
    lines = sum(code_lines(text) for text in target.package_files.values())
    least, files, entries = SERIOUS.get(name, (500, 8, 4))
    assert least <= lines <= 1200
    assert len(target.package_files) >= files
    assert len(target.entries) >= entries
    assert (target_systems.folder(name) / "README.md").is_file()


@pytest.mark.parametrize("name", NAMES)
def test_every_test_of_it_passes_at_g0_and_every_entry_point_is_steady(name: str) -> None:
    target = resolve(TargetFactor(name))
    with ProcessEvaluator(target.spec(LimitsFactor())) as evaluator:
        made = examine(name, "1", target.package_files, evaluator, seed=1, examples=5)
    assert made.fact.quarantined == ()
    assert {info.oracle for info in made.fact.tests} == {"unit", "property"}
    assert set(made.fact.entries) == {entry.name for entry in target.entries}


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_its_tests_run_under_plain_pytest(name: str) -> None:
    folder = target_systems.folder(name)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-x"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONDONTWRITEBYTECODE": "1", "PATH": "/usr/bin:/bin", "HYPOTHESIS_STORAGE_DIRECTORY": "/tmp"},
    )
    assert done.returncode == 0, done.stdout[-2000:]

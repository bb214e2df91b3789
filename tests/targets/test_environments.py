"""Interpreters that are named, and environments that are made by the real pip from an index in a folder."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from local_index import SUMS, TESTS, offline, wheel

from testbed.conditions import TargetFactor
from testbed.errors import UserError
from testbed.targets import environments, interpreters, resolve


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    offline(monkeypatch, tmp_path)
    for name, version in (("pytest", "8.0"), ("hypothesis", "6.100"), ("extra", "1.0"), ("old", "1.0")):
        wheel(tmp_path, name, version)
    return tmp_path


def project(folder: Path, dependencies: list[str]) -> str:
    text = f'[project]\nname = "sums"\nversion = "1"\ndependencies = {json.dumps(dependencies)}\n'
    for name, body in {**SUMS, **TESTS, "pyproject.toml": text}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(body)
    return str(folder)


def test_an_environment_has_what_the_target_asks_for_and_is_made_once(
    index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = project(index / "sums", ["extra>=1"])
    target = resolve(TargetFactor(name=name, install=True))
    assert target.python.startswith(str(index / "cache" / "environments"))
    record = json.loads((Path(target.python).parent.parent / "testbed-environment.json").read_text())
    assert {"extra==1.0", "pytest==8.0", "hypothesis==6.100"} <= set(record["installed"])
    monkeypatch.setenv("PIP_FIND_LINKS", str(index / "nowhere"))
    assert resolve(TargetFactor(name=name, install=True)).python == target.python
    assert interpreters.check(target.python).pytest == "8.0"


def test_what_pip_cannot_install_is_told_with_its_own_words_and_nothing_is_kept(index: Path) -> None:
    name = project(index / "sums", ["missing>=3"])
    with pytest.raises(UserError, match=r"cannot install .*No matching distribution found for missing>=3"):
        resolve(TargetFactor(name=name, install=True))
    assert [path.suffix for path in (index / "cache" / "environments").iterdir()] == [".lock"]


def test_an_environment_without_requirements_still_gets_pytest_and_hypothesis() -> None:
    assert environments.wanted(()) == ("pytest>=7,<10", "hypothesis>=6.100")
    assert environments.wanted(("PyTest==8.1", "x")) == ("PyTest==8.1", "x", "hypothesis>=6.100")


def test_a_named_interpreter_is_used_as_it_is(tmp_path: Path) -> None:
    name = project(tmp_path, [])
    assert resolve(TargetFactor(name=name, python=sys.executable)).python == sys.executable


def test_without_either_the_interpreter_of_the_testbed_runs_the_target(tmp_path: Path) -> None:
    assert resolve(TargetFactor(name=project(tmp_path, []))).python == sys.executable


def script(folder: Path, text: str) -> str:
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def answer(**said: object) -> str:
    facts = {"executable": "/x", "version": [3, 11, 1], "name": "cpython", "pytest": "8.0", "hypothesis": ""}
    return f"echo '{json.dumps({**facts, **said})}'"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("exit 3", r"no Python that starts \(exit code 3\)"),
        ("echo python: not found >&2; echo hint >&2; exit 127", r"starts \(python: not found\)"),
        ("echo Traceback: >&2; echo NameError: x >&2; exit 1", r"starts \(NameError: x\)"),
        (answer(version=[3, 8, 1]), "is cpython 3.8.1; workers need CPython 3.9 to 3.13"),
        (answer(version=[3, 14, 0]), "is cpython 3.14.0"),
        (answer(name="pypy"), "is pypy 3.11.1"),
        (answer(pytest=""), "cannot import pytest .* pip install pytest hypothesis"),
        (answer(pytest="6.2.5"), "has pytest 6.2.5; workers need pytest 7 to 9"),
    ],
)
def test_an_interpreter_that_cannot_serve_is_told_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    name = project(tmp_path / "sums", [])
    with pytest.raises(UserError, match=said) as caught:
        resolve(TargetFactor(name=name, python=script(tmp_path, text)))
    assert "\n" not in caught.value.line()


def test_no_environment_is_made_from_a_python_that_is_too_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TESTBED_CACHE", str(tmp_path / "cache"))
    old = script(tmp_path, answer(version=[3, 8, 1], pytest="8.0"))
    with pytest.raises(UserError, match=r"is cpython 3\.8\.1"):
        resolve(TargetFactor(name=project(tmp_path / "sums", []), python=old, install=True))
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(
    ("python", "said"),
    [("/nowhere/python", "there is no interpreter"), ("python2.0", "on the path"), ("{tmp}", "is a folder")],
)
def test_an_interpreter_that_is_not_there_is_told(tmp_path: Path, python: str, said: str) -> None:
    name = project(tmp_path / "sums", [])
    with pytest.raises(UserError, match=said):
        resolve(TargetFactor(name=name, python=python.replace("{tmp}", str(tmp_path))))

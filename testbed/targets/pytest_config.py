"""What a target's pytest configuration says of where its tests are and how they are collected."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from testbed.targets.project import Project, table

_VALUED = {"--import-mode", "--ignore", "--ignore-glob", "--deselect", "-m", "-k", "-p"}
_AS_SETTINGS = {"--asyncio-mode": "asyncio_mode", "--anyio-mode": "anyio_mode"}
_FILES = ("test_*.py", "*_test.py")


@dataclass(frozen=True, slots=True)
class PytestConfig:
    """The settings that matter for finding and collecting tests."""

    testpaths: tuple[str, ...] = ()
    files: tuple[str, ...] = _FILES
    options: tuple[str, ...] = ()


def read(project: Project) -> PytestConfig:
    """The configuration that pytest itself would take."""
    settings = _settings(project)
    addopts = settings.get("addopts", "")
    given = _words(addopts) if isinstance(addopts, str) else [str(word) for word in addopts]
    options = list(_kept(given))
    if settings.get("required_plugins"):  # such as pytest-cov, for reports that nobody reads here
        options += ["-o", "required_plugins="]
    return PytestConfig(
        testpaths=tuple(_listed(settings.get("testpaths", ""))),
        files=tuple(_listed(settings.get("python_files", ""))) or _FILES,
        options=tuple(options),
    )


def _settings(project: Project) -> dict[str, Any]:
    """The first file with a pytest section decides, in pytest's order."""
    for name in ("pytest.toml", ".pytest.toml"):
        if (project.folder / name).is_file():
            return table(project.toml(name), "pytest")
    for name in ("pytest.ini", ".pytest.ini"):
        if (project.folder / name).is_file():
            parser = project.ini(name)
            return dict(parser["pytest"]) if parser.has_section("pytest") else {}
    found = table(project.pyproject, "tool", "pytest", "ini_options") or table(
        project.pyproject, "tool", "pytest"
    )
    if found:
        return found
    for name, section in (("tox.ini", "pytest"), ("setup.cfg", "tool:pytest")):
        parser = project.ini(name)
        if parser.has_section(section):
            return dict(parser[section])
    return {}


def _listed(value: Any) -> list[str]:
    return _words(value) if isinstance(value, str) else [str(item) for item in value]


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def _kept(words: list[str]) -> Iterator[str]:
    """The options that decide what is collected; those for reports and for plug-ins are left out."""
    rest = iter(words)
    for word in rest:
        name, mark, value = word.partition("=")
        if word[:2] in _VALUED and word[:2] != "--" and len(word) > 2:  # -mSLOW
            name, mark, value = word[:2], "=", word[2:]
        if name not in _VALUED and name not in _AS_SETTINGS:
            continue
        value = value if mark else next(rest, "")
        if name in _AS_SETTINGS:
            yield from ("-o", f"{_AS_SETTINGS[name]}={value}")
        elif not (name == "-p" and value.startswith("no:")):
            yield from ([f"{name}={value}"] if name.startswith("--") else [name, value])

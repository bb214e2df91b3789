"""Which of a target's files are tests, and what pytest is given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatch
from itertools import takewhile
from pathlib import PurePosixPath

from testbed.targets.pytest_config import PytestConfig

_FOLDERS = {"tests", "test"}
_FILES = ("test_*.py", "*_test.py", "tests.py", "conftest.py")


def find(config: PytestConfig, files: Sequence[str], package: Sequence[str]) -> tuple[str, ...]:
    """Folders and files for pytest: the configured ones where they hold tests, else what is found by name."""
    tests = [name for name in files if _looks_like_test(name, config)]
    configured = [place.strip("/").removeprefix("./") for place in config.testpaths]
    kept = [place for place in configured if any(_fits(name, place) for name in tests)]
    if kept and "." not in configured and not any(_contains(place, package) for place in kept):
        return tuple(dict.fromkeys(map(_fixed_part, kept)))
    at_top = [place for place in ("tests", "test") if any(_fits(name, place) for name in tests)]
    inside = [name for name in tests if any(_fits(name, each) for each in package)]
    chosen = at_top or dict.fromkeys(map(_place, inside or tests))
    return tuple(place for place in chosen if not any(place != o and _fits(place, o) for o in chosen))


def is_test(name: str, tests: Sequence[str], package: Sequence[str]) -> bool:
    """Whether a file belongs to the tests, and so is never changed."""
    parts = PurePosixPath(name).parts
    if any(fnmatch(parts[-1], pattern) for pattern in _FILES) or _FOLDERS & set(parts[:-1]):
        return True
    return any(_fits(name, place.partition("::")[0]) for place in tests if not _contains(place, package))


def _looks_like_test(name: str, config: PytestConfig) -> bool:
    path = PurePosixPath(name)
    if path.name == "conftest.py" or path.suffix != ".py" or "__pycache__" in path.parts:
        return False
    return any(fnmatch(path.name, pattern) or fnmatch(name, pattern) for pattern in config.files)


def _place(name: str) -> str:
    """The folder called tests that a test is in, the file itself where it is in none."""
    parts = PurePosixPath(name).parts
    for depth, part in enumerate(parts[:-1]):
        if part in _FOLDERS:
            return "/".join(parts[: depth + 1])
    return name


def _fits(name: str, place: str) -> bool:
    return (
        name == place or name.startswith(f"{place}/") or fnmatch(name, place) or fnmatch(name, f"{place}/*")
    )


def _contains(place: str, package: Iterable[str]) -> bool:
    """Whether a place for pytest has a package in it: its files are not all tests."""
    return any(each == place or each.startswith(f"{place}/") for each in package) or place in {".", ""}


def _fixed_part(place: str) -> str:
    """The path that a pattern of testpaths stands for: the folder above its first wildcard."""
    return "/".join(takewhile(lambda part: not set(part) & set("*?["), place.split("/"))) or "."

"""Which files of a folder are taken along: everything but what tools made, links out and huge files."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from testbed.errors import UserError

LARGEST = 8 << 20
"""Bytes of one file that is taken along."""

_ALL = 40 << 20  # bytes of all files: they travel to the worker in one message
_TOOLS = {".git", ".hg", ".svn", ".tox", ".nox", ".venv", ".eggs", ".idea", ".vscode", ".cache"}
_CACHES = {"__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis"}
_MADE = {*_TOOLS, *_CACHES, "node_modules", "htmlcov", "__pypackages__"}
_MADE_AT_TOP = {"build", "dist", "venv", "env", "runs"}
_MADE_SUFFIXES = (".pyc", ".pyo", ".egg-info", ".dist-info")
_DOTTED_AT_TOP = {".pytest.ini", ".pytest.toml", ".coveragerc"}


@dataclass(frozen=True, slots=True)
class Files:
    """Path relative to the target -> place on disk, in order of the paths; and what was left for its size."""

    taken: Mapping[str, Path]
    left_out: tuple[str, ...]


def collect(folder: Path, exclude: tuple[str, ...] = ()) -> Files:
    """The files of `folder`. `exclude` has paths of files or folders, or patterns of them.

    Raises UserError where they are too many to travel, or cannot be read.
    """
    taken: dict[str, Path] = {}
    left_out: list[str] = []
    sizes: Counter[str] = Counter()
    try:
        for name, path in _walk(folder, folder.resolve(), "", exclude):
            size = path.stat().st_size
            if size > LARGEST:
                left_out.append(name)
                continue
            taken[name] = path
            sizes[name.partition("/")[0]] += size
    except OSError as problem:
        raise UserError(f"cannot be read ({problem.strerror})", where=str(problem.filename)) from None
    if sizes.total() > _ALL:
        largest = ", ".join(f"{name} {size >> 20} MiB" for name, size in sizes.most_common(3))
        raise UserError(
            f"has {sizes.total() >> 20} MiB of files (largest: {largest}), and {_ALL >> 20} are taken along",
            where=str(folder),
            remedy='leave some out with exclude = ["..."] in target.toml',
        )
    return Files(taken, tuple(left_out))


def _walk(folder: Path, root: Path, prefix: str, exclude: tuple[str, ...]) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.iterdir()):
        name = prefix + path.name
        if _is_made(path, at_top=not prefix) or any(_matches(name, pattern) for pattern in exclude):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _walk(path, root, f"{name}/", exclude)
        elif path.is_file() and _is_inside(path, root):
            yield name, path


def _is_made(path: Path, *, at_top: bool) -> bool:
    name = path.name
    if name in _MADE or name.endswith(_MADE_SUFFIXES) or (path / "pyvenv.cfg").is_file():
        return True
    if not at_top:
        return False
    made = name in _MADE_AT_TOP and not (path / "__init__.py").is_file()
    return made or (name.startswith(".") and name not in _DOTTED_AT_TOP)


def _matches(name: str, pattern: str) -> bool:
    return fnmatch(name, pattern.rstrip("/")) or fnmatch(name, f"{pattern.rstrip('/')}/*")


def _is_inside(path: Path, root: Path) -> bool:
    """Whether a file is one of the folder's own; the file that a link names counts."""
    return not path.is_symlink() or os.path.realpath(path).startswith(f"{root}{os.sep}")

"""The reference codebases, each complete in a folder of its own with a `target.toml`."""

from __future__ import annotations

from pathlib import Path


def names() -> tuple[str, ...]:
    """The built-in target systems, sorted."""
    return tuple(sorted(path.parent.name for path in Path(__file__).parent.glob("*/target.toml")))


def folder(name: str) -> Path:
    """The folder of a built-in target system. Raises KeyError for a name that `names` does not have."""
    if name not in names():
        raise KeyError(name)
    return Path(__file__).parent / name

"""From a name, a path or a pin to a target."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

import target_systems
from testbed.conditions import TargetFactor
from testbed.errors import UserError
from testbed.targets import environments, pypi, repositories
from testbed.targets.read import read
from testbed.targets.target import Target


def resolve(factor: TargetFactor) -> Target:
    """The target that a condition names: a built-in, a folder, `git:PATH@COMMIT` or `pypi:NAME==VERSION`.

    Fetches a pin that the cache lacks, and makes an environment where one is asked for. Raises
    UserError where there is no such target, no code or no tests in it, or no interpreter for it.
    """
    with _folder(factor.name) as folder:
        target = read(folder, factor)
    return replace(target, python=environments.interpreter(factor, target.requires))


@contextmanager
def _folder(name: str) -> Iterator[Path]:
    """Where the target's files are."""
    path = Path(name).expanduser()
    if name in target_systems.names():
        yield target_systems.folder(name)
    elif name.startswith(pypi.PREFIX):
        with pypi.unpacked(pypi.parse(name)) as folder:
            yield folder
    elif name.startswith(repositories.PREFIX):
        with repositories.exported(name) as folder:
            yield folder
    elif path.is_dir():
        yield path
    else:
        raise _no_target(name, path)


def _no_target(name: str, path: Path) -> UserError:
    if path.exists():
        return UserError("is no folder", where=name, remedy="give the folder with the package and its tests")
    near = get_close_matches(name, target_systems.names(), 1)
    remedy = f"did you mean {near[0]}?" if near else "give a built-in's name, a folder or pypi:NAME==VERSION"
    return UserError(f"no target {name!r}", where="target.name", remedy=remedy)

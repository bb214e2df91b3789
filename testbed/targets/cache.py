"""The user's cache folder: what was fetched or made once and is the same for every run."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from testbed.errors import UserError

VARIABLE = "TESTBED_CACHE"
_NAME = "compounding-flaw-testbed"
_REMEDY = f"set {VARIABLE} to a folder that can be written"


def root() -> Path:
    """Where the cache is: $TESTBED_CACHE, else `compounding-flaw-testbed` in $XDG_CACHE_HOME or ~/.cache."""
    own = os.environ.get(VARIABLE, "")
    if own:
        return Path(own).expanduser().absolute()
    home = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(home) if Path(home).is_absolute() else _home() / ".cache") / _NAME


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:  # no entry for this user and no $HOME
        raise UserError("there is no home folder for the cache", remedy=_REMEDY) from None


def folder(*parts: str) -> Path:
    """The folder `parts` of the cache, made where it is missing. Raises UserError where it cannot be."""
    place = root().joinpath(*parts)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise _unwritable(place, problem) from None
    return place


@contextmanager
def scratch(place: Path) -> Iterator[Path]:
    """A new folder beside what will be published in `place`; gone afterwards, unless it was published."""
    try:
        path = Path(tempfile.mkdtemp(prefix=".new-", dir=place))
    except OSError as problem:
        raise _unwritable(place, problem) from None
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def publish(new: Path, final: Path) -> None:
    """Gives the folder `new` its name at once. Where another process was first, its folder stays."""
    try:
        new.rename(final)
    except OSError as problem:
        if not final.is_dir():
            raise _unwritable(final, problem) from None


@contextmanager
def locked(place: Path) -> Iterator[None]:
    """Lets one process at a time inside; the lock file is `place` and stays."""
    try:
        file = place.open("ab")
    except OSError as problem:
        raise _unwritable(place, problem) from None
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)  # let go of when the file is closed, however that comes about
        yield


def _unwritable(place: Path, problem: OSError) -> UserError:
    return UserError(f"the cache cannot be written ({problem.strerror})", where=str(place), remedy=_REMEDY)

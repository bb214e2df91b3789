"""The folder in which generations are loaded and run: put right before every load and every run.

Code under test may write into its own folder, as it could under plain pytest. What it changed is
taken back, so that no verdict depends on the ones before it.
"""

from __future__ import annotations

import base64
import contextlib
import importlib.util
import os
import py_compile
import shutil
import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_WRITTEN = 1_600_000_000  # every file's time, so that what Python compiled of it stays valid
_BY_TIME = py_compile.PycInvalidationMode.TIMESTAMP
Stamp = tuple[int, int, int, int]


def decode_files(files: Mapping[str, Any]) -> dict[str, bytes]:
    """Files as they travel: text as a string, bytes as {"base64": ...}."""
    return {
        path: base64.b64decode(data["base64"]) if isinstance(data, dict) else data.encode("utf-8")
        for path, data in files.items()
    }


def _walk(folder: str, prefix: str = "") -> Iterator[tuple[str, Stamp]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            path = prefix + entry.name
            is_folder = entry.is_dir(follow_symlinks=False)
            info = entry.stat(follow_symlinks=False)
            if is_folder:
                yield path + "/", (0, 0, 0, info.st_mode)
                yield from _walk(entry.path, path + "/")
            else:
                yield path, (info.st_ino, info.st_ctime_ns, info.st_size, info.st_mode)


def remove(path: str) -> None:
    """Removes a file or a folder with everything in it, if it is there."""
    if os.path.isdir(path) and not os.path.islink(path):
        with contextlib.suppress(OSError):
            os.rmdir(path)
            return
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            os.unlink(path)


class Folder:
    """The folder `root`, which holds the files of one generation at a time.

    All generations share its name, so that nothing which depends on it differs between them.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self._files: dict[str, bytes] = {}
        self._caches: dict[str, bytes] = {}
        self._stamps: dict[str, Stamp] = {}
        os.makedirs(root)

    def become(self, files: Mapping[str, bytes]) -> None:
        """Holds exactly these files, whatever was changed since the last time."""
        wanted = {**files, **self._caches}
        changed = {path for path in wanted if self._files.get(path) != wanted[path]}
        if not changed and len(wanted) == len(self._files) and self._now() == self._stamps:
            return
        self._files = wanted
        self._remove_what_differs(changed)
        for path in wanted:
            if not os.path.lexists(os.path.join(self.root, path)):
                self._write(path)
        self._stamps = self._now()

    def _remove_what_differs(self, changed: set[str]) -> None:
        folders = _folders_of(self._files)
        for path, stamp in sorted(self._now().items()):
            kept = path in folders if path.endswith("/") else path in self._files and path not in changed
            if not kept or self._stamps.get(path) != stamp:
                remove(os.path.join(self.root, path))

    def _now(self) -> dict[str, Stamp]:
        try:
            return dict(_walk(self.root))
        except OSError:  # it was removed, or changed while we looked
            return {}

    def _write(self, path: str) -> None:
        place = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "wb") as file:
            file.write(self._files[path])
        os.utime(place, (_WRITTEN, _WRITTEN))

    def compiled(self, sources: Iterable[str]) -> dict[str, bytes]:
        """What Python makes of these files when it imports them: path -> bytes.

        Not of those that it warns of, since what is compiled already gives no warning.
        """
        found = {}
        for path in sources:
            place = os.path.join(self.root, path)
            if not path.endswith(".py"):
                continue
            cache = importlib.util.cache_from_source(place)
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("error")
                    py_compile.compile(place, cache, doraise=True, invalidation_mode=_BY_TIME)
                with open(cache, "rb") as file:
                    found[os.path.relpath(cache, self.root)] = file.read()
            except (OSError, py_compile.PyCompileError, ValueError, RecursionError, Warning):
                continue  # importing it says what is wrong with it
        return found

    def keep_compiled(self, sources: Iterable[str]) -> None:
        """Keeps what Python compiled of these files, which are the same in all generations."""
        known = set(sources)
        for path in self._now():
            folder, _, name = path.rpartition("/")
            parent, _, cache = folder.rpartition("/")
            source = "/".join(filter(None, [parent, name.partition(".")[0] + ".py"]))
            if cache == "__pycache__" and name.endswith(".pyc") and source in known:
                with open(os.path.join(self.root, path), "rb") as file:
                    self._caches[path] = file.read()


def _folders_of(files: Iterable[str]) -> set[str]:
    found = set()
    for path in files:
        while "/" in path:
            path = path.rpartition("/")[0]
            found.add(path + "/")
    return found

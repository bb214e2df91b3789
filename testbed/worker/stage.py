"""pytest called once for all generations: its configuration and plug-ins, up to where it would collect.

That is exact where nothing that differs between generations has a part in it: a conftest.py may be loaded
by then, and what it imports of the tests, but no module of a generation's own, and none of these may do what
a fork does not keep or what another generation could find: start threads or processes, write or open
files for writing, set the environment, look at the generation's files. It is tried in a child first.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Mapping
from types import FrameType
from typing import Any

from .child import use_folders
from .gate import acts
from .generation import Stage, arguments_of
from .generation import enter as enter_folder
from .preload import child_says
from .system import open_handles, unforkable

Key = tuple[str, ...]
"""All that decides how pytest is called."""

_LISTS = ("os.listdir", "os.scandir", "os.walk", "glob.glob")


def key(load: Mapping[str, Any], own: Collection[str]) -> Key | None:
    """The key of a generation whose own files these are; None where pytest has to be called for each."""
    if not load.get("steady") or any(os.path.basename(path) == "conftest.py" for path in own):
        return None
    return (*arguments_of(dict(load)), "", *load["paths"])


def can_wait(load: Mapping[str, Any], home: str, own: Collection[str]) -> bool:
    """Whether pytest can wait before it collects, with nothing there of the generation with these files."""
    handles = open_handles()

    def comes_back() -> bool:
        null = os.open(os.devnull, os.O_RDWR)
        for fd in (1, 2):
            os.dup2(null, fd)
        taints = _Taints(load["root"], own)

        def wait() -> None:
            os._exit(int(taints.found() or bool(unforkable(handles | open_handles({0})))))

        enter(Stage(load["root"], wait), load, home)
        return True

    return not child_says(comes_back)


def enter(stage: Stage, load: Mapping[str, Any], home: str) -> None:
    """Calls pytest for this stage, in the target's folder."""
    os.makedirs(home, exist_ok=True)
    use_folders(home)
    enter_folder(load["root"], load["paths"])
    stage.run(arguments_of(dict(load)))


class _Taints:
    """What the target does from now on in this process that other generations could find, or do otherwise."""

    def __init__(self, root: str, own: Collection[str]) -> None:
        self._inside = root + os.sep
        self._own = {os.path.join(root, path) for path in own}
        self._acted = False
        sys.addaudithook(self._hook)

    def found(self) -> bool:
        """Whether there was anything, or a generation's own module is loaded."""
        places = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
        return self._acted or not self._own.isdisjoint(filter(None, places))

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._acted:
            return
        if event == "open" and self._is_own(arguments[0]):
            self._acted = True
        elif event in _LISTS or acts(event, arguments):
            frames = _frames(sys._getframe(1))
            importing = frames[0].startswith("<frozen importlib")
            self._acted = not importing and any(map(self._is_inside, frames))

    def _is_inside(self, file: str) -> bool:
        return file.startswith(self._inside)

    def _is_own(self, path: Any) -> bool:
        return isinstance(path, (str, bytes)) and os.path.abspath(os.fsdecode(path)) in self._own


def _frames(frame: FrameType | None) -> list[str]:
    """The files of all that is being executed, innermost first."""
    found = []
    while frame is not None:
        found.append(frame.f_code.co_filename)
        frame = frame.f_back
    return found

"""pytest called once for all generations: its configuration and plug-ins, up to where it would collect.

That is exact where nothing of the target has a part in it: no conftest.py, no module of the target
imported, no thread started. It is tried in a child first.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any

from .child import use_folders
from .generation import Stage, arguments_of
from .generation import enter as enter_folder
from .preload import child_says
from .system import open_handles, unforkable

Key = tuple[str, ...]
"""All that decides how pytest is called."""


def key(load: Mapping[str, Any], files: Mapping[str, bytes]) -> Key | None:
    """The key of a generation; None where pytest has to be called for each."""
    if not load.get("steady") or any(os.path.basename(path) == "conftest.py" for path in files):
        return None
    return (*arguments_of(dict(load)), "", *load["paths"])


def can_wait(load: Mapping[str, Any], home: str) -> bool:
    """Whether pytest comes to where it can wait, with nothing of the target there."""
    handles = open_handles()

    def wait() -> None:
        os._exit(int(_is_tainted(load["root"]) or bool(unforkable(handles | open_handles({0})))))

    def comes_back() -> bool:
        null = os.open(os.devnull, os.O_RDWR)
        for fd in (1, 2):
            os.dup2(null, fd)
        enter(Stage(load["root"], wait), load, home)
        return True

    return not child_says(comes_back)


def enter(stage: Stage, load: Mapping[str, Any], home: str) -> None:
    """Calls pytest for this stage, in the target's folder."""
    os.makedirs(home, exist_ok=True)
    use_folders(home)
    enter_folder(load["root"], load["paths"])
    stage.run(arguments_of(dict(load)))


def _is_tainted(root: str) -> bool:
    places = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    return any(isinstance(place, str) and place.startswith(root + os.sep) for place in places)

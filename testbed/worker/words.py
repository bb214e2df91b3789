"""Texts for people and for digests: short, and without what differs from run to run.

Nothing here may import pytest: inputs are also run where it is not loaded.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Any

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{4,}")
_DRAWN = re.compile(r"(?<=<tmp>/)tmp[a-z0-9_]{8}(?![a-z0-9_])")  # a name that tempfile drew at random
_SHOWN = 160
Hidden = Sequence[tuple[str, str]]
"""Folders, each with a name to call it by: the longer ones first."""


def without_folders(text: str, hidden: Hidden) -> str:
    """The text without names of folders that are called otherwise in another run."""
    for folder, name in hidden:
        text = text.replace(folder, f"<{name}>")
    return _DRAWN.sub("tmp*", text)


def shorten(text: str, root: str = "") -> str:
    """At most 160 characters on one line, without memory addresses and without the folder's name."""
    if root:
        text = text[:4000].replace(root + os.sep, "")
    text = " ".join(_ADDRESS.sub("0x..", text[:4000]).split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


def type_name(cls: type) -> str:
    """A class by module and qualified name; without the module for builtins."""
    module = getattr(cls, "__module__", "")
    name = getattr(cls, "__qualname__", "?")
    return name if module in ("builtins", None, "") else f"{module}.{name}"


def raised_in(traceback: Any, root: str) -> str:
    """`path:line` of the innermost frame in the target's folder, or "" when none is."""
    place = ""
    while traceback is not None:
        path = traceback.tb_frame.f_code.co_filename
        if path.startswith(root + os.sep):
            place = f"{path[len(root) + 1 :]}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return place

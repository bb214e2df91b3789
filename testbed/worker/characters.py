"""What UTF-8 can encode, told to Hypothesis, which would try every character there is in every process.

That takes one and a half seconds, and is kept in a folder that no worker and no cold run has.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

_TABLE = "codec-v2-"
_UTF8 = [[[0, 0xD7FF], [0xE000, 0x10FFFF]], []]
"""Ranges of what can be encoded, all but surrogates, and of what does not come back the same: none."""


def tell_of_utf8() -> bool:
    """Whether the Hypothesis that is imported here keeps this in the form that is known, and was told."""
    from hypothesis.internal import charmap

    find: Any = getattr(charmap, "intervals_from_codec", None)
    code = getattr(getattr(find, "__wrapped__", None), "__code__", None)
    if code is None or _TABLE not in code.co_consts:
        return False
    with tempfile.TemporaryDirectory() as folder, _kept_in(charmap, Path(folder)) as place:
        place.write_bytes(gzip.compress(json.dumps(_UTF8).encode()))
        find("utf-8")
    return True


@contextlib.contextmanager
def _kept_in(charmap: Any, folder: Path) -> Iterator[Path]:
    """Has Hypothesis look for the table there, and write none elsewhere."""
    place = folder / "table"
    before = charmap.charmap_file, charmap.storage_directory
    charmap.charmap_file, charmap.storage_directory = lambda _name: place, _nowhere
    try:
        yield place
    finally:
        charmap.charmap_file, charmap.storage_directory = before


def _nowhere(*_names: str) -> NoReturn:
    raise OSError("nothing is written")

"""What Hypothesis is told of UTF-8 is what it finds out by itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ASKS = """
import os, sys
from hypothesis.internal import charmap
if {told}:
    from testbed.worker.characters import tell_of_utf8
    assert tell_of_utf8()
    assert not os.path.exists(".hypothesis")
    charmap.storage_directory = charmap.charmap_file = None  # it knows already
encodable, lossy = charmap.intervals_from_codec("utf-8")
print(encodable.intervals, lossy.intervals)
"""


@pytest.mark.slow
def test_it_is_told_what_it_finds_out(tmp_path: Path) -> None:
    said = {}
    for told in (True, False):
        (tmp_path / str(told)).mkdir()
        command = [sys.executable, "-c", ASKS.format(told=told)]
        done = subprocess.run(command, cwd=tmp_path / str(told), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        said[told] = done.stdout
    assert said[True] == said[False] != ""

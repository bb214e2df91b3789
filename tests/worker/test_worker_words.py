"""Texts that are compared between runs have nothing in them that differs from run to run."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from testbed.worker.words import without_folders


def test_names_that_tempfile_draws_are_the_same_in_every_run(tmp_path: Path) -> None:
    def said() -> str:
        made = tempfile.mkdtemp(dir=tmp_path)
        descriptor, file = tempfile.mkstemp(".seg", dir=tmp_path)
        os.close(descriptor)
        return without_folders(f"{made}/a.seg is not {file}", ((str(tmp_path), "tmp"),))

    assert said() == said() == "<tmp>/tmp*/a.seg is not <tmp>/tmp*.seg"


def test_a_name_that_the_program_chose_stays(tmp_path: Path) -> None:
    text = f"{tmp_path}/tmpfile_of_mine and tmp12345678"
    assert without_folders(text, ((str(tmp_path), "tmp"),)) == "<tmp>/tmpfile_of_mine and tmp12345678"

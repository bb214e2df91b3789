"""The file that a command is to write: refused before the work where it cannot be."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from testbed import whole


class _Output(click.Path):
    """A path that can be written to."""

    def __init__(self, *, exists: bool = False) -> None:
        super().__init__(path_type=Path, exists=exists)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The path. Raises UserError."""
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        whole.refuse_unwritable(path)
        return path


OUTPUT = _Output()
PAGE = _Output(exists=True)
"""One that is there already, and in which something is to be replaced."""

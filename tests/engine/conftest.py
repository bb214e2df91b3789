"""A finished run of a small target."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from whole_runs import run


@pytest.fixture(scope="module")
def finished(
    tmp_path_factory: pytest.TempPathFactory, write_small_target: Callable[[Path], Path]
) -> tuple[Path, Path]:
    base = tmp_path_factory.mktemp("finished")
    target = write_small_target(base / "sums")
    run(target, base / "run", "--workers", 1)
    return target, base / "run"

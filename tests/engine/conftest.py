"""A finished run of a small target, as a user starts it; tests leave it as it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from whole_runs import SIZE, cold


@pytest.fixture(scope="session")
def finished(
    tmp_path_factory: pytest.TempPathFactory, write_small_target: Callable[[Path], Path]
) -> tuple[Path, Path]:
    base = tmp_path_factory.mktemp("finished")
    target = write_small_target(base / "sums")
    done = cold("run", "--target", target, "--out", base / "run", *SIZE, "--workers", 1)
    assert done.returncode == 0, done.stderr
    return target, base / "run"

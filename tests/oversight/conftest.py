"""Distributions with plug-ins, put on the path for one test."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from testbed.oversight import reviewers, risk


def _clear() -> None:
    reviewers.reviewer_plugins.cache_clear()
    risk.risk_plugins.cache_clear()


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str, str], None]]:
    """Puts a distribution with one module and entry points on the path."""
    made: list[str] = []

    def installed(name: str, text: str, points: str) -> None:
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(text))
        info = tmp_path / f"{name}-1.2.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n")
        (info / "entry_points.txt").write_text(points)
        monkeypatch.syspath_prepend(str(tmp_path))
        made.append(name)
        _clear()

    yield installed
    _clear()
    for name in made:
        sys.modules.pop(name, None)

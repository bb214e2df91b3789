"""Without a Docker engine: one clear word, and nothing left open."""

from __future__ import annotations

import gc
import socket
from pathlib import Path

import pytest

from testbed.sandbox import container


@pytest.mark.parametrize("left", [False, True], ids=["no socket", "a socket that nobody listens to"])
def test_an_engine_that_does_not_answer_is_named_and_no_socket_is_left_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: bool
) -> None:
    path = tmp_path / "engine.sock"
    if left:
        with socket.socket(socket.AF_UNIX) as line:
            line.bind(str(path))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
    why = container.trouble()
    gc.collect()  # a socket left open would be an error here, by pytest's filter of warnings
    assert str(path) in why
    assert "no Docker engine answers" in why

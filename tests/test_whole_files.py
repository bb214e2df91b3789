"""Files that a user asks for are written whole, and a place that cannot be is refused before the work."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from testbed import whole
from testbed.cli import cli
from testbed.errors import UserError

UNWRITABLE = pytest.mark.parametrize(
    ("place", "said"),
    [
        ("none/such.json", "there is no such folder"),
        (".", "is a folder"),
        ("file/x", "there is no such folder"),
    ],
)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    "command",
    [
        ["evaluate", "kvstore", "--json"],
        ["tune", "run", "--json"],
        ["forecast", "run", "--json"],
        ["injectors", "document"],
        ["injectors", "import", "fix.diff", "--to"],
    ],
    ids=lambda command: " ".join(command),
)
@UNWRITABLE
def test_a_command_says_at_once_that_it_cannot_write_there(command: list[str], place: str, said: str) -> None:
    ended = CliRunner().invoke(cli, [*command, place])
    assert isinstance(ended.exception, UserError)
    assert said in ended.exception.line()
    assert ended.output == ""


@pytest.mark.parametrize("place", ["none/such.json", ".", "file/x"])
def test_so_does_whoever_writes(place: str) -> None:
    with pytest.raises(UserError, match="cannot be written"):
        whole.write(Path(place), "x")


def test_what_cannot_be_written_whole_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "a.json"
    whole.write(place, "before")

    def full(_self: Path, _data: bytes) -> int:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(UserError, match="No space left"):
        whole.write(place, "after")
    assert place.read_text() == "before"
    assert {path.name for path in tmp_path.iterdir()} == {"a.json", "file"}


def test_a_link_stays_a_link_and_a_file_keeps_its_mode(tmp_path: Path) -> None:
    place, link = tmp_path / "a.json", tmp_path / "link"
    place.write_text("before")
    place.chmod(0o640)
    link.symlink_to(place)
    whole.write(link, "after")
    assert link.is_symlink()
    assert place.read_text() == "after"
    assert stat.S_IMODE(place.stat().st_mode) == 0o640


def test_a_pipe_is_written_to_and_stays(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[str] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_text()))
    reader.start()
    whole.refuse_unwritable(pipe)
    whole.write(pipe, "through")
    reader.join()
    assert got == ["through"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)

"""The modifier command in its sandbox: it edits its folder, and can write nowhere else."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from testbed.conditions import ModifierFactor
from testbed.errors import UserError
from testbed.modifiers import make
from testbed.modifiers.outside.confined import confined
from testbed.protocols import Proposal
from testbed.sandbox import bubblewrap

TROUBLE = bubblewrap.trouble()
SOURCE = {"pkg/sums.py": "def f(a):\n    return a + 1\n"}
SCRIPT = """
import os, pathlib, sys
said = []
for place in sys.argv[1:]:
    try:
        pathlib.Path(os.path.expandvars(place), "left").write_text("x")
        said.append("written")
    except OSError:
        said.append("refused")
path = pathlib.Path("pkg/sums.py")
path.write_text(path.read_text() + f"\\n\\nSAID = {said!r}\\n")
"""


def propose(sandbox: str, writable: tuple[str, ...], *places: str) -> Proposal:
    command = (sys.executable, "-c", SCRIPT, *places)
    factor = ModifierFactor("command", command=command, sandbox=sandbox, writable=writable, seconds=60)  # type: ignore[arg-type]
    return make(factor, frozenset(), {}).propose(SOURCE, np.random.default_rng(0), lambda parent: 9)


@pytest.mark.skipif(bool(TROUBLE), reason=TROUBLE)
def test_it_writes_to_its_own_folder_and_to_what_it_is_given(tmp_path: Path) -> None:
    closed, given = tmp_path / "closed", tmp_path / "given"
    closed.mkdir()
    given.mkdir()
    made = propose("bubblewrap", (str(given),), str(closed), str(given), "$TMPDIR", "pkg")
    assert "SAID = ['refused', 'written', 'written', 'written']" in made.source["pkg/sums.py"]
    assert list(closed.iterdir()) == []
    assert (given / "left").is_file()


def test_without_the_sandbox_it_writes_where_you_can(tmp_path: Path) -> None:
    made = propose("none", (), str(tmp_path))
    assert "SAID = ['written']" in made.source["pkg/sums.py"]


def test_where_there_is_no_bubblewrap_that_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bubblewrap, "trouble", lambda: "bwrap is not installed")
    with pytest.raises(UserError, match=r"modifier\.sandbox"):
        confined(["true"], tmp_path, ())


@pytest.mark.parametrize(
    ("command", "writable", "said"),
    [("no-such-program", (), "command"), ("true", ("/no/where",), "writable")],
)
def test_what_is_not_there_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str, writable: tuple[str, ...], said: str
) -> None:
    monkeypatch.setattr(bubblewrap, "trouble", lambda: "")
    with pytest.raises(UserError, match=said):
        confined([command], tmp_path, writable)

"""pytest's plug-ins of an environment, imported before any generation is loaded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ASKED = """
import sys
sys.path.insert(0, {folder!r})
from testbed.worker import preload
preload.pytest_plugins()
preload.other_plugins_unless_they_import(["goal"])
print("fake_plugin" in sys.modules, "goal" in sys.modules)
import pytest
sys.exit(pytest.main(["-q", "-W", "error", "-p", "no:cacheprovider", "--rootdir", {folder!r}, {folder!r}]))
"""
FIXTURE = """
import pytest
@pytest.fixture
def seven():
    return 7
def claim(value):
    assert value == 8
"""
TESTS = """
import pytest
def test_the_plugin_serves(seven, pytestconfig):
    import fake_plugin
    assert pytestconfig.pluginmanager.has_plugin("fake")
    with pytest.raises(AssertionError, match="assert 7 == 8"):
        fake_plugin.claim(seven)
"""


@pytest.mark.parametrize(
    ("more", "imported"),
    [
        ("", True),
        ("import goal", False),
        ("import threading; threading.Thread(target=threading.Event().wait, daemon=True).start()", False),
        ("import socket; line = socket.socket()", False),
    ],
    ids=["plain", "imports the target", "starts a thread", "opens a socket"],
)
def test_a_plugin_is_imported_beforehand_where_that_changes_nothing(
    tmp_path: Path, more: str, imported: bool
) -> None:
    (tmp_path / "goal.py").write_text("")
    (tmp_path / "fake_plugin.py").write_text(f"{FIXTURE}\n{more}\n")
    (tmp_path / "test_it.py").write_text(TESTS)
    info = tmp_path / "fake_plugin-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: fake-plugin\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[pytest11]\nfake = fake_plugin\n")
    (info / "RECORD").write_text("fake_plugin.py,,\n")
    done = subprocess.run(
        [sys.executable, "-c", ASKED.format(folder=str(tmp_path))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines()[0] == f"{imported} False", done.stderr
    assert done.returncode == 0, done.stdout

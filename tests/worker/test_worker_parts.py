"""Frames, folders, guards, sites and reports: each alone."""

from __future__ import annotations

import builtins
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testbed.worker.folder import Folder, decode_files
from testbed.worker.frames import BadFrame, Inbox, pack, receive, send, unpack
from testbed.worker.generation import _module_name
from testbed.worker.guards import NAME, Guard
from testbed.worker.reports import shorten
from testbed.worker.sites import find_sites

MESSAGES = st.lists(
    st.dictionaries(st.text(max_size=4), st.integers() | st.text(max_size=9), max_size=3), max_size=5
)


@given(MESSAGES, st.lists(st.integers(1, 9)))
def test_messages_are_put_together_from_any_pieces(messages: list[dict[str, Any]], sizes: list[int]) -> None:
    data = b"".join(map(pack, messages))
    inbox, found = Inbox(1_000), []
    while data:
        size = sizes.pop() if sizes else len(data)
        found += inbox.feed(data[:size])
        data = data[size:]
    assert found == messages


@pytest.mark.parametrize("data", [b"\xff\xff\xff\xff", b"\0\0\0\1x", b"\0\0\0\2[]", b"\0\0\0\4nope"])
def test_what_is_no_message_is_refused(data: bytes) -> None:
    with pytest.raises(BadFrame):
        Inbox(1_000).feed(data)


def test_deeply_nested_messages_are_refused() -> None:
    with pytest.raises(BadFrame):
        unpack(b'{"a":' + b"[" * 500_000)


def test_a_closed_line_ends_the_messages() -> None:
    reader, writer = os.pipe()
    send(writer, {"a": 1})
    os.write(writer, b"\0\0")
    os.close(writer)
    assert receive(reader) == {"a": 1}
    assert receive(reader) is None
    os.close(reader)


FILES = {"a.py": b"x = 1\n", "sub/b.txt": b"\xff"}


def _append(root: Path) -> None:
    with (root / "a.py").open("a") as file:
        file.write("y")


def _touch_same_size(root: Path) -> None:
    (root / "a.py").write_bytes(b"x = 2\n")


def _link(root: Path) -> None:
    (root / "a.py").unlink()
    (root / "a.py").symlink_to("/etc/passwd")


def _as_folder(root: Path) -> None:
    (root / "a.py").unlink()
    (root / "a.py").mkdir()
    (root / "a.py" / "c").touch()


def content(root: Path) -> dict[str, bytes]:
    files = [path for path in root.rglob("*") if path.is_file() and not path.is_symlink()]
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


@pytest.mark.parametrize(
    "change",
    [
        _append,
        _touch_same_size,
        _link,
        _as_folder,
        lambda root: (root / "a.py").unlink(),
        lambda root: (root / "new").mkdir(),
        lambda root: (root / "sub" / "new").write_text("x"),
        lambda root: shutil.rmtree(root / "sub"),
        lambda root: shutil.rmtree(root),
        lambda root: (root / "a.py").chmod(0),
    ],
)
def test_a_folder_is_put_right_after_any_change(tmp_path: Path, change: Any) -> None:
    folder = Folder(str(tmp_path / "root"))
    folder.become(FILES)
    change(tmp_path / "root")
    folder.become(FILES)
    assert content(tmp_path / "root") == FILES
    assert len(list(Path(folder.root).rglob("*"))) == 3
    assert (tmp_path / "root" / "a.py").stat().st_mode & 0o400


PATHS = st.sampled_from(["a", "b", "c/a", "c/b", "c/d/a", "d/a"])
TREES = st.dictionaries(PATHS, st.binary(max_size=2), max_size=4)


@given(st.lists(TREES, max_size=4))
def test_a_folder_becomes_whatever_it_is_asked_to(trees: list[dict[str, bytes]]) -> None:
    with tempfile.TemporaryDirectory() as parent:
        root = Path(parent) / "root"
        folder = Folder(str(root))
        for tree in trees:
            folder.become(tree)
            assert content(root) == tree
            assert all(any(path.iterdir()) for path in root.rglob("*") if path.is_dir())


def test_what_was_compiled_of_unchanging_files_is_kept(tmp_path: Path) -> None:
    folder = Folder(str(tmp_path / "root"))
    folder.become({"tests/a.py": b"1", "b.py": b"2"})
    for place in ("tests/__pycache__", "__pycache__"):
        (tmp_path / "root" / place).mkdir()
    (tmp_path / "root/tests/__pycache__/a.cpython-312-pytest-8.pyc").write_bytes(b"A")
    (tmp_path / "root/__pycache__/b.cpython-312.pyc").write_bytes(b"B")
    folder.keep_compiled(["tests/a.py"])
    folder.become({"tests/a.py": b"1", "b.py": b"3"})
    expected = {"tests/a.py": b"1", "b.py": b"3", "tests/__pycache__/a.cpython-312-pytest-8.pyc": b"A"}
    assert content(tmp_path / "root") == expected


def test_files_travel_as_text_or_as_bytes() -> None:
    assert decode_files({"a": "ä", "b": {"base64": "/w=="}}) == {"a": "ä".encode(), "b": b"\xff"}


class Exhausted(Exception):
    pass


def _exhausted(_: set[int]) -> None:
    raise Exhausted


def test_a_guard_says_what_is_on_and_notes_what_was_seen() -> None:
    guard = Guard(frozenset({2}), 3, _exhausted)
    assert [guard.guard(number) for number in (1, 2, 1)] == [False, True, False]
    assert (guard.seen, guard.hits) == ({1, 2}, 3)
    with pytest.raises(Exhausted):
        guard.guard(1)


def test_an_installed_guard_is_a_builtin() -> None:
    guard = Guard(frozenset({2}), 10, _exhausted)
    guard.install()
    try:
        assert eval(f"{NAME}(2)")
    finally:
        delattr(builtins, NAME)


def test_sites_are_found_with_their_alternatives(tmp_path: Path) -> None:
    text = """\
x = (1 if __fault__(1) else 2)
if __fault__(2):
    pass
else:
    y = 3
if __fault__(3):
    y += 1
else:
    y -= 1
if __fault__(4):
    y = 1
else:
    z = 1
if __fault__(5):
    print()
else:
    pass
w = (1 if __fault__(6) else 2) + (1 if __fault__(6) else 2)
if x:
    pass
"""
    (tmp_path / "m.py").write_text(text)
    (tmp_path / "broken.py").write_text("(")
    sites = find_sites(str(tmp_path), ["m.py", "broken.py", "missing.py", "data.txt"])
    comparable = {fault: pair is not None for (_, _, fault), pair in sites.items()}
    assert comparable == {1: True, 2: True, 3: True, 4: False, 5: False, 6: False}
    assert {line for _, line, _ in sites} == {1, 2, 6, 10, 14, 18}


@pytest.mark.parametrize(
    ("path", "roots", "name"),
    [
        ("a/b.py", [""], "a.b"),
        ("a/__init__.py", [""], "a"),
        ("src/a/b.py", ["", "src"], "a.b"),
        ("src.py", ["", "src"], "src"),
    ],
)
def test_a_module_is_named_by_its_path_below_a_root(path: str, roots: list[str], name: str) -> None:
    assert _module_name(path, roots) == name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("at 0x7f12ab34cd", "at 0x.."),
        ("/root/x/file.py", "file.py"),
        ("a\n  b", "a b"),
        ("x" * 500, "x" * 157 + "..."),
    ],
)
def test_what_is_shown_is_short_and_free_of_places_and_addresses(text: str, expected: str) -> None:
    assert shorten(text, "/root/x") == expected

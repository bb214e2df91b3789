"""What is written of an archive, and what is refused."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from testbed.errors import UserError
from testbed.targets.archive import unpack


def tarred(path: Path, *members: tuple[str, str, bytes]) -> Path:
    """Members are (name, type of tarfile's, content or the link's target)."""
    with tarfile.open(path, "w:gz") as tar:
        for name, kind, data in members:
            info = tarfile.TarInfo(name)
            info.type = kind.encode()
            if info.issym() or info.islnk():
                info.linkname = data.decode()
                tar.addfile(info)
            else:
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
    return path


FILE, LINK, SYMLINK, DEVICE, FOLDER = "0", "1", "2", "3", "5"


def test_the_top_folder_of_a_source_distribution_is_returned(tmp_path: Path) -> None:
    archive = tarred(tmp_path / "a-1.tar.gz", ("a-1", FOLDER, b""), ("a-1/x/y.py", FILE, b"y = 1\n"))
    top = unpack(archive, tmp_path / "out")
    assert top.name == "a-1"
    assert (top / "x" / "y.py").read_text() == "y = 1\n"


def test_a_zip_is_unpacked_as_well(tmp_path: Path) -> None:
    archive = tmp_path / "a-1.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("a-1/y.py", "y = 1\n")
    assert (unpack(archive, tmp_path / "out") / "y.py").read_text() == "y = 1\n"


def test_a_link_becomes_a_copy_of_the_file_that_it_names(tmp_path: Path) -> None:
    archive = tarred(
        tmp_path / "a.tar.gz", ("a/x", FILE, b"1"), ("a/y", SYMLINK, b"x"), ("a/z", LINK, b"a/x")
    )
    top = unpack(archive, tmp_path / "out")
    assert [(top / name).read_bytes() for name in "xyz"] == [b"1", b"1", b"1"]
    assert not any((top / name).is_symlink() for name in "xyz")


@pytest.mark.parametrize(
    "member",
    [
        ("/etc/evil", FILE, b"1"),
        ("a/../../evil", FILE, b"1"),
        ("../evil", FOLDER, b""),
        ("a/link", SYMLINK, b"/etc/passwd"),
        ("a/link", SYMLINK, b"../../../etc/passwd"),
        ("a/link", LINK, b"../outside"),
        ("a/ring", SYMLINK, b"ring"),
        ("a/device", DEVICE, b""),
    ],
)
def test_what_leads_out_is_refused_and_nothing_is_written_there(
    tmp_path: Path, member: tuple[str, str, bytes]
) -> None:
    archive = tarred(tmp_path / "a.tar.gz", member)
    with pytest.raises(UserError, match=r"a\.tar\.gz"):
        unpack(archive, tmp_path / "deep" / "out")
    assert not [path for path in tmp_path.rglob("*") if path.name in {"evil", "link", "ring", "device"}]


@pytest.mark.parametrize("name", ["a.tar.gz", "a.zip"])
def test_what_is_no_archive_is_told_in_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"not an archive")
    with pytest.raises(UserError, match="cannot be unpacked"):
        unpack(tmp_path / name, tmp_path / "out")


def test_an_archive_cut_short_is_told(tmp_path: Path) -> None:
    archive = tarred(tmp_path / "a.tar.gz", ("a/x", FILE, bytes(range(256)) * 200))
    archive.write_bytes(archive.read_bytes()[:-40])
    with pytest.raises(UserError, match="cannot be unpacked"):
        unpack(archive, tmp_path / "out")

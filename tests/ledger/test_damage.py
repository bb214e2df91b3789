"""A ledger whose file is cut, flipped, full or not to be written: one line, and no wrong fact."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from testbed.errors import UserError
from testbed.facts import EndFact, UnplacedFact
from testbed.ledger import Ledger
from testbed.ledger.store import blob_digest

TEXTS = [f"value = {number}\n" * 40 for number in range(12)]


def write(ledger: Ledger, generations: range) -> None:
    for generation in generations:
        text = TEXTS[generation % len(TEXTS)]
        records = (UnplacedFact(generation, 1, "no site " * 20), EndFact(generation, 1, "unit", "t.py::t", 0))
        ledger.append(0, 0, generation, records, {blob_digest(text): text}, {"cpu": 0.5})


def whole(folder: Path) -> Path:
    """A finished ledger, all of it in the one file."""
    ledger = Ledger.create(folder, {"name": "n", "seed": 1})
    write(ledger, range(1, 41))
    ledger.close()
    assert not (folder / "ledger.sqlite-wal").exists()
    return folder


def said(folder: Path) -> list[str]:
    """All that a reader gets out of it. Raises UserError."""
    ledger = Ledger.open(folder)
    try:
        return [*ledger.lines(), *(ledger.blob(blob_digest(text)) for text in TEXTS)]
    finally:
        ledger.close()


def refused(folder: Path) -> str:
    try:
        said(folder)
    except UserError as problem:
        return problem.line()
    return ""


def test_a_flipped_byte_anywhere_is_found_or_has_no_meaning(tmp_path: Path) -> None:
    good = whole(tmp_path / "good")
    expected = said(good)
    data = (good / "ledger.sqlite").read_bytes()
    rng = random.Random(5)
    found = 0
    for turn in range(80):
        folder = tmp_path / f"{turn}"
        shutil.copytree(good, folder)
        place = rng.randrange(len(data))
        flipped = bytearray(data)
        flipped[place] ^= 1 << rng.randrange(8)
        (folder / "ledger.sqlite").write_bytes(flipped)
        told = refused(folder)
        found += bool(told)
        assert "is damaged" in told or said(folder) == expected, place
    assert found > 20


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, share: float) -> None:
    folder = whole(tmp_path / "run")
    file = folder / "ledger.sqlite"
    os.truncate(file, int(file.stat().st_size * share))
    if share == 0.0:
        assert said_or_none(folder) in (None, [])
        return
    with pytest.raises(UserError, match="is damaged"):
        said(folder)


def said_or_none(folder: Path) -> list[str] | None:
    try:
        return list(Ledger.open(folder).lines())
    except UserError:
        return None


def test_a_write_that_was_cut_off_leaves_the_generations_before_it(tmp_path: Path) -> None:
    writer = Ledger.create(tmp_path / "run", {"name": "n", "seed": 1})
    write(writer, range(1, 11))
    log = tmp_path / "run" / "ledger.sqlite-wal"
    size = log.stat().st_size
    seen = set()
    for turn in range(20):
        folder = tmp_path / f"cut{turn}"
        shutil.copytree(tmp_path / "run", folder, ignore=shutil.ignore_patterns("*-shm"))
        os.truncate(folder / "ledger.sqlite-wal", size * turn // 20)
        ledger = Ledger.open(folder, write=True)
        lines = list(ledger.lines())
        assert len(lines) % 2 == 0  # a generation has two records, and comes whole
        assert lines == list(writer.lines())[: len(lines)]
        write(ledger, range(len(lines) // 2 + 1, 11))
        assert ledger.digest() == writer.digest()
        ledger.close()
        seen.add(len(lines))
    writer.close()
    assert len(seen) > 3


@pytest.mark.parametrize("place", [0.05, 0.3, 0.6, 0.9])
def test_a_flipped_byte_of_the_manifest_is_found(tmp_path: Path, place: float) -> None:
    folder = tmp_path / "run"
    Ledger.create(folder, {"name": "n" * 50, "seed": 1, "campaign": "x = 1\n" * 20}).close()
    data = bytearray((folder / "manifest.json").read_bytes())
    data[int(len(data) * place)] ^= 4
    (folder / "manifest.json").write_bytes(data)
    with pytest.raises(UserError, match="is damaged"):
        Ledger.open(folder)


def test_an_old_manifest_has_no_checksum_and_another_schema_is_named(tmp_path: Path) -> None:
    folder = whole(tmp_path / "run")
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["checksum"]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    Ledger.open(folder).close()
    (folder / "manifest.json").write_text(json.dumps({**manifest, "schema": 0}))
    with pytest.raises(UserError, match="the ledger has schema 0"):
        Ledger.open(folder)


FILL = """
import resource, sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from test_damage import write
from testbed.errors import UserError
from testbed.ledger import Ledger
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
ledger = Ledger.create(Path(sys.argv[1]), {"name": "n", "seed": 1})
write(ledger, range(1, 6))
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    write(ledger, range(6, 400))
except UserError as problem:
    print(problem.line())
"""


def test_a_full_disk_is_one_line_and_what_was_written_stands(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    done = subprocess.run(
        [sys.executable, "-c", FILL, str(folder), str(Path(__file__).parent)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    assert f"{folder}: cannot be written (" in line
    assert f"testbed resume {folder}" in line
    ledger = Ledger.open(folder, write=True)
    lines = list(ledger.lines())
    assert len(lines) >= 10
    assert len(lines) % 2 == 0
    write(ledger, range(len(lines) // 2 + 1, 400))
    ledger.close()


def test_a_folder_that_cannot_be_written_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = whole(tmp_path / "run")
    expected = said(folder)
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    allowed = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK and allowed(path, mode))
    assert said(folder) == expected
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before

"""The script that draws the charts is the same from the cache as when it is made."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest
import vl_convert

from reports import bundle


def test_it_is_made_once_and_the_same_afterwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TESTBED_CACHE", str(tmp_path / "cache"))
    made = bundle.script()
    assert "vegaEmbed" in made
    monkeypatch.setattr(vl_convert, "javascript_bundle", lambda: pytest.fail("it was made again"))
    assert bundle.script() == made
    assert [path.name for path in (tmp_path / "cache" / "charts").iterdir()] == [version("vl-convert-python")]


def test_another_version_has_one_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TESTBED_CACHE", str(tmp_path))
    for number in ("1", "2"):
        monkeypatch.setattr(bundle, "version", lambda _name, number=number: number)
        monkeypatch.setattr(vl_convert, "javascript_bundle", lambda number=number: f"version {number}")
        assert bundle.script() == f"version {number}"
    monkeypatch.setattr(bundle, "version", lambda _name: "1")
    assert bundle.script() == "version 1"


@pytest.mark.parametrize("content", [None, b"\xff\xfe"], ids=["no folder", "no text"])
def test_without_a_cache_it_is_made(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "cache"
    if content is None:
        place.write_text("a file")
    else:
        (place / "charts" / version("vl-convert-python")).mkdir(parents=True)
        (place / "charts" / version("vl-convert-python") / "bundle.js").write_bytes(content)
    monkeypatch.setenv("TESTBED_CACHE", str(place))
    monkeypatch.setattr(vl_convert, "javascript_bundle", lambda: "made")
    assert bundle.script() == "made"

"""Published packages: pinned, fetched once, checked each time. pip is real, the index is a folder."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
from pathlib import Path

import pytest
from local_index import SUMS, TESTS, offline, sdist

from testbed.conditions import TargetFactor
from testbed.errors import UserError
from testbed.targets import pypi, resolve


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    offline(monkeypatch, tmp_path)
    for version in ("1.0", "1.1", "2.0"):
        sdist(tmp_path, "sums", version, {**SUMS, **TESTS})
    return tmp_path


def pinned(text: str) -> TargetFactor:
    return TargetFactor(name=text)


def test_a_pinned_version_becomes_a_target_with_the_tests_of_its_source_distribution(index: Path) -> None:
    target = resolve(pinned("pypi:sums==1.1"))
    assert (target.name, target.version) == ("sums", "1.1")
    assert list(target.package_files) == ["sums/__init__.py"]
    assert target.tests == ("tests",)


def test_it_is_fetched_once(index: Path) -> None:
    first = resolve(pinned("pypi:sums==1.1"))
    for path in index.glob("*.tar.gz"):
        path.unlink()
    assert resolve(pinned("pypi:sums==1.1")).digest() == first.digest()


def test_its_hash_may_be_pinned_too(index: Path) -> None:
    digest = hashlib.sha256((index / "sums-1.1.tar.gz").read_bytes()).hexdigest()
    assert resolve(pinned(f"pypi:sums==1.1#sha256={digest}")).version == "1.1"


def test_another_hash_than_the_pinned_one_is_refused_and_not_kept(index: Path) -> None:
    with pytest.raises(UserError, match="has the sha256"):
        resolve(pinned(f"pypi:sums==1.1#sha256={'0' * 64}"))
    assert not list((index / "cache").rglob("*.tar.gz"))


def test_another_hash_than_the_pinned_one_is_refused_when_it_comes_from_the_cache(index: Path) -> None:
    resolve(pinned("pypi:sums==1.1"))
    with pytest.raises(UserError, match="has the sha256"):
        resolve(pinned(f"pypi:sums==1.1#sha256={'0' * 64}"))


def test_a_cached_archive_that_was_changed_is_refused(index: Path) -> None:
    archive = pypi.fetched(pypi.parse("pypi:sums==1.1"))
    archive.write_bytes(archive.read_bytes() + b"more")
    with pytest.raises(UserError, match="has changed since it was fetched"):
        resolve(pinned("pypi:sums==1.1"))


def test_a_record_that_was_damaged_is_told(index: Path) -> None:
    archive = pypi.fetched(pypi.parse("pypi:sums==1.1"))
    (archive.parent / "fetched.json").write_text("{")
    with pytest.raises(UserError, match="cannot be read"):
        resolve(pinned("pypi:sums==1.1"))


def fetch(barrier: object, results: object) -> None:
    barrier.wait()  # type: ignore[attr-defined]
    results.put(str(pypi.fetched(pypi.parse("pypi:sums==1.1"))))  # type: ignore[attr-defined]


def test_two_processes_may_fetch_at_once(index: Path) -> None:
    context = multiprocessing.get_context("fork")
    barrier, results = context.Barrier(2), context.Queue()
    processes = [context.Process(target=fetch, args=(barrier, results)) for _ in range(2)]
    for process in processes:
        process.start()
    paths = {results.get(timeout=60) for _ in processes}
    for process in processes:
        process.join()
    assert len(paths) == 1
    place = Path(paths.pop()).parent
    assert sorted(path.name for path in place.parent.iterdir()) == ["1.1"]
    assert json.loads((place / "fetched.json").read_text())["version"] == "1.1"


def test_names_are_compared_as_indexes_do(index: Path) -> None:
    assert pypi.parse("pypi:More_Itertools==1").key == pypi.parse("pypi:more-itertools==1").key


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("pypi:sums==1.5", "no source distribution of this version; nearest: 1.0, 1.1, 2.0"),
        ("pypi:nothing==1.0", "has no source distribution called nothing"),
        ("pypi:sums", "write it as pypi:NAME==VERSION"),
        ("pypi:sums>=1", "write it as pypi:NAME==VERSION"),
        ("pypi:sums==1.*", "write it as pypi:NAME==VERSION"),
        ("pypi:sums[all]==1.1", "write it as pypi:NAME==VERSION"),
        ("pypi:sums==1.1#md5=12", "write #sha256="),
        ("pypi:sums==1.1#sha256=12", "64 hexadecimal digits"),
    ],
)
def test_a_pin_that_cannot_be_had_is_told_in_one_line(index: Path, name: str, said: str) -> None:
    with pytest.raises(UserError, match=said) as caught:
        resolve(pinned(name))
    assert "\n" not in caught.value.line()


def test_an_index_that_cannot_be_reached_is_told(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    with pytest.raises(UserError, match="the package index cannot be reached"):
        resolve(pinned("pypi:sums==1.1"))


def test_a_source_distribution_without_tests_is_told_with_what_to_do(index: Path) -> None:
    sdist(index, "bare", "1.0", SUMS)
    with pytest.raises(UserError, match="comes without tests; clone its repository"):
        resolve(pinned("pypi:bare==1.0"))


def test_a_cache_that_cannot_be_written_is_told(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (index / "file").touch()
    monkeypatch.setenv("TESTBED_CACHE", str(index / "file"))
    with pytest.raises(UserError, match="the cache cannot be written"):
        resolve(pinned("pypi:sums==1.1"))

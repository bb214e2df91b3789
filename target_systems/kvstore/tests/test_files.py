"""Logs, segments, manifests and what to merge."""

import os

import pytest
from kvstore.batch import Batch
from kvstore.compaction import choose
from kvstore.errors import CorruptionError
from kvstore.files import read_file, replacing
from kvstore.manifest import Manifest, read_manifest, write_manifest
from kvstore.memtable import Memtable
from kvstore.merge import compacted, merge, readable
from kvstore.record import Entry
from kvstore.segment import Segment, write_segment
from kvstore.view import successor
from kvstore.wal import Log, read_log, recover_log


def damage(path, offset):
    with open(path, "r+b") as file:
        file.seek(offset)
        byte = file.read(1)
        file.seek(offset)
        file.write(bytes([byte[0] ^ 0x55]))


@pytest.fixture
def log_path(tmp_path):
    path = str(tmp_path / "x.log")
    log = Log(path)
    assert log.append(Batch().put(b"a", b"1").put(b"b", b"2").encode()) == 0
    assert log.append(Batch().delete(b"a").encode()) > 0
    log.close()
    return path


def test_log_is_read_back(log_path):
    batches, good = read_log(log_path)
    assert [[entry.key for entry in batch] for batch in batches] == [[b"a", b"b"], [b"a"]]
    assert good == os.path.getsize(log_path)


def test_torn_tail_is_cut_off(log_path):
    whole = os.path.getsize(log_path)
    with open(log_path, "ab") as file:
        file.write(Batch().put(b"c", b"3").encode()[:3])
    assert len(recover_log(log_path)) == 2
    assert os.path.getsize(log_path) == whole


def test_half_of_the_last_batch_is_cut_off(log_path):
    os.truncate(log_path, os.path.getsize(log_path) - 1)
    assert len(recover_log(log_path)) == 1


def test_damage_in_a_log_is_an_error(log_path):
    damage(log_path, 6)
    with pytest.raises(CorruptionError) as caught:
        recover_log(log_path)
    assert caught.value.offset == 0
    assert caught.value.path == log_path


def test_damage_in_a_length_does_not_pass_for_a_torn_tail(log_path):
    damage(log_path, 1)
    with pytest.raises(CorruptionError, match="header"):
        recover_log(log_path)


def test_missing_log_is_empty(tmp_path):
    assert recover_log(str(tmp_path / "none.log")) == []


def entries(count, step=1):
    return [Entry(b"%04d" % number, b"v%d" % number) for number in range(0, count * step, step)]


@pytest.fixture
def segment(tmp_path):
    path = str(tmp_path / "1.seg")
    assert write_segment(path, entries(50, 2)) == 50
    return Segment(path)


def test_segment_get(segment):
    for entry in entries(50, 2):
        assert segment.get(entry.key) == entry
    assert segment.get(b"0001") is None
    assert segment.get(b"") is None
    assert segment.get(b"9999") is None


def test_segment_scan(segment):
    assert list(segment.scan()) == entries(50, 2)
    assert [entry.key for entry in segment.scan(b"0095")] == [b"0096", b"0098"]
    assert list(segment.scan(b"0099")) == []


def test_segment_check_counts(segment):
    assert segment.check() == 50
    assert segment.name == "1.seg"
    assert segment.size == os.path.getsize(segment.path)


def test_empty_segment(tmp_path):
    path = str(tmp_path / "1.seg")
    write_segment(path, [])
    segment = Segment(path)
    assert list(segment.scan()) == []
    assert segment.get(b"a") is None


def test_segment_out_of_order(tmp_path):
    with pytest.raises(ValueError, match="order"):
        write_segment(str(tmp_path / "1.seg"), [Entry(b"b", b""), Entry(b"a", b"")])


def test_damaged_segment(segment):
    damage(segment.path, 20)
    with pytest.raises(CorruptionError):
        Segment(segment.path).check()


def test_cut_off_segment(segment):
    os.truncate(segment.path, 10)
    with pytest.raises(CorruptionError, match="cut off"):
        Segment(segment.path)


@pytest.mark.parametrize("back", [1, 5, 12, 20])
def test_damaged_footer(segment, back):
    damage(segment.path, segment.size - back)
    with pytest.raises(CorruptionError, match="wrong footer"):
        Segment(segment.path)


def test_a_write_that_fails_leaves_the_old_file(tmp_path):
    path = str(tmp_path / "x")
    with replacing(path) as file:
        file.write(b"old")
    with pytest.raises(ZeroDivisionError), replacing(path) as file:
        file.write(b"new")
        file.write(b"" * (1 // 0))
    assert read_file(path) == b"old"


def test_manifest_round_trip(tmp_path):
    folder = str(tmp_path)
    assert read_manifest(folder) is None
    manifest = Manifest(("000003.seg", "000001.seg"), "000004.log", 5)
    write_manifest(folder, manifest)
    assert read_manifest(folder) == manifest
    assert manifest.file_name("seg") == "000005.seg"


def test_damaged_manifest(tmp_path):
    write_manifest(str(tmp_path), Manifest())
    damage(str(tmp_path / "MANIFEST"), 12)
    with pytest.raises(CorruptionError):
        read_manifest(str(tmp_path))


def test_memtable():
    table = Memtable()
    for key in (b"b", b"a", b"c"):
        table.set(Entry(key, b"12"))
    assert [entry.key for entry in table.scan()] == [b"a", b"b", b"c"]
    assert [entry.key for entry in table.scan(b"b")] == [b"b", b"c"]
    assert (len(table), table.size) == (3, 9)
    table.set(Entry(b"a", None))
    assert (len(table), table.size) == (3, 7)
    assert table.get(b"a").deleted
    assert table.get(b"z") is None


def test_memtable_copy_is_its_own():
    table = Memtable()
    table.set(Entry(b"a", b"1"))
    other = table.copy()
    other.set(Entry(b"b", b"2"))
    assert len(table) == 1
    assert other.size == 4


def test_merge_takes_the_newest():
    new = [Entry(b"a", b"new"), Entry(b"c", None)]
    old = [Entry(b"a", b"old"), Entry(b"b", b"old"), Entry(b"c", b"old")]
    merged = list(merge([new, old]))
    assert [(entry.key, entry.value) for entry in merged] == [
        (b"a", b"new"),
        (b"b", b"old"),
        (b"c", None),
    ]
    assert list(readable(merged, 0)) == [(b"a", b"new"), (b"b", b"old")]


def test_merge_of_nothing():
    assert list(merge([])) == []
    assert list(merge([[], []])) == []


def test_compaction_keeps_tombstones_above_older_segments():
    some = [Entry(b"a", None), Entry(b"b", b"v", 5), Entry(b"c", b"v")]
    assert [entry.key for entry in compacted(some, 5, oldest=True)] == [b"c"]
    kept = list(compacted(some, 5, oldest=False))
    assert [(entry.key, entry.deleted) for entry in kept] == [
        (b"a", True),
        (b"b", True),
        (b"c", False),
    ]


@pytest.mark.parametrize(
    "sizes, chosen",
    [
        ([], None),
        ([10, 10], None),
        ([10, 10, 10], range(3)),
        ([10, 12, 20, 100], range(3)),
        ([500, 10, 12, 14, 16, 100], range(1, 5)),
        ([10, 30, 90], None),
    ],
)
def test_choose(sizes, chosen):
    assert choose(sizes) == chosen


@pytest.mark.parametrize(
    "prefix, after",
    [(b"a", b"b"), (b"ab", b"ac"), (b"a\xff", b"b"), (b"\xff\xff", None), (b"", None)],
)
def test_successor(prefix, after):
    assert successor(prefix) == after

"""The store as its users see it."""

import os

import pytest
from kvstore import Batch, ClosedError, CorruptionError, Store, UsageError, open_store


class Clock:
    """A clock that is set by hand."""

    def __init__(self):
        self.now = 1000

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def folder(tmp_path):
    return str(tmp_path / "db")


@pytest.fixture
def store(folder, clock):
    with Store(folder, clock, memtable_bytes=200, sync=False) as opened:
        yield opened


def fill(store, count, value=b"x" * 10):
    for number in range(count):
        store.put(b"k%03d" % number, value)


def test_put_and_get(store):
    store.put(b"a", b"1")
    assert store.get(b"a") == b"1"
    assert store.get(b"b") is None
    assert store.get(b"b", b"none") == b"none"
    assert b"a" in store
    assert b"b" not in store


def test_the_last_put_counts(store):
    store.put(b"a", b"1")
    store.flush()
    store.put(b"a", b"2")
    assert store.get(b"a") == b"2"


def test_delete(store):
    store.put(b"a", b"1")
    assert store.delete(b"a") is True
    assert store.delete(b"a") is False
    assert store.get(b"a") is None
    assert len(store) == 0


def test_delete_hides_what_a_segment_holds(store):
    store.put(b"a", b"1")
    store.flush()
    store.delete(b"a")
    store.flush()
    assert store.get(b"a") is None
    assert list(store.scan()) == []


def test_full_memtables_become_segments(store):
    fill(store, 40)
    assert store.stats()["segments"] >= 2
    assert len(store) == 40
    assert store.get(b"k007") == b"x" * 10


def test_flush_says_whether_there_was_anything(store):
    assert store.flush() is False
    store.put(b"a", b"1")
    assert store.flush() is True
    assert store.stats()["memtable_entries"] == 0
    assert store.stats()["log_bytes"] == 0


def test_reopening_finds_everything(folder, clock):
    with Store(folder, clock, memtable_bytes=200) as store:
        fill(store, 30)
        store.delete(b"k003")
        before = list(store.scan())
    with Store(folder, clock) as store:
        assert list(store.scan()) == before
        assert len(before) == 29


def test_a_crash_loses_only_the_torn_batch(folder, clock):
    store = Store(folder, clock)
    store.put(b"a", b"1")
    store.put(b"b", b"2")
    store.close()
    log = os.path.join(folder, "000000.log")
    os.truncate(log, os.path.getsize(log) - 2)
    with Store(folder, clock) as store:
        assert list(store.scan()) == [(b"a", b"1")]
        store.put(b"c", b"3")
    with Store(folder, clock) as store:
        assert [key for key, _ in store.scan()] == [b"a", b"c"]


def test_batches_are_whole(folder, clock):
    store = Store(folder, clock)
    store.write(Batch().put(b"a", b"1").put(b"b", b"2").delete(b"c"))
    store.write(Batch())
    store.close()
    log = os.path.join(folder, "000000.log")
    os.truncate(log, os.path.getsize(log) - 1)
    with Store(folder, clock) as store:
        assert len(store) == 0


def test_leftovers_of_a_crash_are_removed(folder, clock):
    Store(folder, clock).close()
    for name in ("000009.seg", "000008.log", "MANIFEST.new"):
        open(os.path.join(folder, name), "wb").close()
    open(os.path.join(folder, "notes.txt"), "wb").close()
    Store(folder, clock).close()
    assert sorted(os.listdir(folder)) == ["000000.log", "MANIFEST", "notes.txt"]


def test_scan_limits(store):
    fill(store, 20)
    assert [key for key, _ in store.scan(b"k005", b"k008")] == [b"k005", b"k006", b"k007"]
    assert [key for key, _ in store.scan(b"k018")] == [b"k018", b"k019"]
    assert [key for key, _ in store.scan(limit=2)] == [b"k000", b"k001"]
    assert list(store.scan(limit=0)) == []
    with pytest.raises(UsageError):
        list(store.scan(limit=-1))


def test_scan_is_of_one_moment(store):
    fill(store, 3)
    scan = store.scan()
    store.put(b"k000", b"changed")
    assert next(scan) == (b"k000", b"x" * 10)


def test_prefix(store):
    for key in (b"a", b"ab", b"abc", b"ac", b"b"):
        store.put(key, b"")
    assert [key for key, _ in store.prefix(b"ab")] == [b"ab", b"abc"]
    assert len(store.prefix(b"")) == 5


def test_ttl(store, clock):
    store.put(b"a", b"1", ttl=10)
    store.put(b"b", b"2")
    assert store.ttl(b"a") == 10
    assert store.ttl(b"b") is None
    clock.now += 9
    assert store.get(b"a") == b"1"
    clock.now += 1
    assert store.get(b"a") is None
    assert store.ttl(b"a") is None
    assert [key for key, _ in store.scan()] == [b"b"]
    with pytest.raises(UsageError):
        store.put(b"a", b"1", ttl=0)


def test_ttl_survives_reopening(folder, clock):
    with Store(folder, clock) as store:
        store.put(b"a", b"1", ttl=10)
        store.flush()
    clock.now += 4
    with Store(folder, clock) as store:
        assert store.ttl(b"a") == 6


def test_increment(store):
    assert store.increment(b"n") == 1
    assert store.increment(b"n", 41) == 42
    assert store.get(b"n") == b"42"
    store.put(b"t", b"text")
    with pytest.raises(UsageError, match="number"):
        store.increment(b"t")


def test_compare_and_set(store):
    assert store.compare_and_set(b"a", None, b"1")
    assert not store.compare_and_set(b"a", None, b"2")
    assert store.compare_and_set(b"a", b"1", b"2")
    assert store.get(b"a") == b"2"


def test_snapshot_sees_its_own_moment(store):
    store.put(b"a", b"1")
    with store.snapshot() as snapshot:
        store.put(b"a", b"2")
        store.put(b"b", b"3")
        store.flush()
        store.compact(everything=True)
        assert snapshot.get(b"a") == b"1"
        assert snapshot.get(b"b") is None
        assert snapshot.items() == [(b"a", b"1")]
    with pytest.raises(ClosedError):
        snapshot.get(b"a")


def test_files_of_a_snapshot_are_kept_until_it_is_closed(store, folder):
    for _ in range(2):
        store.put(b"a", b"1")
        store.flush()
    snapshot = store.snapshot()
    assert store.compact(everything=True) == 2
    assert sum(name.endswith(".seg") for name in os.listdir(folder)) == 3
    snapshot.close()
    snapshot.close()
    assert sum(name.endswith(".seg") for name in os.listdir(folder)) == 1


def test_compact_merges_segments_of_one_size(store):
    for round_ in range(4):
        for number in range(5):
            store.put(b"k%d" % number, b"%d" % round_)
        store.flush()
    assert store.compact() == 4
    assert store.stats()["segments"] == 1
    assert [value for _, value in store.scan()] == [b"3"] * 5
    assert store.compact() == 0


def test_compact_drops_what_is_dead(store, clock):
    store.put(b"a", b"1")
    store.put(b"b", b"2", ttl=5)
    store.put(b"c", b"3")
    store.flush()
    store.delete(b"a")
    store.flush()
    clock.now += 5
    store.compact(everything=True)
    assert store.verify() == {"segments": 1, "entries": 1, "batches": 0}


def test_compact_above_older_segments_does_not_bring_back_what_was_deleted(store):
    fill(store, 30, b"x" * 4)
    store.flush()
    store.compact(everything=True)
    for number in range(3):
        store.delete(b"k%03d" % number)
        store.flush()
    assert store.compact() == 3
    assert store.stats()["segments"] == 2
    assert store.get(b"k001") is None
    assert len(store) == 27


def test_compact_of_nothing(store):
    assert store.compact(everything=True) == 0


def test_verify_counts(store):
    fill(store, 5)
    store.flush()
    store.put(b"z", b"")
    assert store.verify() == {"segments": 1, "entries": 5, "batches": 1}


def test_verify_finds_damage(store, folder):
    fill(store, 10)
    store.flush()
    name = next(name for name in os.listdir(folder) if name.endswith(".seg"))
    path = os.path.join(folder, name)
    with open(path, "r+b") as file:
        file.seek(8)
        file.write(b"\x00\x00")
    with pytest.raises(CorruptionError):
        store.verify()


def test_missing_manifest_is_an_error(folder, clock):
    Store(folder, clock).close()
    os.remove(os.path.join(folder, "MANIFEST"))
    with pytest.raises(CorruptionError, match="missing"):
        Store(folder, clock)
    assert os.listdir(folder) == ["000000.log"]


def test_missing_segment_is_an_error(folder, clock):
    with Store(folder, clock) as store:
        store.put(b"a", b"1")
        store.flush()
    for name in os.listdir(folder):
        if name.endswith(".seg"):
            os.remove(os.path.join(folder, name))
    with pytest.raises(CorruptionError, match="missing"):
        Store(folder, clock)


def test_backup(store, tmp_path, clock):
    fill(store, 12)
    store.delete(b"k001")
    store.put(b"t", b"v", ttl=7)
    target = str(tmp_path / "copy")
    assert store.backup(target) == 12
    with Store(target, clock) as copy:
        assert list(copy.scan()) == list(store.scan())
        assert copy.ttl(b"t") == 7
    with pytest.raises(UsageError, match="not empty"):
        store.backup(target)


def test_closed_store(folder, clock):
    store = Store(folder, clock)
    snapshot = store.snapshot()
    store.close()
    store.close()
    for call in (store.flush, store.stats, store.snapshot, snapshot.items):
        with pytest.raises(ClosedError):
            call()
    with pytest.raises(ClosedError):
        store.backup(folder + "2")


def test_options(folder, clock):
    with open_store(folder, clock, memtable_bytes=10, sync=False) as store:
        store.put(b"a", b"1234567890")
        assert store.stats()["segments"] == 1
    with pytest.raises(UsageError, match="unknown option"):
        open_store(folder, clock, speed=2)
    with pytest.raises(UsageError):
        Store(folder, clock, memtable_bytes=0)

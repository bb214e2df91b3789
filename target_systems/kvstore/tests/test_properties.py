"""What holds for all inputs, and the store against a plain dictionary."""

import os
import shutil
import tempfile
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from kvstore import Batch, CorruptionError, Store
from kvstore.batch import decode_batch
from kvstore.compaction import choose
from kvstore.memtable import Memtable
from kvstore.merge import merge
from kvstore.record import Entry, decode_body, encode_body, frame
from kvstore.segment import Segment, write_segment
from kvstore.varint import decode_varint, encode_varint

KEYS = st.binary(min_size=1, max_size=3)
NEAR = st.sampled_from([b"a", b"a\xff", b"ab", b"b", b"b1", b"c", b"\xff"])
VALUES = st.binary(max_size=6)
ENTRIES = st.builds(Entry, KEYS, st.none() | VALUES, st.integers(min_value=0, max_value=2000))


@given(st.integers(min_value=0, max_value=2**63))
def test_varints_round_trip(number):
    data = encode_varint(number)
    assert decode_varint(data) == (number, len(data))
    assert len(data) <= 10


@given(ENTRIES)
def test_bodies_round_trip(entry):
    body = encode_body(entry)
    assert decode_body(body + b"more") == (entry, len(body))


@given(st.lists(st.tuples(KEYS, st.none() | VALUES), max_size=8))
def test_batches_round_trip(changes):
    batch = Batch()
    for key, value in changes:
        if value is None:
            batch.delete(key)
        else:
            batch.put(key, value)
    assert decode_batch(batch.encode()) == list(batch)
    assert {entry.key: entry.value for entry in batch} == dict(changes)


@given(st.dictionaries(KEYS, ENTRIES, max_size=20), KEYS)
def test_segments_find_what_was_written(table, probe):
    entries = [Entry(key, table[key].value, table[key].expires) for key in sorted(table)]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "1.seg")
        write_segment(path, entries, sync=False)
        segment = Segment(path)
        assert list(segment.scan()) == entries
        assert list(segment.scan(probe)) == [each for each in entries if each.key >= probe]
        found = segment.get(probe)
        assert found == next((each for each in entries if each.key == probe), None)
        assert segment.check() == len(entries)


@given(st.lists(st.dictionaries(KEYS, VALUES, max_size=6), max_size=4))
def test_merge_is_a_chain_of_dictionaries(tables):
    streams = [[Entry(key, table[key]) for key in sorted(table)] for table in tables]
    expected = {}
    for table in reversed(tables):
        expected.update(table)
    merged = list(merge(streams))
    assert [(entry.key, entry.value) for entry in merged] == sorted(expected.items())


@given(st.lists(ENTRIES, max_size=20))
def test_the_memtable_counts_its_bytes(entries):
    table = Memtable()
    for entry in entries:
        table.set(entry)
    assert table.size == sum(entry.size() for entry in table.scan())
    keys = [entry.key for entry in table.scan()]
    assert keys == sorted(set(keys))


@given(st.lists(st.integers(min_value=1, max_value=100), max_size=10))
def test_chosen_segments_are_of_one_size(sizes):
    chosen = choose(sizes)
    if chosen is not None:
        run = [sizes[place] for place in chosen]
        assert len(run) >= 3
        assert max(run) <= 2 * min(run)


@given(st.sampled_from(["000001.seg", "000002.log", "MANIFEST"]), st.integers(0, 2**16), st.integers(1, 255))
def test_no_damaged_byte_goes_unseen(name, place, flip):
    with tempfile.TemporaryDirectory() as folder:
        with Store(folder, lambda: 0, sync=False) as store:
            store.write(Batch().put(b"a", b"1").put(b"b", b"2"))
            store.flush()
            store.put(b"c", b"3")
            store.put(b"d", b"4")
        path = os.path.join(folder, name)
        with open(path, "r+b") as file:
            data = bytearray(file.read())
            data[place % len(data)] ^= flip
            file.seek(0)
            file.write(data)
        with pytest.raises(CorruptionError):
            with Store(folder, lambda: 0, sync=False) as store:
                store.verify()


class Crash(BaseException):
    """The process ends here."""


def crashing_at(call, function):
    """`function`, which ends the process at its call number `call` instead of doing anything."""
    calls = []

    def counted(*arguments):
        calls.append(arguments)
        if len(calls) > call:
            raise Crash
        return function(*arguments)

    return counted


class AgainstADictionary(RuleBasedStateMachine):
    """The store does what a dictionary does, whatever happens to its files in between."""

    @initialize()
    def start(self):
        self.folder = tempfile.mkdtemp()
        self.now = 100
        self.model = {}
        self.store = self.opened()

    def opened(self):
        return Store(self.folder, lambda: self.now, memtable_bytes=60, sync=False)

    def expected(self):
        return {k: v for k, (v, end) in self.model.items() if end == 0 or self.now < end}

    @rule(key=NEAR, value=VALUES, ttl=st.none() | st.integers(min_value=1, max_value=5))
    def put(self, key, value, ttl):
        self.store.put(key, value, ttl=ttl)
        self.model[key] = (value, 0 if ttl is None else self.now + ttl)

    @rule(key=NEAR)
    def delete(self, key):
        assert self.store.delete(key) == (key in self.expected())
        self.model.pop(key, None)

    @rule(changes=st.dictionaries(NEAR, st.none() | VALUES, max_size=4))
    def write(self, changes):
        batch = Batch()
        for key, value in changes.items():
            if value is None:
                batch.delete(key)
                self.model.pop(key, None)
            else:
                batch.put(key, value)
                self.model[key] = (value, 0)
        self.store.write(batch)

    @rule(seconds=st.integers(min_value=1, max_value=3))
    def wait(self, seconds):
        self.now += seconds

    @rule()
    def flush(self):
        self.store.flush()

    @rule(everything=st.booleans())
    def compact(self, everything):
        self.store.compact(everything=everything)

    @rule()
    def reopen(self):
        self.store.close()
        self.store = self.opened()

    @rule(key=NEAR, value=VALUES, cut=st.integers(0, 30))
    def crash_in_a_write(self, key, value, cut):
        self.store.close()
        whole = frame(Batch().put(key, value).encode())
        logs = [name for name in os.listdir(self.folder) if name.endswith(".log")]
        with open(os.path.join(self.folder, logs[0]), "ab") as file:
            file.write(whole[: cut % len(whole)])
        self.store = self.opened()

    @rule(function=st.sampled_from(["replace", "remove"]), call=st.integers(0, 1), compact=st.booleans())
    def crash_between_files(self, function, call, compact):
        action = (lambda: self.store.compact(everything=True)) if compact else self.store.flush
        with mock.patch.object(os, function, crashing_at(call, getattr(os, function))):
            try:
                action()
            except Crash:
                pass
        self.store.close()
        self.store = self.opened()

    @rule(key=NEAR)
    def get(self, key):
        assert self.store.get(key) == self.expected().get(key)

    @rule(start=NEAR, stop=NEAR)
    def scan(self, start, stop):
        inside = {k: v for k, v in self.expected().items() if start <= k < stop}
        assert list(self.store.scan(start, stop)) == sorted(inside.items())

    @invariant()
    def same(self):
        if hasattr(self, "store"):
            assert dict(self.store.scan()) == self.expected()

    def teardown(self):
        if hasattr(self, "store"):
            self.store.close()
            shutil.rmtree(self.folder)


TestAgainstADictionary = AgainstADictionary.TestCase

"""Numbers, records, batches and filters as bytes."""

import pytest
from kvstore.batch import Batch, decode_batch
from kvstore.bloom import Bloom
from kvstore.errors import UsageError
from kvstore.record import (
    Damaged,
    Entry,
    Torn,
    decode_body,
    encode_body,
    frame,
    unframe,
)
from kvstore.varint import decode_varint, encode_varint


@pytest.mark.parametrize(
    "number, data",
    [(0, b"\x00"), (1, b"\x01"), (127, b"\x7f"), (128, b"\x80\x01"), (300, b"\xac\x02")],
)
def test_varint(number, data):
    assert encode_varint(number) == data
    assert decode_varint(data) == (number, len(data))


def test_varint_inside_other_bytes():
    assert decode_varint(b"xx\xac\x02yy", 2) == (300, 4)


def test_varint_of_a_negative_number():
    with pytest.raises(ValueError):
        encode_varint(-1)


def test_varint_cut_off():
    with pytest.raises(ValueError, match="cut off"):
        decode_varint(b"\x80\x80")


def test_varint_without_end():
    with pytest.raises(ValueError, match="does not end"):
        decode_varint(b"\x80" * 12)


@pytest.mark.parametrize(
    "entry",
    [
        Entry(b"k", b"value"),
        Entry(b"k", b""),
        Entry(b"k", None),
        Entry(b"key", b"v", 1234567),
    ],
)
def test_body_round_trip(entry):
    body = encode_body(entry)
    assert decode_body(body) == (entry, len(body))


def test_body_layout():
    assert encode_body(Entry(b"k", b"vv")) == b"\x00\x01k\x02vv"
    assert encode_body(Entry(b"k", None)) == b"\x01\x01k"


def test_body_with_unknown_flags():
    with pytest.raises(ValueError, match="flags"):
        decode_body(b"\x08\x01k\x01v")


def test_body_cut_off():
    with pytest.raises(ValueError):
        decode_body(encode_body(Entry(b"key", b"value"))[:-1])


def test_entry_alive():
    assert Entry(b"k", b"v").alive(10**9)
    assert not Entry(b"k", None).alive(0)
    assert Entry(b"k", b"v", 10).alive(9)
    assert not Entry(b"k", b"v", 10).alive(10)


def test_entry_size():
    assert Entry(b"key", b"value").size() == 8
    assert Entry(b"key", None).size() == 3


def test_frame_round_trip():
    data = b"before" + frame(b"body") + b"after"
    assert unframe(data, 6) == (b"body", len(data) - 5)


def test_frame_of_nothing():
    assert unframe(frame(b""), 0) == (b"", 12)


def test_torn_frames():
    data = frame(b"some body")
    for end in range(1, len(data)):
        with pytest.raises(Torn):
            unframe(data[:end], 0)


def test_no_damage_passes_for_a_torn_frame():
    data = frame(b"some body")
    for place in range(len(data)):
        for bit in (1, 128):
            damaged = bytearray(data)
            damaged[place] ^= bit
            with pytest.raises(Damaged, match="checksum"):
                unframe(bytes(damaged), 0)


def test_batch_keeps_the_last_change_of_a_key():
    batch = Batch().put(b"a", b"1").put(b"b", b"2").delete(b"a")
    assert len(batch) == 2
    assert [entry.key for entry in batch] == [b"b", b"a"]
    assert list(batch)[1].deleted


def test_batch_round_trip():
    batch = Batch().put(b"a", b"1").delete(b"b").put(b"c", b"3", expires=9)
    assert decode_batch(batch.encode()) == list(batch)


def test_batch_with_bytes_left_over():
    with pytest.raises(ValueError, match="left over"):
        decode_batch(Batch().put(b"a", b"1").encode() + b"x")


@pytest.mark.parametrize("key", [b"", b"x" * 1025, "text", None])
def test_impossible_keys(key):
    with pytest.raises(UsageError):
        Batch().put(key, b"v")


def test_longest_key_and_impossible_values():
    Batch().put(b"x" * 1024, b"v")
    with pytest.raises(UsageError):
        Batch().put(b"k", "text")
    with pytest.raises(UsageError):
        Batch().put(b"k", b"v", expires=-1)


def test_bloom_finds_what_was_added():
    keys = [b"key%d" % number for number in range(100)]
    bloom = Bloom.of(keys)
    assert all(bloom.may_hold(key) for key in keys)


def test_bloom_seldom_finds_what_was_not():
    bloom = Bloom.of([b"key%d" % number for number in range(200)])
    wrong = sum(bloom.may_hold(b"other%d" % number) for number in range(1000))
    assert wrong < 120


def test_bloom_round_trip():
    bloom = Bloom.of([b"a", b"b"])
    assert Bloom.from_bytes(bloom.to_bytes()).may_hold(b"a")
    assert len(Bloom.of([]).to_bytes()) == 1

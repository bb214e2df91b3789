"""What is compared with the reference: inputs drawn from a random generator, and plain results.

Each call runs in an empty working folder of its own.
"""

from __future__ import annotations

import os
import random
from typing import Any

from kvstore import Batch, CorruptionError, KvError, Store, open_store
from kvstore.batch import decode_batch
from kvstore.bloom import Bloom
from kvstore.compaction import choose
from kvstore.manifest import Manifest, read_manifest, write_manifest
from kvstore.memtable import Memtable
from kvstore.merge import compacted, merge, readable
from kvstore.record import Entry, decode_body, encode_body, frame, unframe
from kvstore.segment import Segment, write_segment
from kvstore.varint import decode_varint, encode_varint
from kvstore.view import successor
from kvstore.wal import Log

Step = tuple[Any, ...]
KINDS = ["put", "put", "put", "ttl", "delete", "batch", "flush", "compact", "all", "reopen"]
KINDS += ["wait", "increment", "swap", "get", "scan", "prefix", "left", "snapshot", "release", "wrong"]


def _key(rng: random.Random) -> bytes:
    return bytes(rng.choice(b"abc\xff") for _ in range(rng.randint(1, 3)))


def _near(rng: random.Random) -> bytes:
    """One of few keys, so that the steps of a session meet."""
    return rng.choice([b"a", b"a\xff", b"ab", b"b", b"b1", b"c", b"\xff"])


def _value(rng: random.Random) -> bytes:
    return bytes(rng.choice(b"01234xyz") for _ in range(rng.randint(0, 8)))


def _step(rng: random.Random) -> Step:
    kind = rng.choice(KINDS)
    value = b"%d" % rng.randint(0, 99) if rng.random() < 0.3 else _value(rng)
    return (kind, _near(rng), value, rng.randint(1, 6), _near(rng))


def steps(rng: random.Random) -> list[Step]:
    """A session: up to 24 steps with what each of them may need."""
    return [_step(rng) for _ in range(rng.randint(1, 24))]


def _batch(key: bytes, value: bytes, number: int, other: bytes) -> Batch:
    batch = Batch().put(key, value).delete(other)
    return batch.put(other + b"2", value, expires=1000 + number) if number % 2 else batch


class _Session:
    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.now = 1000
        self.store = self.opened()
        self.snapshots: list[Any] = []

    def opened(self) -> Store:
        return open_store(self.folder, lambda: self.now, memtable_bytes=48, sync=False)

    def do(self, step: Step) -> Any:
        kind, key, value, number, other = step
        store = self.store
        if kind == "wait":
            self.now += number
            return None
        if kind == "reopen":
            store.close()
            self.snapshots.clear()
            self.store = self.opened()
            return self.store.stats()
        if kind == "snapshot":
            self.snapshots.append(store.snapshot())
            return len(self.snapshots)
        if kind == "release":
            return self.release()
        if kind == "wrong":
            return self.wrong(key, value, number)
        actions = {
            "put": lambda: store.put(key, value),
            "ttl": lambda: store.put(key, value, ttl=number),
            "delete": lambda: store.delete(key),
            "batch": lambda: store.write(_batch(key, value, number, other)),
            "flush": store.flush,
            "compact": store.compact,
            "all": lambda: store.compact(everything=True),
            "increment": lambda: store.increment(key, number),
            "swap": lambda: store.compare_and_set(key, store.get(other), value),
            "get": lambda: [store.get(key), store.get(other, b"?"), key in store],
            "scan": lambda: list(store.scan(key, other, number)),
            "prefix": lambda: store.prefix(key[:1]),
            "left": lambda: store.ttl(key),
        }
        return actions[kind]()

    def wrong(self, key: bytes, value: Any, number: int) -> Any:
        """What the store does not take."""
        store = self.store
        mistakes = [
            lambda: store.put(b"", value),
            lambda: store.put(key, value, ttl=-number),
            lambda: store.put(key * 400, value),
            lambda: store.write(Batch().put(key, value.decode())),
            lambda: list(store.scan(limit=-number)),
            lambda: open_store(self.folder, lambda: 0, speed=number),
        ]
        return mistakes[number - 1]()

    def release(self) -> Any:
        if not self.snapshots:
            return None
        snapshot = self.snapshots.pop(0)
        items = snapshot.items()
        first = snapshot.get(items[0][0]) if items else None
        snapshot.close()
        return [items, first, _refused(snapshot.items)]


def _refused(call: Any) -> str:
    try:
        return f"returned {call()}"
    except KvError as problem:
        return str(problem)


def session(script: list[Step]) -> list[Any]:
    """What each step of a session returns, and what the store holds at the end."""
    running = _Session("db")
    said: list[Any] = []
    for step in script:
        try:
            said.append(running.do(step))
        except KvError as problem:
            said.append([type(problem).__name__, str(problem)])
    store = running.store
    said += [list(store.scan()), len(store), store.stats(), store.verify()]
    said += [store.backup("copy"), _refused(lambda: store.backup("copy"))]
    store.close()
    said += [_refused(store.stats), _refused(lambda: store.backup("other"))]
    said.append(sorted(name.rpartition(".")[2] for name in os.listdir("db")))
    return said


def crash(rng: random.Random) -> tuple[list[Step], int, int, int]:
    """Writes, then a cut or a flipped byte somewhere in the log."""
    script = [("put", _key(rng), _value(rng), 1, b"k") for _ in range(rng.randint(1, 4))]
    return script, rng.randint(0, 2), rng.randint(0, 60), rng.randint(1, 255)


def recovered(case: tuple[list[Step], int, int, int]) -> Any:
    """What is left after the damage, or what is said of it."""
    script, kind, place, flip = case
    store = Store("db", lambda: 1000, sync=False)
    for _, key, value, _, _ in script:
        store.put(key, value)
    store.close()
    path = os.path.join("db", "000000.log")
    with open(path, "rb") as file:
        data = bytearray(file.read())
    place = min(place, len(data) - 1)
    if kind == 0:
        del data[place:]
    elif kind == 1:
        data[place] ^= flip
    else:
        data += bytes([flip]) * place
    with open(path, "wb") as file:
        file.write(data)
    try:
        with Store("db", lambda: 1000, sync=False) as again:
            held = list(again.scan())
            return [held, again.verify(), os.path.getsize(path)]
    except CorruptionError as problem:
        return [problem.reason, problem.offset]


def damage(rng: random.Random) -> tuple[int, int, int, int]:
    """Which file to damage, where in thousandths, how (0: a cut), and how many keys there are."""
    return rng.randint(0, 3), rng.randrange(1000), rng.choice([0, rng.randint(1, 255)]), rng.randint(0, 20)


def damaged(case: tuple[int, int, int, int]) -> list[Any]:
    """What the manifest, a segment, a log or a missing segment make of the damage."""
    which, place, flip, count = case
    _fill("db", count)
    write_manifest("db", Manifest(("000001.seg",), "000000.log", 2), sync=False)
    path = os.path.join("db", ["MANIFEST", "000001.seg", "000000.log", "000001.seg"][which])
    with open(path, "rb") as file:
        data = bytearray(file.read())
    place = place * len(data) // 1000
    if flip and data:
        data[place] ^= flip
    else:
        del data[place:]
    if which == 3:
        os.remove(path)
    else:
        with open(path, "wb") as file:
            file.write(data)
    return [_read(what) for what in ("manifest", "store")]


def _fill(folder: str, count: int) -> None:
    os.mkdir(folder)
    keys = [b"%02d" % number for number in range(count)]
    write_segment(os.path.join(folder, "000001.seg"), [Entry(key, key) for key in keys], sync=False)
    log = Log(os.path.join(folder, "000000.log"), sync=False)
    for key in keys[:5]:
        log.append(Batch().delete(key).encode())
    log.close()


def _read(what: str) -> Any:
    try:
        if what == "manifest":
            return repr(read_manifest("db"))
        with Store("db", lambda: 0, sync=False) as store:
            return [list(store.scan(limit=3)), store.verify()]
    except CorruptionError as problem:
        return [os.path.basename(problem.path), problem.offset, problem.reason]


def numbers(rng: random.Random) -> tuple[int, bytes]:
    """A number of any size, and bytes that may be one."""
    size = rng.choice([1, 7, 8, 14, 15, 30, 63])
    return rng.randrange(2**size), bytes(rng.randrange(256) for _ in range(rng.randint(0, 12)))


def codec(case: tuple[int, bytes]) -> list[Any]:
    """The number as bytes and back; the bytes read as a number, a record and a batch."""
    number, data = case
    said: list[Any] = [encode_varint(number), decode_varint(encode_varint(number) + data)]
    whole = Batch().put(b"k", data).encode()
    readers = [decode_varint, decode_body, decode_batch, lambda raw: unframe(raw, 0)]
    readers += [lambda raw: decode_batch(whole + raw[:1]), lambda raw: encode_varint(-len(raw))]
    for read in readers:
        try:
            said.append(repr(read(data)))
        except Exception as problem:
            said.append([type(problem).__name__, str(problem)])
    return said


def table(rng: random.Random) -> list[tuple[bytes, Any, int]]:
    """Entries by key: (key, value or None, expiry)."""
    keys = sorted({_key(rng) for _ in range(rng.randint(0, 25))})
    return [
        (key, None if rng.random() < 0.2 else _value(rng), rng.choice([0, 0, 0, rng.randint(1, 9)]))
        for key in keys
    ]


def records(rows: list[tuple[bytes, Any, int]]) -> list[Any]:
    """Each entry as a framed body and back, its size and whether it is alive."""
    said: list[Any] = []
    for key, value, expires in rows:
        entry = Entry(key, value, expires)
        body, _ = unframe(frame(encode_body(entry)), 0)
        again, end = decode_body(body)
        said.append([body, again == entry, end, entry.size(), entry.alive(5)])
    return said


def segment(rows: list[tuple[bytes, Any, int]]) -> list[Any]:
    """A segment file: its size, scans from several keys, and what it says of keys it lacks."""
    entries = [Entry(*row) for row in rows]
    count = write_segment("1.seg", entries, sync=False)
    opened = Segment("1.seg")
    said: list[Any] = [count, opened.size, opened.name, opened.check()]
    said.append([[e.key, e.value] for e in opened.scan(b"b")])
    said.append([opened.get(key) is not None for key in (b"a", b"ab", b"c\xff", b"zz")])
    said.append([opened.get(entry.key) == entry for entry in entries])
    try:
        said.append(write_segment("2.seg", reversed(entries), sync=False))
    except ValueError as problem:
        said.append(str(problem))
    return said


def tables(rng: random.Random) -> list[list[tuple[bytes, Any, int]]]:
    """Up to four tables of entries, newest first."""
    return [table(rng) for _ in range(rng.randint(0, 4))]


def merged(streams: list[list[tuple[bytes, Any, int]]]) -> list[Any]:
    """The tables merged, read, and compacted above and at the bottom; and in one memtable."""
    sources = [[Entry(*row) for row in rows] for rows in streams]
    every = list(merge(sources))
    memtable = Memtable()
    for source in reversed(sources):
        for entry in source:
            memtable.set(entry)
    return [
        [(e.key, e.value, e.expires) for e in every],
        list(readable(every, 5)),
        [(e.key, e.deleted) for e in compacted(every, 5, oldest=True)],
        [(e.key, e.deleted) for e in compacted(every, 5, oldest=False)],
        [len(memtable), memtable.size, [e.key for e in memtable.scan(b"b")]],
        [e.key for e in memtable.copy().scan()],
    ]


def sizes(rng: random.Random) -> tuple[list[int], list[bytes]]:
    """Sizes of segments, and keys."""
    count = rng.randint(0, 9)
    return [rng.randint(1, 40) for _ in range(count)], [_key(rng) for _ in range(rng.randint(0, 9))]


def choices(case: tuple[list[int], list[bytes]]) -> list[Any]:
    """Which segments would be merged; the ends of prefixes; the bits of a filter."""
    lengths, keys = case
    chosen = choose(lengths)
    bloom = Bloom.of(keys)
    return [
        None if chosen is None else list(chosen),
        [successor(key) for key in keys],
        bloom.to_bytes(),
        [bloom.may_hold(key) for key in (b"a", b"b", b"cc", *keys)],
    ]

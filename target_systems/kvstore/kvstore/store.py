"""The store: writes go to the log and the memtable, full memtables become segments, segments merge."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from types import TracebackType

from .batch import Batch, check_key
from .compaction import choose
from .errors import ClosedError, CorruptionError, UsageError
from .files import ASIDE
from .manifest import NAME, Manifest, read_manifest, write_manifest
from .memtable import Memtable
from .merge import compacted, merge
from .record import Entry
from .segment import Segment, write_segment
from .view import find, select, successor
from .wal import Log, read_log, recover_log

MEMTABLE_BYTES = 64 * 1024
Clock = Callable[[], int]


class Snapshot:
    """The store as it was at one moment. What is written later is not seen."""

    def __init__(self, store: Store, table: Memtable, segments: list[Segment], now: int) -> None:
        self._store: Store | None = store
        self._table = table
        self._segments = segments
        self._now = now

    def _open(self) -> None:
        if self._store is None:
            raise ClosedError("the snapshot is closed")

    def get(self, key: bytes) -> bytes | None:
        """The value that the key had."""
        self._open()
        entry = find(check_key(key), self._table, self._segments)
        return entry.value if entry is not None and entry.alive(self._now) else None

    def items(self) -> list[tuple[bytes, bytes]]:
        """All keys with their values, by key."""
        self._open()
        return list(select(self._table, self._segments, self._now))

    def close(self) -> None:
        """Lets go of the files; more than once does no harm."""
        if self._store is not None:
            self._store._release(self)
            self._store = None

    def __enter__(self) -> Snapshot:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Store:
    """A key-value store in a folder. One process may have it open at a time.

    `clock` says the time in whole seconds. A memtable of `memtable_bytes` becomes a segment. Without
    `sync` a crash of the machine, though not of the process, may lose what was written last.
    """

    def __init__(
        self,
        folder: str,
        clock: Clock,
        memtable_bytes: int = MEMTABLE_BYTES,
        sync: bool = True,
    ) -> None:
        if memtable_bytes < 1:
            raise UsageError(f"a memtable of {memtable_bytes} bytes")
        self.folder = folder
        self._clock = clock
        self._limit = memtable_bytes
        self._sync = sync
        self._closed = False
        self._snapshots: list[Snapshot] = []
        self._doomed: list[str] = []
        os.makedirs(folder, exist_ok=True)
        self._recover()

    # opening and closing

    def _recover(self) -> None:
        manifest = read_manifest(self.folder)
        if manifest is None:
            self._must_be_new()
            manifest = Manifest()
            write_manifest(self.folder, manifest, self._sync)
        self._manifest = manifest
        self._segments = [self._segment(name) for name in manifest.segments]
        self._table = Memtable()
        for batch in recover_log(self._path(manifest.log)):
            self._apply(batch)
        self._log = Log(self._path(manifest.log), self._sync)
        self._sweep()

    def _must_be_new(self) -> None:
        """No crash leaves files without a manifest, which is written first: it was lost."""
        if any(name.endswith((".log", ".seg")) for name in os.listdir(self.folder)):
            raise CorruptionError(self._path(NAME), 0, "is missing")

    def _segment(self, name: str) -> Segment:
        path = self._path(name)
        if not os.path.exists(path):
            raise CorruptionError(path, 0, "is missing")
        return Segment(path)

    def _path(self, name: str) -> str:
        return os.path.join(self.folder, name)

    def _sweep(self) -> None:
        """Removes what a crash left behind: files that the manifest does not name."""
        named = {NAME, self._manifest.log, *self._manifest.segments}
        for name in sorted(os.listdir(self.folder)):
            known = name.endswith((".log", ".seg", ASIDE))
            if known and name not in named:
                os.remove(self._path(name))

    def close(self) -> None:
        """Closes the files; more than once does no harm. Nothing is lost: all is in the log."""
        if not self._closed:
            self._closed = True
            self._log.close()
            for snapshot in list(self._snapshots):
                snapshot.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _open(self) -> None:
        if self._closed:
            raise ClosedError("the store is closed")

    # writing

    def put(self, key: bytes, value: bytes, ttl: int | None = None) -> None:
        """Sets a key; with `ttl` it is gone after so many seconds."""
        if ttl is not None and ttl <= 0:
            raise UsageError(f"a time to live of {ttl}")
        expires = 0 if ttl is None else self._clock() + ttl
        self.write(Batch().put(key, value, expires))

    def delete(self, key: bytes) -> bool:
        """Removes a key; says whether it was there."""
        found = self.get(key) is not None
        if found:
            self.write(Batch().delete(key))
        return found

    def write(self, batch: Batch) -> None:
        """Makes all changes of a batch at once."""
        self._open()
        if len(batch) == 0:
            return
        self._log.append(batch.encode())
        self._apply(batch)
        if self._table.size >= self._limit:
            self.flush()

    def _apply(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            self._table.set(entry)

    def increment(self, key: bytes, by: int = 1) -> int:
        """Adds to a key that holds a number in decimal digits, 0 where there is none."""
        current = self.get(key)
        try:
            number = int(current or b"0") + by
        except ValueError:
            raise UsageError(f"{key!r} does not hold a number") from None
        self.put(key, str(number).encode())
        return number

    def compare_and_set(self, key: bytes, expected: bytes | None, value: bytes) -> bool:
        """Sets a key only where it holds `expected` (None: where it is not there)."""
        if self.get(key) != expected:
            return False
        self.put(key, value)
        return True

    # reading

    def get(self, key: bytes, default: bytes | None = None) -> bytes | None:
        """The value of a key."""
        self._open()
        entry = find(check_key(key), self._table, self._segments)
        if entry is None or not entry.alive(self._clock()):
            return default
        return entry.value

    def __contains__(self, key: bytes) -> bool:
        return self.get(key) is not None

    def __len__(self) -> int:
        return sum(1 for _ in self.scan())

    def scan(
        self, start: bytes = b"", stop: bytes | None = None, limit: int | None = None
    ) -> Iterator[tuple[bytes, bytes]]:
        """(key, value) by key, from `start` up to but without `stop`."""
        self._open()
        return select(self._table.copy(), list(self._segments), self._clock(), start, stop, limit)

    def prefix(self, prefix: bytes) -> list[tuple[bytes, bytes]]:
        """All keys that begin with `prefix`, with their values."""
        return list(self.scan(prefix, successor(prefix)))

    def ttl(self, key: bytes) -> int | None:
        """Seconds until the key is gone; None where it is not there or stays."""
        self._open()
        entry = find(check_key(key), self._table, self._segments)
        now = self._clock()
        if entry is None or not entry.alive(now) or entry.expires == 0:
            return None
        return entry.expires - now

    def snapshot(self) -> Snapshot:
        """The store as it is now, whatever is written later."""
        self._open()
        made = Snapshot(self, self._table.copy(), list(self._segments), self._clock())
        self._snapshots.append(made)
        return made

    def _release(self, snapshot: Snapshot) -> None:
        self._snapshots.remove(snapshot)
        if not self._snapshots:
            for path in self._doomed:
                os.remove(path)
            self._doomed.clear()

    # files

    def flush(self) -> bool:
        """Turns the memtable into a segment; says whether there was anything in it."""
        self._open()
        if len(self._table) == 0:
            return False
        manifest = self._manifest
        name = manifest.file_name("seg")
        write_segment(self._path(name), self._table.scan(), self._sync)
        following = replace(manifest, next_file=manifest.next_file + 1)
        log = following.file_name("log")
        self._install(
            Manifest((name, *manifest.segments), log, following.next_file + 1),
            [self._segment(name), *self._segments],
        )
        before, self._log = self._log, Log(self._path(log), self._sync)
        self._table = Memtable()
        before.close()
        os.remove(before.path)
        return True

    def _install(self, manifest: Manifest, segments: list[Segment]) -> None:
        write_manifest(self.folder, manifest, self._sync)
        self._manifest = manifest
        self._segments = segments

    def compact(self, everything: bool = False) -> int:
        """Merges segments; returns how many were merged into one. `everything` takes them all."""
        self._open()
        count = len(self._segments)
        chosen = range(count) if everything else choose([each.size for each in self._segments])
        if chosen is None or len(chosen) == 0:
            return 0
        old = [self._segments[place] for place in chosen]
        oldest = chosen[-1] == count - 1
        name = self._manifest.file_name("seg")
        merged = merge([segment.scan() for segment in old])
        kept = compacted(merged, self._clock(), oldest=oldest)
        write_segment(self._path(name), kept, self._sync)
        before, after = self._segments[: chosen[0]], self._segments[chosen[-1] + 1 :]
        segments = [*before, self._segment(name), *after]
        names = tuple(segment.name for segment in segments)
        self._install(Manifest(names, self._manifest.log, self._manifest.next_file + 1), segments)
        self._discard([segment.path for segment in old])
        return len(old)

    def _discard(self, paths: list[str]) -> None:
        """Removes files; those that a snapshot may read are kept until it is closed."""
        if self._snapshots:
            self._doomed.extend(paths)
            return
        for path in paths:
            os.remove(path)

    def verify(self) -> dict[str, int]:
        """Reads everything on disk and counts it. Raises CorruptionError."""
        self._open()
        entries = sum(self._segment(segment.name).check() for segment in self._segments)
        batches, _ = read_log(self._log.path)
        return {"segments": len(self._segments), "entries": entries, "batches": len(batches)}

    def stats(self) -> dict[str, int]:
        """What the store consists of, in numbers."""
        self._open()
        return {
            "memtable_entries": len(self._table),
            "memtable_bytes": self._table.size,
            "segments": len(self._segments),
            "segment_bytes": sum(segment.size for segment in self._segments),
            "log_bytes": self._log.size,
        }

    def backup(self, folder: str) -> int:
        """Copies what can be read now into a new store in `folder`; returns the number of keys."""
        self._open()
        if os.path.exists(folder) and os.listdir(folder):
            raise UsageError(f"{folder} is not empty")
        now = self._clock()
        count = 0
        with Store(folder, self._clock, self._limit, self._sync) as other:
            for entry in merge([self._table.scan(), *(each.scan() for each in self._segments)]):
                if entry.alive(now) and entry.value is not None:
                    other.write(Batch().put(entry.key, entry.value, entry.expires))
                    count += 1
            other.flush()
        return count


def open_store(folder: str, clock: Clock, **options: int | bool) -> Store:
    """Opens the store in `folder`, or makes one. Options are those of Store."""
    unknown = sorted(set(options) - {"memtable_bytes", "sync"})
    if unknown:
        raise UsageError(f"unknown option {unknown[0]}")
    return Store(
        folder,
        clock,
        int(options.get("memtable_bytes", MEMTABLE_BYTES)),
        bool(options.get("sync", True)),
    )

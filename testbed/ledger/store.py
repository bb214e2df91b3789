"""One SQLite file for each run: records in a hash chain per lineage, sources by content, timings apart.

A generation is one transaction, so a process killed at any instant leaves whole generations behind.
The manifest is written before anything else, as a file that a person can read.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import sqlite3
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from testbed import whole
from testbed.errors import UserError
from testbed.facts import SCHEMA, GenerationFact, OutcomeFact, Record, canonical, parse

MANIFEST = "manifest.json"
FACTS = "ledger.sqlite"
LOCK = "lock"
DIGEST_LENGTH = 32
_CHECKSUM = "checksum"

_TABLES = """
CREATE TABLE IF NOT EXISTS records (
    condition INTEGER, lineage INTEGER, generation INTEGER, seq INTEGER,
    body TEXT NOT NULL, chain TEXT NOT NULL,
    PRIMARY KEY (condition, lineage, seq)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS blobs (digest TEXT PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS timings (
    condition INTEGER, lineage INTEGER, generation INTEGER, body TEXT NOT NULL,
    PRIMARY KEY (condition, lineage, generation)
);
CREATE TRIGGER IF NOT EXISTS no_update BEFORE UPDATE ON records BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER IF NOT EXISTS no_delete BEFORE DELETE ON records BEGIN SELECT RAISE(ABORT, 'append only'); END;
"""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a lineage is: its last whole generation, and whether it has ended."""

    generation: int
    ended: bool


def blob_digest(text: str) -> str:
    """The name of a source text in the ledger."""
    return hashlib.sha256(text.encode()).hexdigest()[:DIGEST_LENGTH]


def damaged(path: Path, what: str) -> UserError:
    """Something is not what was written. Nothing is guessed: facts that may be wrong are none."""
    return UserError(
        f"is damaged ({what})", where=str(path), remedy="restore a copy, or run the campaign again"
    )


def full(folder: Path, why: str) -> UserError:
    """The folder takes nothing more; what was written before stands."""
    return UserError(
        f"cannot be written ({why})",
        where=str(folder),
        remedy=f"make room or give it back, then go on with `testbed resume {folder}`",
    )


class Ledger:
    """The facts of one run. One writer (it holds a lock that dies with it), any number of readers."""

    def __init__(self, folder: Path, manifest: Mapping[str, Any], connection: sqlite3.Connection) -> None:
        self.folder = folder
        self.manifest = manifest
        self._db = connection
        self._lock: int | None = None
        self._tails: dict[tuple[int, int], tuple[int, str]] = {}

    @classmethod
    def create(cls, folder: Path, manifest: Mapping[str, Any]) -> Ledger:
        """A new ledger in an empty (or new) folder. Raises UserError where that cannot be."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _refuse_taken(folder)
            lock = _locked(folder)
            try:
                _refuse_taken(folder)  # somebody else may have been faster
            except UserError:
                os.close(lock)
                raise
            _write_manifest(folder, {**manifest, "schema": SCHEMA})
        except OSError as problem:
            raise UserError(
                f"cannot write there ({problem.strerror})", where=str(folder), remedy="give another --out"
            ) from None
        ledger = cls(folder, {**manifest, "schema": SCHEMA}, _connect(folder))
        ledger._lock = lock
        return ledger

    @classmethod
    def open(cls, folder: Path, *, write: bool = False) -> Ledger:
        """The ledger of a run. Raises UserError where there is none, or where another run writes to it."""
        path = folder / MANIFEST
        manifest = _read_manifest(folder)
        if manifest.get("schema") != SCHEMA:
            raise UserError(
                f"the ledger has schema {manifest.get('schema')}",
                where=str(path),
                remedy=f"this testbed reads schema {SCHEMA}",
            )
        lock = _locked(folder) if write else None
        ledger = cls(folder, manifest, _connect(folder))
        ledger._lock = lock
        ledger._refuse_damage()
        return ledger

    def _refuse_damage(self) -> None:
        """Raises UserError where a record is not what was written."""
        try:
            (said,) = self._db.execute("PRAGMA quick_check(1)").fetchone()
            where = said if said != "ok" else self.broken()
        except (sqlite3.Error, TypeError) as problem:
            where = str(problem)
        if where:
            self.close()
            raise damaged(self.folder / FACTS, where)

    def replan(self, manifest: Mapping[str, Any]) -> None:
        """Writes a manifest with more lineages; what was run stays as it was."""
        _write_manifest(self.folder, manifest)
        self.manifest = manifest

    def append(
        self,
        condition: int,
        lineage: int,
        generation: int,
        records: Sequence[Record],
        blobs: Mapping[str, str],
        timings: Mapping[str, float],
    ) -> None:
        """Writes one generation of one lineage, whole or not at all."""
        seq, chain = self._tail(condition, lineage)
        rows = []
        for record in records:
            body = canonical(record.body())
            chain = hashlib.sha256(f"{chain}\n{body}".encode()).hexdigest()
            rows.append((condition, lineage, generation, seq, body, chain))
            seq += 1
        try:
            self._insert(condition, lineage, generation, rows, blobs, timings)
        except sqlite3.Error as problem:
            raise full(self.folder, str(problem)) from None
        self._tails[condition, lineage] = (seq, chain)

    def _insert(
        self,
        condition: int,
        lineage: int,
        generation: int,
        rows: Sequence[tuple[int, int, int, int, str, str]],
        blobs: Mapping[str, str],
        timings: Mapping[str, float],
    ) -> None:
        with self._db:
            self._db.executemany("INSERT INTO records VALUES (?,?,?,?,?,?)", rows)
            self._db.executemany(
                "INSERT OR IGNORE INTO blobs VALUES (?,?)",
                [(digest, zlib.compress(text.encode())) for digest, text in blobs.items()],
            )
            self._db.execute(
                "INSERT OR REPLACE INTO timings VALUES (?,?,?,?)",
                (condition, lineage, generation, json.dumps(dict(timings))),
            )

    def _tail(self, condition: int, lineage: int) -> tuple[int, str]:
        known = self._tails.get((condition, lineage))
        if known is not None:
            return known
        row = self._db.execute(
            "SELECT seq, chain FROM records WHERE condition=? AND lineage=? ORDER BY seq DESC LIMIT 1",
            (condition, lineage),
        ).fetchone()
        return (row[0] + 1, row[1]) if row else (0, "")

    def records(self) -> Iterator[tuple[int, int, Record]]:
        """(condition, lineage, record) in order; baselines come first as condition and lineage -1."""
        query = "SELECT condition, lineage, body FROM records ORDER BY condition, lineage, seq"
        for condition, lineage, body in self._db.execute(query):
            yield condition, lineage, parse(json.loads(body))

    def of_lineage(self, condition: int, lineage: int) -> list[Record]:
        """One lineage's records in order."""
        rows = self._db.execute(
            "SELECT body FROM records WHERE condition=? AND lineage=? ORDER BY seq", (condition, lineage)
        )
        return [parse(json.loads(body)) for (body,) in rows]

    def timings(self) -> Iterator[tuple[int, int, int, dict[str, float]]]:
        """(condition, lineage, generation, seconds by stage): measured, never facts."""
        query = "SELECT condition, lineage, generation, body FROM timings ORDER BY 1, 2, 3"
        for condition, lineage, generation, body in self._db.execute(query):
            yield condition, lineage, generation, json.loads(body)

    def blob(self, digest: str) -> str:
        """The source text of that digest. Raises UserError when it is not there, or not what it was."""
        row = self._db.execute("SELECT data FROM blobs WHERE digest=?", (digest,)).fetchone()
        if row is None:
            raise damaged(self.folder / FACTS, f"source {digest} is not there")
        try:
            text = zlib.decompress(row[0]).decode()
        except (zlib.error, TypeError, UnicodeDecodeError) as problem:
            raise damaged(self.folder / FACTS, f"source {digest}: {problem}") from None
        if len(digest) == DIGEST_LENGTH and blob_digest(text) != digest:
            raise damaged(self.folder / FACTS, f"source {digest}")
        return text

    def progress(self) -> dict[tuple[int, int], Progress]:
        """How far each lineage is that has begun."""
        found: dict[tuple[int, int], Progress] = {}
        for condition, lineage, record in self.records():
            if isinstance(record, GenerationFact | OutcomeFact):
                ended = isinstance(record, OutcomeFact)
                found[condition, lineage] = Progress(record.generation, ended)
        return found

    def reached(self) -> dict[tuple[int, int], Progress]:
        """What `progress` says, from the last record of each lineage alone: cheap while a run is writing."""
        query = (
            "SELECT r.condition, r.lineage, r.generation, r.body FROM records r JOIN "
            "(SELECT condition, lineage, MAX(seq) AS seq FROM records WHERE condition >= 0 "
            "GROUP BY condition, lineage) USING (condition, lineage, seq)"
        )
        return {
            (condition, lineage): Progress(generation, json.loads(body)["kind"] == OutcomeFact.kind)
            for condition, lineage, generation, body in self._db.execute(query)
        }

    def lines(self) -> Iterator[str]:
        """All facts as canonical JSON lines: equal campaigns and seeds give equal bytes."""
        query = "SELECT condition, lineage, seq, body FROM records ORDER BY condition, lineage, seq"
        for condition, lineage, seq, body in self._db.execute(query):
            yield canonical(
                {"condition": condition, "lineage": lineage, "seq": seq, "record": json.loads(body)}
            )

    def digest(self) -> str:
        """The sha256 of `lines`."""
        total = hashlib.sha256()
        for line in self.lines():
            total.update(line.encode() + b"\n")
        return total.hexdigest()

    def broken(self) -> str:
        """Where the hash chain does not hold, or "" when every record is as it was written."""
        chains: dict[tuple[int, int], str] = {}
        query = "SELECT condition, lineage, seq, body, chain FROM records ORDER BY condition, lineage, seq"
        for condition, lineage, seq, body, chain in self._db.execute(query):
            before = chains.get((condition, lineage), "")
            if hashlib.sha256(f"{before}\n{body}".encode()).hexdigest() != chain:
                return f"condition {condition}, lineage {lineage}, record {seq}"
            chains[condition, lineage] = chain
        return ""

    def close(self) -> None:
        """Closes the file and lets go of the lock."""
        self._db.close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def is_free(folder: Path) -> bool:
    """Whether a run can begin there: nothing is in it but what one that was stopped before it began left."""
    return all(path.name == LOCK or path.name.startswith(f".{MANIFEST}.") for path in folder.iterdir())


def _refuse_taken(folder: Path) -> None:
    if not is_free(folder):
        remedy = f"give another --out, or go on with `testbed resume {folder}`"
        raise UserError("the folder is not empty", where=str(folder), remedy=remedy)


def _write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Whole or not at all."""
    whole.write(folder / MANIFEST, json.dumps({**manifest, _CHECKSUM: _checksum(manifest)}, indent=2) + "\n")


def _checksum(manifest: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(json.loads(json.dumps(manifest))).encode()).hexdigest()


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as problem:
        raise damaged(path, str(problem)) from None
    except OSError:
        raise UserError(
            "this is not the folder of a run", where=str(folder), remedy=f"a run has a {MANIFEST}"
        ) from None
    try:
        manifest: dict[str, Any] = json.loads(text)
        said = manifest.pop(_CHECKSUM, None)
    except (ValueError, AttributeError, TypeError) as problem:
        raise damaged(path, str(problem)) from None
    if said is not None and said != _checksum(manifest):
        raise damaged(path, "its checksum does not hold")
    return manifest


def _connect(folder: Path) -> sqlite3.Connection:
    path = folder / FACTS
    try:
        if path.exists() and not (os.access(folder, os.W_OK) and os.access(path, os.W_OK)):
            return _only_read(path)
        connection = sqlite3.connect(path, timeout=30)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.executescript(_TABLES)
    except sqlite3.Error as problem:
        raise damaged(path, str(problem)) from None
    return connection


def _only_read(path: Path) -> sqlite3.Connection:
    """For a folder that cannot be written: as it is, or with what a run has not yet moved to the file."""
    how = "mode=ro" if Path(f"{path}-wal").exists() else "mode=ro&immutable=1"
    return sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, timeout=30)


def _locked(folder: Path) -> int:
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise UserError(
            "another run writes to this folder", where=str(folder), remedy="wait for it, or stop it"
        ) from None
    return handle

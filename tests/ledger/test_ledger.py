"""The ledger keeps what it was given, whole generations only, and knows when it was tampered with."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from testbed.errors import UserError
from testbed.facts import EndFact, OutcomeFact, UnplacedFact
from testbed.ledger import History, Ledger

RECORDS = (UnplacedFact(1, 1, "no site"), EndFact(3, 1, "unit", "test_x.py::test_y", 0))


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = Ledger.create(tmp_path / "run", {"name": "n", "seed": 1})
    made.append(0, 0, 1, RECORDS, {"d": "text\n"}, {"cpu": 0.5})
    return made


def test_records_come_back_equal_and_in_order(ledger: Ledger) -> None:
    ledger.append(0, 0, 2, [OutcomeFact(1, "stalled", ())], {}, {})
    assert [record for _c, _l, record in ledger.records()] == [*RECORDS, OutcomeFact(1, "stalled", ())]
    assert ledger.blob("d") == "text\n"
    assert next(iter(ledger.timings())) == (0, 0, 1, {"cpu": 0.5})
    assert ledger.progress()[0, 0].ended


def test_a_reader_sees_what_a_writer_has_written(ledger: Ledger) -> None:
    reader = Ledger.open(ledger.folder)
    assert reader.digest() == ledger.digest()
    assert reader.manifest["name"] == "n"


def test_the_digest_does_not_depend_on_the_order_in_which_lineages_arrive(tmp_path: Path) -> None:
    one, two = Ledger.create(tmp_path / "1", {}), Ledger.create(tmp_path / "2", {})
    one.append(0, 0, 1, RECORDS, {}, {})
    one.append(0, 1, 1, RECORDS[:1], {}, {})
    two.append(0, 1, 1, RECORDS[:1], {}, {"cpu": 9.0})
    two.append(0, 0, 1, RECORDS, {}, {})
    assert one.digest() == two.digest()


def test_a_record_cannot_be_changed_and_a_changed_one_is_found(ledger: Ledger) -> None:
    raw = sqlite3.connect(ledger.folder / "ledger.sqlite")
    with pytest.raises(sqlite3.DatabaseError, match="append only"):
        raw.execute("UPDATE records SET body = '{}'")
    assert ledger.broken() == ""
    raw.executescript("DROP TRIGGER no_update; UPDATE records SET body = '{}' WHERE seq = 1;")
    raw.close()
    assert ledger.broken() == "condition 0, lineage 0, record 1"


def test_a_second_writer_is_refused_until_the_first_is_gone(ledger: Ledger) -> None:
    with pytest.raises(UserError, match="another run"):
        Ledger.open(ledger.folder, write=True)
    ledger.close()
    Ledger.open(ledger.folder, write=True).close()


def test_a_folder_that_is_not_empty_or_not_a_run_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    with pytest.raises(UserError, match="not empty"):
        Ledger.create(tmp_path, {})
    with pytest.raises(UserError, match="not the folder of a run"):
        Ledger.open(tmp_path)


def test_a_generation_that_fails_half_way_leaves_nothing(ledger: Ledger) -> None:
    before = ledger.digest()
    with pytest.raises(TypeError, match="not JSON"):
        ledger.append(0, 0, 2, RECORDS, {"e": "x"}, {"cpu": 1.0, "bad": object()})  # type: ignore[dict-item]
    assert ledger.digest() == before


def test_commits_are_a_function_of_content(tmp_path: Path) -> None:
    files = {"p/a.py": "x = 1\n", "p/q/b.py": "y = 2\n"}
    ids = []
    for name in ("1", "2"):
        (tmp_path / name).mkdir()
        history = History(tmp_path / name)
        first = history.write("c0/l0", files, "", 1, "one")
        ids.append((first, history.write("c0/l0", {**files, "p/a.py": "x = 2\n"}, first, 2, "two")))
        history.close()
    assert ids[0] == ids[1]

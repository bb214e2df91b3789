"""A ledger of each schema version that there was: read, or refused with a word."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from testbed.analysis import summarise
from testbed.errors import UserError
from testbed.facts import SCHEMA, GenerationFact
from testbed.ledger import Ledger

FIXTURES = sorted((Path(__file__).parent / "fixtures").glob("schema-*"))


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.name)
def test_it_is_read_whole_or_refused_by_its_schema(fixture: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(fixture, folder)
    schema = json.loads((folder / "manifest.json").read_text())["schema"]
    if schema != SCHEMA:
        with pytest.raises(UserError, match=f"the ledger has schema {schema}"):
            Ledger.open(folder)
        return
    ledger = Ledger.open(folder)
    facts = [record for _c, _l, record in ledger.records()]
    sources = [fact.sources for fact in facts if isinstance(fact, GenerationFact)]
    assert len(sources) == 4
    assert all(ledger.blob(digest) for files in sources for digest in files.values())
    assert summarise(ledger)["conditions"]
    ledger.close()


def test_there_is_one_of_the_present_schema() -> None:
    assert f"schema-{SCHEMA}" in [path.name for path in FIXTURES]

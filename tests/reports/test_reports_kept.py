"""What an earlier version wrote is still read: a summary to compare with, tables beside new ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

from reports import compare, kept
from reports.exports import FORMATS, given
from testbed.analysis import summarise
from testbed.analysis.simulated import Truth, simulate
from testbed.cli import cli
from testbed.conditions import Condition, OversightFactor
from testbed.errors import UserError

OLD = Path(__file__).parent / "fixtures" / "schema-1"
DEPTHS = (0.0, 1.0)


def campaign(chance: float, *, k: int = 6, depths: tuple[float, ...] = DEPTHS) -> Any:
    conditions = [
        Condition(generations=k, lineages=8, oversight=OversightFactor(depth=depth)) for depth in depths
    ]
    return simulate(conditions, Truth(rate=4.0, detection={"logic": chance}), seed=2)


def test_the_old_summary_really_is_an_older_one() -> None:
    old, new = kept.read_summary(OLD / "summary.json"), summarise(campaign(0.3))
    assert set(old["conditions"][0]) < set(new["conditions"][0])


def test_a_kept_summary_is_compared_with_facts_condition_by_condition() -> None:
    old = kept.read_summary(OLD / "summary.json")
    found = compare.compare(old, campaign(0.02), ("old", "new"))
    assert list(dict.fromkeys(one.condition for one in found.changes)) == ["c0 depth 0", "c1 depth 1"]
    shares = [one for one in found.changes if one.measure == "persistence.share_alive"]
    assert [one.first["value"] for one in shares] == [
        one["persistence"]["share_alive"]["value"] for one in old["conditions"]
    ]
    assert shares[0].direction == "worse"
    assert any("kept summary" in line for line in compare.lines(found))


def test_a_summary_says_the_same_as_the_facts_that_it_was_made_of() -> None:
    facts, other = campaign(0.3), campaign(0.6)
    summary = json.loads(json.dumps(summarise(facts)))
    from_facts, from_summary = compare.compare(facts, other), compare.compare(summary, other)
    assert [one.direction for one in from_summary.changes] == [one.direction for one in from_facts.changes]
    assert from_summary.k == from_facts.k


def test_what_an_older_summary_lacks_is_not_known_and_no_change() -> None:
    old = kept.read_summary(OLD / "summary.json")
    for one in old["conditions"]:
        del one["oversight"]["seen_when_read"]
    found = compare.compare(old, campaign(0.3))
    (lacking, *_) = [one for one in found.changes if one.measure == "oversight.seen_when_read"]
    assert lacking.direction == "unknown"
    assert "the older summary does not have it" in compare.sentence(lacking)


def test_conditions_that_a_summary_cannot_tell_apart_are_not_compared() -> None:
    one = summarise(campaign(0.3))
    for each in one["conditions"]:
        each["levels"] = {}
    with pytest.raises(UserError, match="no condition of one campaign is like one of the other"):
        compare.compare(one, campaign(0.3))


def test_shares_after_different_cycles_are_not_compared() -> None:
    with pytest.raises(UserError, match="after 3 and 5 cycles"):
        compare.compare(summarise(campaign(0.3)), summarise(campaign(0.3), 3))


def test_the_command_takes_the_file_of_an_earlier_version(tmp_path: Path) -> None:
    new = tmp_path / "summary.json"
    new.write_text(json.dumps(summarise(campaign(0.02))))
    told = CliRunner().invoke(cli, ["compare", str(OLD / "summary.json"), str(new), "--fail-on-worse"])
    assert told.exit_code == 1, told.output
    assert ": worse" in told.output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"schema": 2}', "its schema of summary is 2, this testbed reads 1"),
        ('{"schema": 1}', "is no summary"),
        ("[]", "is no summary"),
        ("{", "is no summary"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_word(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "summary.json").write_text(text)
    with pytest.raises(UserError, match=said):
        kept.read_summary(tmp_path / "summary.json")


@pytest.mark.parametrize("name", ["faults", "generations"])
def test_old_tables_are_read_with_the_columns_of_new_ones(name: str, tmp_path: Path) -> None:
    new = tmp_path / f"{name}.parquet"
    content = FORMATS["parquet"].files(given(campaign(0.3)))[new.name]
    assert isinstance(content, bytes)
    new.write_bytes(content)
    old, fresh = kept.read_table(OLD / new.name), kept.read_table(new)
    assert set(old) == set(fresh)
    lacking = [column for column in old if old[column].isna().all() and not fresh[column].isna().all()]
    assert lacking
    assert len(pd.concat([old, fresh])) == len(old) + len(fresh) > len(fresh) > 0


def test_tables_of_another_schema_are_refused_by_its_number(tmp_path: Path) -> None:
    import pyarrow.parquet as written

    table = written.read_table(OLD / "faults.parquet")
    written.write_table(table.replace_schema_metadata({"testbed.schema": "9"}), tmp_path / "faults.parquet")
    with pytest.raises(UserError, match="its schema of tables is 9, this testbed reads 1"):
        kept.read_table(tmp_path / "faults.parquet")
    (tmp_path / "odd.parquet").write_text("no table")
    with pytest.raises(UserError, match="is no Parquet file"):
        kept.read_table(tmp_path / "odd.parquet")

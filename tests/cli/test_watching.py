"""Following a run from another terminal."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from testbed.analysis.simulated import Truth, interrupt, simulate
from testbed.cli import cli
from testbed.cli.progress import Json
from testbed.cli.watching import Pace, look
from testbed.conditions import Condition, OversightFactor
from testbed.ledger import Ledger


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run of two conditions whose second has one lineage that was cut off in its third generation."""
    conditions = [
        Condition(generations=4, lineages=2, oversight=OversightFactor(depth=depth)) for depth in (0.0, 1.0)
    ]
    facts = interrupt(simulate(conditions, Truth(), 1), 1, 1, 3)
    ledger = Ledger.create(tmp_path / "run", facts.manifest)
    for condition, lineage, record in facts.records():
        body = record.body()
        if (condition, lineage, body.get("generation")) != (1, 1, 3):
            ledger.append(condition, lineage, body.get("generation", 0), [record], {}, {})
    ledger.close()
    return tmp_path / "run"


def watch(*arguments: str) -> Any:
    return CliRunner().invoke(cli, ["watch", *arguments])


def test_a_look_says_how_far_each_condition_is(run: Path) -> None:
    ledger = Ledger.open(run)
    one = look(ledger)
    assert [(each.ended, each.generations, each.planned) for each in one.conditions] == [(2, 8, 8), (1, 6, 8)]
    assert ledger.reached() == ledger.progress()
    assert (one.running, one.finished, one.done, one.planned) == (False, False, 14, 16)
    ledger.close()


def test_a_run_that_nothing_writes_to_ends_the_watch(run: Path) -> None:
    done = watch(str(run))
    assert done.exit_code == 0
    assert done.output == "14 of 16 generations; nothing is running: go on with `testbed resume`\n"


def test_a_run_that_is_written_to_is_seen_to_run(run: Path) -> None:
    writer = Ledger.open(run, write=True)
    try:
        body = json.loads(watch(str(run), "--once", "--json").output)
        assert (body["running"], body["done"]) == (True, 14)
        again = Ledger.open(run)  # looking took no lock
        again.close()
    finally:
        writer.close()
    assert "nothing is running" in watch(str(run), "--once", "--quiet").output


def test_a_log_gets_no_control_characters(run: Path) -> None:
    for options in ((), ("--once",), ("--json",)):
        assert watch(str(run), *options).output.replace("\n", "").isprintable()


def test_what_is_no_run_is_the_users_mistake(tmp_path: Path) -> None:
    assert "not the folder of a run" in str(watch(str(tmp_path)).exception)


def test_the_pace_is_taken_from_the_looks(run: Path) -> None:
    ledger = Ledger.open(run)
    one = look(ledger)
    ledger.close()
    pace = Pace()
    assert pace.left(0.0, one) == 0.0  # nothing is known yet
    more = type(one)(True, (one.conditions[0], type(one.conditions[1])(1, "x", 2, 1, 7, 8)))
    assert pace.left(10.0, more) == pytest.approx(10.0)  # one generation in ten seconds, one to go


def test_progress_for_programs_is_a_line_of_json_each() -> None:
    out = io.StringIO()
    shown = Json(out)
    shown.examining("kvstore")
    shown.began(Path("runs/x"), 16, 0)
    shown.warned("odd")
    told = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [one["event"] for one in told] == ["examining", "began", "warning"]
    assert told[1] == {"event": "began", "folder": "runs/x", "generations": 16, "done": 0}

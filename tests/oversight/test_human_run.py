"""A run that waits for a person, as a user sees it: run, review, resume, and what the person was worth."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import whole_runs
from click.testing import CliRunner

from testbed.cli import cli
from testbed.facts import BirthFact, ReviewFact
from testbed.ledger import Ledger
from testbed.oversight import waiting
from testbed.oversight.marking import numbered


def invoke(*arguments: object) -> str:
    done = whole_runs.invoke(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_a_run_pauses_at_its_checkpoints_and_goes_on_with_the_answers(
    small_target: Path, tmp_path: Path
) -> None:
    campaign, folder = tmp_path / "read.toml", tmp_path / "run"
    campaign.write_text(
        f'generations = 2\nlineages = 2\nseed = 2\n[target]\nname = "{small_target}"\n'
        '[injection]\nrate = 3.0\nplacement = "anywhere"\n'
        "[oracles]\nunit = false\nproperty = false\ndifferential = false\n"
        '[oversight]\nreviewer = "human"\ndepth = 1.0\nevery = 2\n'
        "[truth]\ninputs = 3\nwitness_inputs = 20\n"
    )
    assert f"2 reviews wait: testbed review {folder}\n" in invoke(
        "run", campaign, "--out", folder, "--quiet", "--workers", 1
    )
    first, second = waiting.pending(folder)
    assert [first.key, second.key] == ["c0.l0.g2.a1.0", "c0.l1.g2.a1.0"]
    every = f"1-{len(numbered(first.shown))}"
    told = CliRunner().invoke(cli, ["review", str(folder)], input=f"{every}\n\n")
    assert told.output.endswith(f"no review waits; go on with: testbed resume {folder}\n")
    assert "wait:" not in invoke("resume", folder, "--quiet", "--workers", 1)

    ledger = Ledger.open(folder)
    facts = {lineage: record for _, lineage, record in ledger.records() if isinstance(record, ReviewFact)}
    born = [record.fault for _, lineage, record in ledger.records() if isinstance(record, BirthFact)]
    ledger.close()
    assert born
    assert {item.fault for item in facts[0].findings} >= set(facts[0].faults_in_view)
    assert facts[1].findings == ()
    oversight = json.loads((folder / "summary.json").read_text())["conditions"][0]["oversight"]
    viewed = [len(fact.faults_in_view) for fact in facts.values()]
    assert oversight["seen_when_read"]["value"] == round(viewed[0] / sum(viewed), 6)
    assert oversight["false_alarm_rate"]["value"] > 0

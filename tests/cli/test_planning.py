"""The commands that plan, as a user types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from testbed.analysis.simulated import Truth, simulate
from testbed.cli import cli
from testbed.conditions import Condition, OversightFactor
from testbed.errors import UserError
from testbed.ledger import Ledger


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    plans = [
        Condition(generations=6, lineages=12, oversight=OversightFactor(depth=depth, sensitivity=0.9))
        for depth in (0.0, 0.5, 1.0)
    ]
    facts = simulate(plans, Truth(rate=1.0), 1)
    folder = tmp_path_factory.mktemp("cli") / "run"
    ledger = Ledger.create(folder, facts.manifest)
    for condition, lineage, record in facts.records():
        ledger.append(condition, lineage, record.body().get("generation", 0), [record], {}, {})
    ledger.close()
    return folder


def test_tune_prints_the_table_and_the_answer(run: Path, tmp_path: Path) -> None:
    file = tmp_path / "tuned.json"
    done = CliRunner().invoke(
        cli,
        ["tune", str(run), "--residual", "1", "--after", "6", "--json", str(file)],
        catch_exceptions=False,
    )
    assert done.exit_code == 0
    assert "least depth: depth 1" in done.output
    assert "at most 1 residual flaws after 6 generations with 95% confidence" in done.output
    written = json.loads(file.read_text())
    assert len(written["conditions"]) == 3
    assert written["answers"][0]["least"]["depth"] == 1


def test_tune_says_when_nothing_is_shown_to_keep_the_limit(run: Path) -> None:
    done = CliRunner().invoke(cli, ["tune", str(run), "--residual", "0.01", "--after", "6"])
    assert "nothing here is shown to keep 0.01 residual flaws" in done.output


def test_tune_refuses_more_generations_than_there_are(run: Path) -> None:
    with pytest.raises(UserError, match="give --after 6 or fewer"):
        CliRunner().invoke(cli, ["tune", str(run)], catch_exceptions=False)


def test_forecast_prints_bands_and_its_check(run: Path, tmp_path: Path) -> None:
    file = tmp_path / "forecast.json"
    words = ["forecast", str(run), "--generations", "50", "--lineages", "400", "--condition", "0"]
    done = CliRunner().invoke(cli, [*words, "--json", str(file)], catch_exceptions=False)
    assert done.exit_code == 0
    assert "400 lineages simulated" in done.output
    assert "check: fitted to generations 1 to 4, 5 to 6 predicted and compared" in done.output
    (condition,) = json.loads(file.read_text())["conditions"]
    assert [row["generation"] for row in condition["forecast"]] == [1, 2, 5, 10, 20, 50]
    assert {one["family"] for one in condition["classes"]} >= {"logic", "omission"}


def test_forecast_refuses_a_condition_that_is_not_there(run: Path) -> None:
    with pytest.raises(UserError, match="there are 0 to 2"):
        CliRunner().invoke(cli, ["forecast", str(run), "--condition", "7"], catch_exceptions=False)

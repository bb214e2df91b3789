"""The commands that read a finished run, as a user types them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from testbed.analysis.simulated import Truth, simulate
from testbed.conditions import Condition
from testbed.ledger import Ledger


def testbed(*arguments: str) -> subprocess.CompletedProcess[str]:
    code = "from testbed.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )


testbed.__test__ = False  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    facts = simulate([Condition(generations=4, lineages=3)], Truth(), 1)
    folder = tmp_path_factory.mktemp("cli") / "run"
    ledger = Ledger.create(folder, facts.manifest)
    for condition, lineage, record in facts.records():
        ledger.append(condition, lineage, record.body().get("generation", 0), [record], {}, {})
    ledger.close()
    return folder


def test_report_writes_the_page_and_the_summary(run: Path) -> None:
    done = testbed("report", str(run))
    assert done.returncode == 0, done.stderr
    assert (run / "report.html").stat().st_size > 100_000
    assert json.loads((run / "summary.json").read_text())["schema"]
    assert done.stdout.rstrip().endswith("report.html")


def test_show_tells_the_life_of_a_fault(run: Path) -> None:
    done = testbed("show", str(run), "c0.l0.f1")
    assert done.returncode == 0, done.stderr
    assert "c0.l0.f1" in done.stdout


def test_export_prints_every_record_as_json(run: Path) -> None:
    done = testbed("export", str(run))
    kinds = {json.loads(line)["record"]["kind"] for line in done.stdout.splitlines()}
    assert {"birth", "generation", "outcome"} <= kinds


def test_injectors_lists_names_weights_and_sources() -> None:
    done = testbed("injectors", "--family", "logic")
    assert done.returncode == 0
    assert "off-by-one" in done.stdout
    assert "TSSB" in done.stdout
    assert "missing-call" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("report", "/nowhere"), "not the folder of a run"),
        (("show", "/nowhere", "f7"), "write it as c0.l3.f7"),
        (("injectors", "--family", "logik"), "did you mean logic?"),
    ],
)
def test_a_mistake_gets_one_line_and_exit_code_2(arguments: tuple[str, ...], said: str) -> None:
    done = testbed(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("command", ["report", "show", "export", "injectors"])
def test_the_help_of_every_command_has_an_example(command: str) -> None:
    assert "Example: testbed" in testbed(command, "--help").stdout


def test_gate_exits_with_one_where_a_bound_is_not_kept(run: Path) -> None:
    kept = testbed("gate", str(run), "--bound", "outcomes.stalled >= 0")
    assert (kept.returncode, kept.stderr) == (0, "")
    broken = testbed("gate", str(run), "--bound", "outcomes.stalled < 0", "--json")
    assert broken.returncode == 1
    assert json.loads(broken.stdout)["passed"] is False
    assert testbed("gate", str(run)).returncode == 2


def test_export_writes_to_standard_output_or_to_a_file(run: Path, tmp_path: Path) -> None:
    told = testbed("export", str(run), "--format", "sarif")
    assert told.returncode == 0, told.stderr
    testbed("export", str(run), "--format", "sarif", "--out", str(tmp_path / "new" / "testbed.sarif"))
    assert (tmp_path / "new" / "testbed.sarif").read_text() == told.stdout
    assert json.loads(told.stdout)["version"] == "2.1.0"

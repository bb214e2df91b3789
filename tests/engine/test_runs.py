"""Whole runs of a small target, as a user starts them: facts do not depend on how they were made."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from whole_runs import SIZE, command, digest, facts, invoke, run

from testbed.cli import cli
from testbed.conditions import to_json
from testbed.facts import GenerationFact, LeftAloneFact
from testbed.ledger import Ledger

SMALLEST = ("--set", "generations=1", "--set", "lineages=1", "--set", "oversight.depth=0.5")
"""For what is said of a run whatever it is of; the depth is the levels of a factor otherwise."""


def test_a_run_leaves_a_report_a_summary_a_history_and_nothing_else(finished: tuple[Path, Path]) -> None:
    _, folder = finished
    names = {path.name for path in folder.iterdir()}
    assert {"manifest.json", "ledger.sqlite", "history.git", "report.html", "summary.json"} <= names
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["versions"]["testbed"]
    assert len(manifest["conditions"]) == 2


def test_every_generation_is_a_commit_of_its_lineage_and_its_parent_the_one_before(
    finished: tuple[Path, Path],
) -> None:
    _, folder = finished
    ledger = Ledger.open(folder)
    facts = [(c, n, fact) for c, n, fact in ledger.records() if isinstance(fact, GenerationFact)]
    ledger.close()
    assert len(facts) == 12
    for condition in (0, 1):
        for lineage in (0, 1):
            shown = subprocess.run(
                ["git", "log", "--format=%H %s", "--reverse", f"c{condition}/l{lineage}"],
                cwd=folder / "history.git",
                capture_output=True,
                text=True,
                check=True,
            ).stdout.splitlines()
            commits = [fact.commit for c, n, fact in facts if (c, n) == (condition, lineage)]
            assert [line.split(" ", 1)[1] for line in shown] == [f"Generation {n}" for n in range(4)]
            assert [line.split(" ", 1)[0] for line in shown][1:] == commits


def test_the_number_of_workers_changes_no_fact(finished: tuple[Path, Path], tmp_path: Path) -> None:
    target, folder = finished
    run(target, tmp_path / "again", "--workers", 2)
    assert digest(tmp_path / "again") == digest(folder)


def test_another_seed_gives_other_facts(finished: tuple[Path, Path], tmp_path: Path) -> None:
    target, folder = finished
    run(target, tmp_path / "again", "--workers", 1, "--seed", 2, "--set", "lineages=1")
    assert facts(tmp_path / "again", 1) != facts(folder, 1)


def test_a_finished_run_may_be_resumed_and_stays_as_it_is(finished: tuple[Path, Path]) -> None:
    _, folder = finished
    before = digest(folder)
    assert invoke("resume", folder).returncode == 0
    assert digest(folder) == before


def test_a_run_is_not_written_over(finished: tuple[Path, Path]) -> None:
    target, folder = finished
    before = digest(folder)
    done = invoke("run", "--target", target, "--out", folder, *SIZE)
    assert done.returncode == 2
    assert f"testbed resume {folder}" in done.stderr
    other = invoke("run", "--target", target, "--out", folder, *SIZE, "--seed", 9)
    assert other.returncode == 2
    assert "it has another campaign (check, seed 1)" in other.stderr
    assert digest(folder) == before


def test_a_target_that_changed_is_not_gone_on_with(finished: tuple[Path, Path], tmp_path: Path) -> None:
    target, folder = finished
    before = (target / "test_sums.py").read_text()
    shutil.copytree(folder, tmp_path / "run")
    try:
        (target / "test_sums.py").write_text(f"{before}\ndef test_more():\n    assert True\n")
        done = invoke("resume", tmp_path / "run")
    finally:
        (target / "test_sums.py").write_text(before)
    assert done.returncode == 2
    assert done.stderr.strip().count("\n") == 0
    assert "is not what it was when the run began" in done.stderr


def test_without_out_a_run_gets_a_folder_of_its_own_and_a_link_to_the_latest(
    small_target: Path, tmp_path: Path
) -> None:
    done = invoke("run", "--target", small_target, *SMALLEST, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (folder,) = [path for path in (tmp_path / "runs" / "check").iterdir() if not path.is_symlink()]
    assert (tmp_path / "runs" / "check" / "latest").resolve() == folder.resolve()
    assert str(Path("runs/check") / folder.name / "report.html") in done.stdout


def test_a_dry_run_shows_the_conditions_and_writes_nothing(small_target: Path, tmp_path: Path) -> None:
    arguments = ("--target", small_target, "--set", "injection.rate=[0.5, 1]", "--dry-run")
    done = invoke("run", *arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "c3" in done.stdout
    assert "4 conditions, 16 lineages, 96 generations; about" in done.stdout
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"test_sums.py": "def test_no():\n    assert False\n"}, "test_no does not pass"),
        ({"test_sums.py": ""}, "no tests"),
        ({"sums.py": "def broken(:\n"}, "sums.py: no file can be worked on: line 1"),
        ({"sums.py": "import surely_missing_module\n"}, "surely_missing_module"),
    ],
)
def test_a_target_that_cannot_be_used_is_said_in_one_line_and_nothing_is_written(
    small_target: Path, tmp_path: Path, change: dict[str, str], said: str
) -> None:
    (small_target / "target.toml").write_text('package = ["sums.py"]\ntests = ["test_sums.py"]\n')
    for name, text in change.items():
        (small_target / name).write_text(text)
    done = invoke("run", "--target", small_target, "--out", tmp_path / "run", "--quiet")
    assert done.returncode == 2, done.stderr
    (line,) = done.stderr.splitlines()
    assert said in line
    assert not (tmp_path / "run").exists()


def test_a_file_that_is_no_python_here_stays_and_the_ledger_says_why(
    small_target: Path, tmp_path: Path
) -> None:
    said = (small_target / "target.toml").read_text()
    (small_target / "target.toml").write_text(said.replace('"sums.py"', '"sums.py", "newer.py"'))
    (small_target / "newer.py").write_text("newer syntax\n")
    told = run(small_target, tmp_path / "run", *SMALLEST).stderr
    assert "newer.py is left alone (line 1: invalid syntax)" in told
    ledger = Ledger.open(tmp_path / "run")
    try:
        found = [record for _c, _l, record in ledger.records() if isinstance(record, LeftAloneFact)]
    finally:
        ledger.close()
    assert found == [LeftAloneFact(0, {"newer.py": "line 1: invalid syntax"})]


def test_a_syntax_error_that_the_tests_need_is_named_with_its_line(
    small_target: Path, tmp_path: Path
) -> None:
    (small_target / "target.toml").write_text('package = ["sums.py", "bad.py"]\ntests = ["test_sums.py"]\n')
    (small_target / "bad.py").write_text("x = 1\ny = = 2\n")
    with (small_target / "test_sums.py").open("a") as file:
        file.write("\nimport bad\n")
    done = invoke("run", "--target", small_target, "--out", tmp_path / "run", *SIZE)
    assert done.returncode == 2
    assert "bad.py: line 2: invalid syntax" in done.stderr.splitlines()[-1]
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_a_test_that_hangs_is_said(small_target: Path, tmp_path: Path) -> None:
    (small_target / "test_sums.py").write_text("def test_hangs():\n    while True: pass\n")
    sooner = "from testbed.evaluator import baselines; baselines._UNKNOWN_SECONDS = 2.0; "
    python, option, code, *words = command(
        "run", "--target", small_target, "--out", tmp_path / "run", "--quiet"
    )
    done = subprocess.run(
        [python, option, sooner + code, *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "test_hangs does not pass: timeout" in line


def test_flaky_tests_are_quarantined_by_name_and_the_run_goes_on(small_target: Path, tmp_path: Path) -> None:
    with (small_target / "test_sums.py").open("a") as file:
        file.write("\ndef test_flaky():\n    import time\n    assert time.perf_counter_ns() // 1000 % 2\n")
    for _ in range(5):  # a flaky test may pass or fail three times in a row
        done = invoke("run", "--target", small_target, "--out", tmp_path / "run", *SMALLEST)
        if done.returncode == 0 and "test_flaky" in done.stderr:
            return
        subprocess.run(["rm", "-rf", str(tmp_path / "run")], check=True)
    pytest.fail("a test that answers at random was never quarantined")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run",), "no campaign"),
        (("run", "nowhere.toml"), 'no campaign "nowhere.toml"'),
        (("run", "quickstart", "--set", "injection.rate=-1"), "--set injection.rate: -1 is not possible"),
        (("run", "quickstart", "--set", "oversight.depth=1.5"), "1.5 is not possible"),
        (("run", "--target", "no_such_thing", "--quiet"), "no_such_thing"),
        (("resume", "/"), "not the folder of a run"),
    ],
)
def test_a_users_mistake_is_one_line_and_exit_code_2(
    arguments: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    done = invoke(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert said in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_an_unwritable_folder_is_said(small_target: Path, tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    done = invoke("run", "--target", small_target, "--out", tmp_path / "locked" / "run")
    assert done.returncode == 2
    assert "cannot write there" in done.stderr


def test_the_two_writers_of_one_folder_are_kept_apart(finished: tuple[Path, Path]) -> None:
    _, folder = finished
    ledger = Ledger.open(folder, write=True)
    try:
        done = invoke("resume", folder)
    finally:
        ledger.close()
    assert done.returncode == 2
    assert "another run writes to this folder" in done.stderr


def test_init_writes_a_campaign_that_runs_and_never_writes_over_one(tmp_path: Path) -> None:
    file = tmp_path / "campaign.toml"
    assert CliRunner().invoke(cli, ["init", str(file)]).exit_code == 0
    before = file.read_text()
    done = invoke("init", file)
    assert done.returncode == 2
    assert "exists already" in done.stderr
    assert file.read_text() == before


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_the_help_of_every_command_has_an_example(name: str) -> None:
    shown = CliRunner().invoke(cli, [name, "--help"])
    assert shown.exit_code == 0
    assert "Example: testbed" in " ".join(shown.output.split())


def test_the_manifest_holds_the_resolved_conditions(finished: tuple[Path, Path]) -> None:
    _, folder = finished
    ledger = Ledger.open(folder)
    from testbed.engine.manifest import conditions

    found = conditions(dict(ledger.manifest))
    ledger.close()
    assert json.loads(json.dumps([to_json(each) for each in found])) == ledger.manifest["conditions"]
    assert {each.oversight.depth for each in found} == {0.0, 0.5}


def test_where_the_target_lies_changes_no_fact(
    finished: tuple[Path, Path], write_small_target: Callable[[Path], Path], tmp_path: Path
) -> None:
    where = write_small_target(tmp_path / "elsewhere" / "sums")
    run(where, tmp_path / "run", "--workers", 1, "--set", "lineages=1")
    assert facts(tmp_path / "run", 1) == facts(finished[1], 1)

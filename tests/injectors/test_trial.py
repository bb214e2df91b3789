"""What single faults do, asked side by side; the command that previews them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from injectors import catalogue, document
from testbed.calibrate import sampled
from testbed.cli import cli
from testbed.conditions import Condition, InjectionFactor, TargetFactor
from testbed.engine.prepare import Prepared, prepare
from testbed.evaluate import faults as found
from testbed.trial import Asked, Trial, tried

CODE = """\
def grade(points):
    if points < 0:
        raise ValueError(points)
    if points >= 50:
        return "pass"
    return "fail"


def spare(points):
    return points + 1


def even(points):
    return points - 1 + 1 if points else 0
"""
FILES = {
    "marks/__init__.py": CODE,
    "tests/test_marks.py": """\
import pytest
from marks import even, grade

def test_grade():
    assert [grade(49), grade(50)] == ["fail", "pass"]

def test_negative():
    with pytest.raises(ValueError):
        grade(-1)

def test_even():
    assert even(4) == 4
""",
    "differential.py": """\
import marks

def points(rng):
    return rng.randrange(-10, 100)

def grade(points):
    return marks.grade(points)
""",
    "target.toml": """\
package = ["marks"]
tests = ["tests"]

[[differential]]
name = "grade"
generate = "differential:points"
call = "differential:grade"
public = ["marks.grade"]
""",
}


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("marks")
    for name, text in FILES.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.fixture(scope="module")
def prepared(target: Path) -> Prepared:
    factor = TargetFactor(str(target))
    return prepare([Condition(target=factor)], 0)[factor]


def trials(prepared: Prepared, name: str) -> list[Trial]:
    faults = found.every(prepared.subject.source, [catalogue.operator(name)])
    return list(tried(prepared, faults, Asked(inputs=60)).trials)


def test_a_fault_is_revealed_by_every_oracle_that_can_tell_it(prepared: Prepared) -> None:
    (silent,) = trials(prepared, "silent-default")
    assert silent.reached
    assert silent.infected
    assert silent.revealed == ("unit", "differential")
    assert silent.severity.public == ("marks.grade",)
    assert 0 < silent.severity.deviating == silent.severity.reached < silent.severity.inputs == 60
    assert silent.severity.crashing == 0
    assert silent.agreeing == ()  # whatever reaches it shows it
    assert silent.witnesses[0].clean == "pass"


def test_inputs_that_reach_a_fault_and_show_nothing_are_kept_beside_those_that_show_it(
    prepared: Prepared,
) -> None:
    (shifted,) = (
        one for one in trials(prepared, "off-by-one") if "return points" not in one.diff and "51" in one.diff
    )
    assert len(shifted.agreeing) == 3
    assert shifted.severity.deviating < shifted.severity.reached


def test_a_wrong_value_and_a_crash_are_told_apart(prepared: Prepared) -> None:
    assert trials(prepared, "truth-for-none") == []
    shifted = {one.fault.line: one for one in trials(prepared, "negated-comparison")}
    assert 0 < shifted[2].severity.crashing <= shifted[2].severity.deviating
    assert shifted[4].severity.crashing == 0
    assert shifted[4].severity.deviating > 0


def test_what_no_test_reaches_is_unwitnessed_and_said_to_be_unreached(prepared: Prepared) -> None:
    spare = next(one for one in trials(prepared, "wrong-arithmetic") if one.fault.where == "spare")
    assert not spare.reached
    assert spare.infected is False
    assert spare.witnesses == ()
    assert spare.severity.reached == 0


def test_preview_prints_diffs_witnesses_and_severity(target: Path) -> None:
    told = CliRunner().invoke(cli, ["injectors", "preview", "wrong-arithmetic", str(target)])
    assert told.exit_code == 0, told.output
    assert "-    return points + 1\n+    return points - 1\n" in told.output
    assert "unwitnessed: nothing differs in 23 tests and inputs, none of which reaches it" in told.output
    assert "differs: tests/test_marks.py::test_even: pass ->" in told.output
    assert "3 of 3 places of wrong-arithmetic (logic)" in told.output


def test_preview_of_an_unknown_operator_names_the_nearest(target: Path) -> None:
    told = CliRunner().invoke(cli, ["injectors", "preview", "wrong-arithmetics", str(target)])
    assert "did you mean wrong-arithmetic?" in str(told.exception)


def test_calibrate_prints_what_faults_of_each_family_do_with_intervals(target: Path, tmp_path: Path) -> None:
    page = tmp_path / "faults.md"
    page.write_text(document.page())
    arguments = [
        "--family",
        "logic",
        "--family",
        "concealed",
        "--each",
        "12",
        "--inputs",
        "40",
        "--write",
        str(page),
    ]
    told = CliRunner().invoke(cli, ["injectors", "calibrate", str(target), *arguments])
    assert told.exit_code == 0, told.output
    rows = {
        cells[0]: cells[1:]
        for line in told.stdout.splitlines()
        if line.startswith("| ") and (cells := [cell.strip() for cell in line.strip("| ").split("|")])
    }
    names = rows.pop("family")
    assert names[:2] == ["seeded", "unwitnessed"]
    assert [rows[family][0] for family in ("logic", "concealed", "all")] == ["12", "12", "24"]
    assert rows["concealed"][names.index("propagated")] == "0% [0–24%]"
    assert not rows["concealed"][names.index("outside")].startswith("0%")
    assert rows["logic"][names.index("outside")].startswith("0%")
    assert "| all | 24 |" in page.read_text()


@pytest.mark.parametrize(
    ("text", "said"), [(None, "does not exist"), ("# Faults\n", "has no place for the table")]
)
def test_a_page_that_cannot_have_the_table_is_refused_before_the_work(
    target: Path, tmp_path: Path, text: str | None, said: str
) -> None:
    page = tmp_path / "faults.md"
    if text is not None:
        page.write_text(text)
    told = CliRunner().invoke(cli, ["injectors", "calibrate", str(target), "--write", str(page)])
    assert told.exit_code != 0
    assert said in told.output + str(told.exception)
    assert f"{target} ..." not in told.output
    assert text is None or page.read_text() == text


def test_a_sample_has_so_many_faults_of_each_family_and_the_same_ones_again(prepared: Prepared) -> None:
    operators = catalogue.selected(InjectionFactor(families=("logic", "assistant")))
    chosen = sampled(prepared.subject.source, operators, 3, 7, "marks")
    assert Counter(fault.family for fault in chosen) == {"logic": 3, "assistant": 3}
    assert chosen == sampled(prepared.subject.source, operators, 3, 7, "marks")
    assert chosen != sampled(prepared.subject.source, operators, 3, 8, "marks")

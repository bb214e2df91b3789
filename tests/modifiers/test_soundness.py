"""The check of soundness: sound lineages pass, the one unsound edit is found and can be repeated."""

import shlex
import sys

import pytest
from click.testing import CliRunner

from testbed import modifiers
from testbed.cli import cli
from testbed.conditions import LimitsFactor, ModifierFactor, TargetFactor
from testbed.evaluator import ProcessEvaluator
from testbed.facts import EditFact
from testbed.protocols import Proposal
from testbed.soundness import Asked, lineage
from testbed.soundness.run import examined

CODE = '''"""Numbers."""


def total(values):
    result = 0
    for value in values:
        if value is not None:
            result += value
    return result


def double(value):
    return value * 2


def unused(value):
    if value:
        return 1
    else:
        return 2
'''
TESTS = """from pkg import double, total


def test_total():
    assert total([1, None, 2]) == 3


def test_double():
    assert double(4) == 8
"""


@pytest.fixture(scope="module")
def target(tmp_path_factory):
    folder = tmp_path_factory.mktemp("target")
    (folder / "pkg.py").write_text(CODE)
    (folder / "tests").mkdir()
    (folder / "tests" / "test_pkg.py").write_text(TESTS)
    return folder


SMALLEST = """
def total(values):
    result = 0
    for value in values:
        if value is not None:
            result += value
    return result

def double(value):
    pass
"""
"""What the tests need to be collected, and what shows that one of them fails for the edit alone."""


class Unsound:
    """Makes three edits, the second of which is wrong."""

    name, version = "unsound", "1"
    steps = (
        ("extract", "return value * 2", "result = value * 2\n    return result"),
        ("shift", "result = 0", "result = 1"),
        ("swap", "value is not None", "None is not value"),
    )

    def __init__(self, factor, frozen, files=None):
        self.edits = factor.edits

    def propose(self, source, rng, offspring):
        text, edits = source["pkg.py"], []
        for name, old, new in self.steps[: self.edits]:
            text = text.replace(old, new)
            where = "double" if name == "extract" else "total"
            edits.append(EditFact(name, "pkg.py", where))
        return Proposal({**source, "pkg.py": text}, tuple(edits), {"swap": 2})


def test_a_sound_modifier_passes_with_every_edit_counted(target):
    options = ["--generations", "3", "--lineages", "1", "--edits", "2", "--workers", "1"]
    told = CliRunner().invoke(cli, ["soundness", str(target), *options])
    assert told.exit_code == 0, told.output
    row = next(line for line in told.stdout.splitlines() if line.startswith(target.name))
    cells = row.split()
    assert cells[1] == "3"
    assert cells[3] == "6"
    assert cells[-1] == "0"


def test_the_one_edit_that_changes_behaviour_is_found(target, monkeypatch):
    monkeypatch.setattr(modifiers, "make", Unsound)
    prepared = examined(TargetFactor(str(target)), 0)
    asked = Asked(ModifierFactor("unsound", edits=3), generations=1, seed=0)
    with ProcessEvaluator(prepared.spec) as evaluator:
        tally = lineage(prepared, 0, asked, evaluator)
    assert tally.refused == {"swap": 2}
    (deviation,) = tally.deviations
    assert deviation.edit == EditFact("shift", "pkg.py", "total")
    assert deviation.test == "tests/test_pkg.py::test_total"
    assert "AssertionError" in deviation.said
    assert deviation.before.split() == SMALLEST.split()
    changed = [line for line in deviation.diff.splitlines() if line[:1] in "+-" and line[1:2] == " "]
    assert changed == ["-    result = 0", "+    result = 1"]


def test_code_that_does_not_load_is_a_deviation(target, monkeypatch):
    monkeypatch.setattr(Unsound, "steps", (("break", "result = 0", "result = ("),))
    monkeypatch.setattr(modifiers, "make", Unsound)
    prepared = examined(TargetFactor(str(target)), 0)
    asked = Asked(ModifierFactor("unsound", edits=1), generations=1, seed=0)
    with ProcessEvaluator(prepared.spec) as evaluator:
        tally = lineage(prepared, 0, asked, evaluator)
    assert [deviation.test for deviation in tally.deviations] == [""]


def test_a_deviation_is_told_with_the_command_that_repeats_it(target):
    from testbed.soundness.records import Deviation
    from testbed.soundness.shown import command, report

    asked = Asked(ModifierFactor(edits=6), generations=40, seed=5)
    edit = EditFact("shift", "pkg.py", "total")
    deviation = Deviation("pkg", 3, 17, edit, "t", "said", "def f(): ...", "-a")
    line = command(deviation, "pypi:pkg==1.0", asked, ("--tests", "!tests/test_slow.py"))
    assert line == (
        "testbed soundness pypi:pkg==1.0 --tests '!tests/test_slow.py' --seed 5 --edits 6 --only 3.17"
    )
    shown = list(report(deviation, line))
    assert shown[0] == "DEVIATION pkg, lineage 3, generation 17: shift in pkg.py total"
    assert shown[-1] == f"  again: {line}"


PLUGIN = """
from testbed.facts import EditFact
from testbed.protocols import Proposal


class Rising:
    \"\"\"Adds a line to `unused`, and where that is even one to `total` that is wrong.\"\"\"

    name, version = "rising", "1"

    def __init__(self, factor, frozen_names):
        self.edits = factor.edits

    def propose(self, source, rng, offspring):
        text = source["pkg.py"]
        number = text.count("step") + 1
        made = [("step", "unused", "    if value:", f"    step = {number}\\n    if value:")]
        if number % 2 == 0:
            made.append(("raise", "total", "    result = 0", f"    result = {number}"))
        edits = []
        for name, where, old, new in made[: self.edits]:
            text = text.replace(old, new, 1)
            edits.append(EditFact(name, "pkg.py", where))
        return Proposal({**source, "pkg.py": text}, tuple(edits))
"""


@pytest.fixture
def rising(tmp_path, monkeypatch):
    """A distribution with a modifier that is wrong in every second step."""
    (tmp_path / "rising.py").write_text(PLUGIN)
    info = tmp_path / "rising-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: rising\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[testbed.modifiers]\nrising = rising:Rising\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    modifiers.registry.modifier_plugins.cache_clear()
    yield
    modifiers.registry.modifier_plugins.cache_clear()
    sys.modules.pop("rising", None)


def _deviations(output):
    return [part for part in output.split("\n\n") if part.startswith("DEVIATION")]


def test_a_deviation_is_printed_and_its_command_shows_it_again(target, rising):
    """The second one too, which was made of what was left when the first had been dropped."""
    options = ["--modifier", "rising", "--generations", "3", "--lineages", "1", "--workers", "1"]
    told = CliRunner().invoke(cli, ["soundness", str(target), *options])
    assert told.exit_code == 3, told.output
    found = _deviations(told.stdout)
    assert [part.splitlines()[0].partition(": ")[2] for part in found] == ["raise in pkg.py total"] * 2
    for part in found:
        lines = part.strip().splitlines()
        assert "  | def total(values):" in lines
        assert "  -    result = 0" in lines
        assert not any("step" in line for line in lines)
        words = shlex.split(lines[-1].removeprefix("  again: "))
        again = CliRunner().invoke(cli, [*words[1:], "--workers", "1"])
        assert again.exit_code == 3, again.output
        assert [one.strip() for one in _deviations(again.stdout)] == [part.strip()]
    assert found[1].strip().endswith("--only 0.3 --without 2")


def test_only_the_named_generation_is_run(target):
    options = ["--generations", "5", "--only", "0.2", "--workers", "1"]
    told = CliRunner().invoke(cli, ["soundness", str(target), *options])
    row = next(line for line in told.stdout.splitlines() if line.startswith(target.name))
    assert row.split()[1] == "1"


def test_limits_of_the_check_are_generous(target):
    assert examined(TargetFactor(str(target)), 0).spec.limits.test_seconds > LimitsFactor().test_seconds


@pytest.mark.parametrize("only", ["3", "x.1", "1.0"])
def test_an_impossible_generation_is_refused(target, only):
    told = CliRunner().invoke(cli, ["soundness", str(target), "--only", only])
    assert "names no generation" in str(told.exception)

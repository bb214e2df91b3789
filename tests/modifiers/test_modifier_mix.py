"""The mix that a profile really makes of a target is counted, not declared."""

import pytest
from click.testing import CliRunner
from program_grammar import program

from testbed.cli import cli
from testbed.conditions import ModifierFactor
from testbed.modifiers import mix
from testbed.modifiers.profiles import GROUPS

SOURCE = {"m.py": program(5)[0]}
TESTS = {"test_m.py": "from m import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n"}
ADD = "\n\ndef add(a, b):\n    return a + b\n"


def _measured(profile, refactorings=(), edits=3):
    factor = ModifierFactor(edits=edits, profile=profile, refactorings=refactorings)
    text = SOURCE["m.py"].replace("__fault__", "max") + ADD
    return mix.measure(factor, {"m.py": text}, frozenset(), TESTS, generations=4, seed=1)


def test_every_edit_is_counted_in_its_group():
    found = _measured("even", ("rename_local", "invert_if"))
    assert found.edits == [3, 3, 3, 3]
    assert set(found.groups) == {"rename", "condition"}
    assert found.groups.total() == sum(found.edits)
    assert all(found.lines)
    assert sum(found.shares().values()) == pytest.approx(100)


def test_growth_is_only_in_profiles_that_grow():
    assert _measured("cleanup").groups["growth"] == 0
    assert _measured("feature-work", ("grow_batch", "grow_stream")).groups["growth"] > 0


def test_the_same_seed_counts_the_same():
    assert _measured("agentic") == _measured("agentic")


def test_the_table_has_a_column_for_each_profile_and_a_row_for_each_group():
    found = mix.Mix([2, 4], [10, 0])
    found.groups.update({"rename": 3, "copy": 3})
    lines = mix.table({"even": found, "cleanup": mix.Mix([0], [0])})
    assert lines[0] == "| | even | cleanup |"
    assert "| edits a generation, mean | 3.0 | 0.0 |" in lines
    assert "| changed lines a generation, median | 5 | 0 |" in lines
    assert "| rename, % of the edits | 50 | 0 |" in lines
    assert len([line for line in lines if "% of the edits" in line]) == len(GROUPS)


def test_the_command_prints_the_mix_of_every_profile(tmp_path):
    (tmp_path / "m.py").write_text("def shorten(text):\n    if len(text) > 3:\n        return text\n" + ADD)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_m.py").write_text(TESTS["test_m.py"])
    told = CliRunner().invoke(cli, ["modifiers", "--mix", str(tmp_path), "--generations", "2"])
    assert told.exit_code == 0, told.output
    assert told.output.splitlines()[0] == f"| | {' | '.join(mix.names())} |"

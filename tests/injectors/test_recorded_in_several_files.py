"""A real bug whose fix changed several files: one fault, one number at all of its places."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from injectors import recorded
from injectors.placement import FieldInjector
from testbed.birth import fault_diff
from testbed.cli import cli
from testbed.conditions import InjectionFactor
from testbed.evaluate.faults import every
from testbed.evaluate.run import faulty
from testbed.protocols import ChangeView
from testbed.schema import find_guards, materialise

BUGGY = {
    "cuts.py": "import limits\n\n\ndef cut(text):\n    return text[: limits.width(text)]\n",
    "limits.py": "def width(text):\n    if text:\n        return len(text) - 1\n    return 0\n",
}
FIXED = {
    "cuts.py": "import limits\n\n\ndef cut(text):\n    return text[: limits.width(text) - 1]\n",
    "limits.py": "def width(text):\n    if text:\n        return len(text)\n    return 0\n",
}
OTHERS = {
    "test_cuts.py": 'from cuts import cut\n\ndef test_cut():\n    assert cut("abc") == "ab"\n'
    'from limits import width\n\ndef test_width():\n    assert width("abc") == 3\n',
    "target.toml": 'name = "cuts"\nversion = "1"\n'
    'package = ["cuts.py", "limits.py"]\ntests = ["test_cuts.py"]\n',
}


@pytest.fixture
def target(tmp_path: Path) -> Path:
    root = tmp_path / "cuts"
    root.mkdir()
    for name, text in {**FIXED, **OTHERS}.items():
        (root / name).write_text(text)
    return root


@pytest.fixture
def bugs(target: Path, tmp_path: Path) -> Path:
    (tmp_path / "fix.diff").write_text("".join(_diff()))
    file = tmp_path / "bugs.json"
    arguments = [str(tmp_path / "fix.diff"), "--root", str(target), "--to", str(file)]
    told = CliRunner().invoke(cli, ["injectors", "import", *arguments])
    assert told.exit_code == 0, told.output
    assert told.output.startswith("recorded-fix: cuts.py, limits.py, 2 sites\n")
    return file


def _diff() -> Iterator[str]:
    for name in FIXED:
        before, after = (files[name].splitlines(keepends=True) for files in (BUGGY, FIXED))
        yield from unified_diff(before, after, f"a/{name}", f"b/{name}")


def injector(bugs: Path) -> FieldInjector:
    return FieldInjector(
        InjectionFactor(families=("recorded",), placement="anywhere", unit="fixed", recorded=str(bugs))
    )


def test_it_is_one_fault_with_a_guard_of_the_same_number_in_each_file(bugs: Path) -> None:
    result = injector(bugs).inject(FIXED, ChangeView({}, 0, 0), np.random.default_rng(0), lambda: 6)
    (fault,) = result.seeded
    assert (fault.fault, fault.operator) == (6, "recorded-fix")
    for name, text in result.source.items():
        assert [guard.number for guard in find_guards(text)] == [6]
        assert materialise(text, frozenset()) == FIXED[name]
        assert ast.dump(ast.parse(materialise(text, frozenset({6})))) == ast.dump(ast.parse(BUGGY[name]))
    diff = fault_diff(result.source, 6, frozenset())
    assert "+++ b/cuts.py" in diff
    assert "+++ b/limits.py" in diff


def test_where_one_of_its_files_has_moved_on_it_has_no_place(bugs: Path) -> None:
    moved = {**FIXED, "limits.py": "def width(text):\n    return sum(1 for _ in text)\n"}
    result = injector(bugs).inject(moved, ChangeView({}, 0, 0), np.random.default_rng(0), lambda: 6)
    assert result.seeded == ()
    assert result.source == moved
    assert result.unplaced == ("recorded-fix in cuts.py: what it changes in limits.py is not there any more",)


def test_as_plain_source_it_is_the_bug_too(bugs: Path) -> None:
    (fault,) = every(FIXED, recorded.load(bugs))
    assert faulty(FIXED, fault) == BUGGY


def test_evaluate_takes_recorded_bugs(bugs: Path, target: Path, tmp_path: Path) -> None:
    file = tmp_path / "found.json"
    arguments = ["evaluate", str(target), "--recorded", str(bugs), "--no-cache", "--workers", "1"]
    told = CliRunner().invoke(cli, [*arguments, "--matrix", "--json", str(file)])
    assert told.exit_code == 0, told.output
    assert "1 faults" in told.output
    (found,) = json.loads(file.read_text())["faults"]
    assert found["operator"] == "recorded-fix"
    assert found["tests"] == ["test_cuts.py::test_width"]  # with both mistakes the cut is right


def test_preview_shows_a_recorded_bug_in_all_its_files_with_a_witness(bugs: Path, target: Path) -> None:
    told = CliRunner().invoke(
        cli, ["injectors", "preview", "recorded-fix", str(target), "--recorded", str(bugs)]
    )
    assert told.exit_code == 0, told.output
    assert "+    return text[: limits.width(text)]\n" in told.output
    assert "+        return len(text) - 1\n" in told.output
    assert "differs: test_cuts.py::test_width: pass ->" in told.output
    assert "1 of 1 places of recorded-fix (recorded)" in told.output


def test_a_file_that_an_earlier_version_wrote_is_read(tmp_path: Path) -> None:
    site = {"where": "width", "fixed": "return len(text)", "faulty": "return len(text) - 1"}
    body = {"schema": 1, "faults": [{"name": "recorded-a", "path": "limits.py", "sites": [site]}]}
    (tmp_path / "old.json").write_text(json.dumps(body))
    (fault,) = every(FIXED, recorded.load(tmp_path / "old.json"))
    assert faulty(FIXED, fault)["limits.py"] == BUGGY["limits.py"]

"""Real bugs of a history: fixes read backwards, from a git repository that the test makes."""

from __future__ import annotations

import ast
import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from injectors import catalogue, recorded
from injectors.placement import FieldInjector
from injectors.recorded import Unfit, sites
from testbed.cli import cli
from testbed.conditions import InjectionFactor
from testbed.errors import UserError
from testbed.protocols import ChangeView
from testbed.schema import find_guards, materialise

BUGGY = '''\
def mean(values):
    """The mean."""
    total = sum(values)
    return total / len(values)


def clip(text, width):
    if len(text) < width:
        return text
    kept = text[:width]
    return kept
'''
FIXED = '''\
def mean(values):
    """The mean, 0 of nothing."""
    if not values:
        return 0
    total = sum(values)
    return total / len(values)


def clip(text, width):
    if len(text) <= width:
        return text
    kept = text[: width - 1] + "~"
    return kept
'''
TESTS = """\
from words import clip, mean

def test_mean():
    assert mean([1, 3]) == 2
    assert mean([]) == 0

def test_clip():
    assert clip("abc", 3) == "abc"
    assert clip("abcd", 3) == "ab~"
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a bug, its fix in two functions, and a later commit that moves the lines."""
    root = tmp_path / "project"
    (root / "tests").mkdir(parents=True)

    def git(*words: str) -> str:
        who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
        done = subprocess.run(
            ["git", "-C", str(root), *who, *words], capture_output=True, text=True, check=True
        )
        return done.stdout

    git("init", "-q")
    (root / "words.py").write_text(BUGGY)
    git("add", ".")
    git("commit", "-qm", "first")
    (root / "words.py").write_text(FIXED)
    (root / "tests" / "test_words.py").write_text(TESTS)
    git("add", ".")
    git("commit", "-qm", "fix")
    (tmp_path / "fix.diff").write_text(git("show", "HEAD"))
    (root / "words.py").write_text('"""Words."""\n\nLIMIT = 80\n\n\n' + FIXED)
    git("commit", "-qam", "later")
    return root


def imported(repository: Path) -> Path:
    file = repository.parent / "bugs.json"
    arguments = [str(repository.parent / "fix.diff"), "--root", str(repository), "--to", str(file)]
    told = CliRunner().invoke(cli, ["injectors", "import", *arguments])
    assert told.exit_code == 0, told.output
    assert "recorded-fix: words.py, 3 sites" in told.output
    return file


def test_a_fix_becomes_a_fault_of_several_sites_that_puts_the_bug_back(repository: Path) -> None:
    factor = InjectionFactor(
        families=("recorded",), placement="anywhere", unit="fixed", recorded=str(imported(repository))
    )
    source = {"words.py": (repository / "words.py").read_text()}
    result = FieldInjector(factor).inject(source, ChangeView({}, 0, 0), np.random.default_rng(0), lambda: 4)
    (fault,) = result.seeded
    assert (fault.operator, fault.family) == ("recorded-fix", "recorded")
    text = result.source["words.py"]
    assert len(find_guards(text)) == 3
    assert materialise(text, frozenset()) == source["words.py"]
    behaviour = materialise(text, frozenset({4})).replace(", 0 of nothing", "")
    assert ast.dump(ast.parse(behaviour)) == ast.dump(ast.parse('"""Words."""\n\nLIMIT = 80\n\n\n' + BUGGY))


@pytest.mark.slow
def test_a_recorded_bug_runs_through_a_campaign(repository: Path, tmp_path: Path) -> None:
    sets = {
        "injection.recorded": str(imported(repository)),
        "injection.families": '["recorded"]',
        "injection.unit": "fixed",
        "injection.placement": "anywhere",
        "generations": "1",
        "lineages": "1",
        "modifier.edits": "0",
    }
    arguments = [word for key, value in sets.items() for word in ("--set", f"{key}={value}")]
    run = tmp_path / "run"
    done = CliRunner().invoke(
        cli, ["run", "--target", str(repository), "--out", str(run), "--quiet", *arguments]
    )
    assert done.exit_code == 0, done.output
    lines = CliRunner().invoke(cli, ["export", str(run)]).output.splitlines()
    births = [r for line in lines if (r := json.loads(line)["record"])["kind"] == "birth"]
    assert {birth["operator"] for birth in births} == {"recorded-fix"}
    assert {birth["witnesses"][0]["test"] for birth in births} <= {
        "tests/test_words.py::test_mean",
        "tests/test_words.py::test_clip",
    }


@pytest.mark.parametrize(
    ("fixed", "faulty", "found"),
    [
        ("def f(a):\n    g()\n    return a\n", "def f(a):\n    return a\n", [("f", "g()", "")]),
        (
            "def f(a):\n    return a\n",
            "def f(a):\n    g()\n    return a\n",
            [("f", "return a", "g()\nreturn a")],
        ),
        (
            "def f(a):\n    if a:\n        return 1\n    return 2\n",
            "def f(a):\n    if a:\n        return 3\n    return 2\n",
            [("f", "return 1", "return 3")],
        ),
        ("import os\nx = os.sep\n", "x = '/'\n", [("", "x = os.sep", "x = '/'")]),
        (
            "class A:\n    def f(self):\n        a = 1\n        return a\n",
            "class A:\n    def f(self):\n        a = 2\n        b = a\n        return a\n",
            [("A.f", "a = 1", "a = 2\nb = a")],
        ),
    ],
)
def test_what_differs_is_found_statement_by_statement(
    fixed: str, faulty: str, found: list[tuple[str, str, str]]
) -> None:
    assert [(site.where, site.fixed, site.faulty) for site in sites(fixed, faulty)] == found


@pytest.mark.parametrize(
    ("fixed", "faulty", "said"),
    [
        ("def f(a, b):\n    return a\n", "def f(a):\n    return a\n", "has another head"),
        ('def f():\n    """One."""\n', 'def f():\n    """Two."""\n', "nothing that runs differs"),
    ],
)
def test_what_no_guard_can_hold_is_left_out_with_the_reason(fixed: str, faulty: str, said: str) -> None:
    with pytest.raises(Unfit, match=said):
        sites(fixed, faulty)


def test_a_fix_whose_code_is_gone_is_left_out(repository: Path) -> None:
    (repository / "words.py").write_text("x = 1\n")
    arguments = [str(repository.parent / "fix.diff"), "--root", str(repository)]
    told = CliRunner().invoke(cli, ["injectors", "import", *arguments])
    assert "left out: fix.diff: words.py: the code of its hunk at line 1 is there 0 times" in told.output
    assert isinstance(told.exception, UserError)


def test_the_family_without_a_file_says_what_to_do() -> None:
    with pytest.raises(UserError, match="needs a file of recorded bugs; make one with"):
        catalogue.selected(InjectionFactor(families=("recorded",)))


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bugs.json").write_text("{}")
    with pytest.raises(UserError, match="cannot be read"):
        recorded.load(tmp_path / "bugs.json")

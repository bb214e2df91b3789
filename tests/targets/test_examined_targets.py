"""Targets as a campaign begins with them: resolved, their tests run in a worker with nothing seeded."""

from __future__ import annotations

from pathlib import Path

import pytest

from testbed.baseline import Baseline, examine
from testbed.conditions import Condition, LimitsFactor, TargetFactor
from testbed.engine.prepare import prepare
from testbed.errors import UserError
from testbed.evaluator import ProcessEvaluator
from testbed.facts import BaselineFact, parse
from testbed.targets import carved_entries, resolve


def examined(folder: Path, files: dict[str, str], **levels: tuple[str, ...]) -> Baseline:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    target = resolve(TargetFactor(name=str(folder), **levels))  # type: ignore[arg-type]
    with ProcessEvaluator(target.spec(LimitsFactor())) as evaluator:
        return examine(
            target.name,
            target.version,
            target.package_files,
            evaluator,
            seed=1,
            examples=5,
            digest=target.digest(),
        )


VERSION = """from importlib.metadata import entry_points, version
import sums
def test_version():
    assert version("sums-of-mine") == sums.__version__ == "2.5"
def test_commands():
    assert "sums:add" in [point.value for point in entry_points(group="console_scripts")]
"""
PROJECT = """[project]
name = "sums-of-mine"
dynamic = ["version"]
[project.scripts]
add = "sums:add"
"""


def test_a_target_knows_its_own_version_and_commands_without_being_installed(tmp_path: Path) -> None:
    files = {"sums.py": '__version__ = "2.5"\n', "test_sums.py": VERSION, "pyproject.toml": PROJECT}
    made = examined(tmp_path, files)
    assert (made.fact.target, made.fact.version, len(made.fact.tests)) == ("sums-of-mine", "2.5", 2)


NAMESPACE = {
    "src/ns/sums/__init__.py": "from ns.sums.core import add\n",
    "src/ns/sums/core.py": "def add(a, b):\n    return a + b\n",
    "tests/test_sums.py": "from ns.sums import add\ndef test_add():\n    assert add(1, 2) == 3\n",
}


def test_a_namespace_package_runs_from_its_folder_and_its_calls_are_recorded(tmp_path: Path) -> None:
    assert len(examined(tmp_path, NAMESPACE).fact.tests) == 1
    target = resolve(TargetFactor(name=str(tmp_path)))
    assert list(carved_entries(target, LimitsFactor())) == ["ns.sums.core:add"]


UNSTEADY = """import os, time, tempfile
import sums
def test_add():
    assert sums.add(1, 2) == 3
def test_clock():
    sums.twice(time.time())
def test_folder(tmp_path):
    sums.name(str(tmp_path))
    sums.name("x")
"""


def test_recorded_calls_are_the_same_each_time(tmp_path: Path) -> None:
    functions = "def add(a, b): return a + b\ndef twice(a): return 2 * a\ndef name(a): return a\n"
    examined(tmp_path, {"sums.py": functions, "test_sums.py": UNSTEADY})
    target = resolve(TargetFactor(name=str(tmp_path)))
    found = carved_entries(target, LimitsFactor())
    assert {address: len(calls) for address, calls in found.items()} == {"sums:add": 1, "sums:name": 1}
    assert carved_entries(target, LimitsFactor()) == found


def test_calls_of_a_cached_function_are_recorded(tmp_path: Path) -> None:
    function = "import functools\n@functools.lru_cache\ndef add(a, b): return a + b\n"
    test = "import sums\ndef test_add():\n    assert sums.add(1, 2) == sums.add(1, 2) == 3\n"
    examined(tmp_path, {"sums.py": function, "test_sums.py": test})
    assert list(carved_entries(resolve(TargetFactor(name=str(tmp_path))), LimitsFactor())) == ["sums:add"]


def test_what_was_examined_and_recorded_once_is_taken_from_the_ledger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in NAMESPACE.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    condition = Condition(target=TargetFactor(name=str(tmp_path)))
    first = prepare([condition], 1)[condition.target]
    fact = parse(first.fact.body())
    assert isinstance(fact, BaselineFact)
    assert fact == first.fact
    assert fact.environment["pytest"] == pytest.__version__
    monkeypatch.setattr("testbed.engine.prepare.carved_entries", None)  # nothing is recorded again
    again = prepare([condition], 1, {0: fact}, first.blobs.__getitem__)[condition.target]
    assert again.spec == first.spec
    assert again.spec.carved == {"ns.sums.core:add": first.spec.carved["ns.sums.core:add"]}
    assert again.subject == first.subject


def test_a_ledger_without_the_newer_fields_is_read() -> None:
    body = BaselineFact("a", "1", "d", 1, (), (), (), {}, {}).body()
    del body["calls"], body["environment"]
    assert parse(body) == BaselineFact("a", "1", "d", 1, (), (), (), {}, {})
    with pytest.raises(KeyError):
        parse({key: value for key, value in body.items() if key != "lines"})


def test_data_beside_the_code_and_the_tests_is_there(tmp_path: Path) -> None:
    read = "from pathlib import Path\ndata = Path(__file__).with_name('it.bin').read_text()\n"
    files = {
        "sums/__init__.py": read,
        "sums/it.bin": "7",
        "tests/test_sums.py": read.replace("bin", "dat")
        + "import sums\ndef test(): assert sums.data == data\n",
        "tests/it.dat": "7",
    }
    assert len(examined(tmp_path, files).fact.tests) == 1


def test_configuration_for_plugins_that_are_not_installed_does_no_harm(tmp_path: Path) -> None:
    config = """[tool.pytest.ini_options]
addopts = "--cov=sums --cov-report=xml -n auto --strict-config"
required_plugins = ["pytest-nothing-at-all"]
nothing_at_all = 5
"""
    files = {"sums.py": "x = 1\n", "test_sums.py": "def test_it(): pass\n", "pyproject.toml": config}
    assert len(examined(tmp_path, files).fact.tests) == 1


def test_a_target_that_takes_warnings_for_errors_may_use_hypothesis(tmp_path: Path) -> None:
    test = "from hypothesis import given, strategies as s\n@given(s.integers())\ndef test_it(x): pass\n"
    files = {"sums.py": "x = 1\n", "test_sums.py": test, "pytest.ini": "[pytest]\nfilterwarnings = error\n"}
    assert len(examined(tmp_path, files).fact.tests) == 1


def test_what_addopts_leaves_out_stays_out(tmp_path: Path) -> None:
    config = "[pytest]\naddopts = -m 'not slow' --ignore=tests/broken.py\nmarkers =\n  slow: slow\n"
    tests = "import pytest\ndef test_it(): pass\n@pytest.mark.slow\ndef test_slow(): assert 0\n"
    files = {
        "sums.py": "x = 1\n",
        "tests/test_sums.py": tests,
        "pytest.ini": config,
        "tests/broken.py": "1/0\n",
    }
    assert [info.id for info in examined(tmp_path, files).fact.tests] == ["tests/test_sums.py::test_it"]


BROKEN = {
    "sums.py": "x = 1\n",
    "tests/test_sums.py": "def test_it(): pass\ndef test_bad(): assert 0\n",
    "tests/test_other.py": "import not_here\n",
}
LEFT_OUT = ("!tests/test_sums.py::test_bad", "!tests/test_other.py")


def test_failing_tests_can_be_left_out_by_name(tmp_path: Path) -> None:
    made = examined(tmp_path, BROKEN, tests=LEFT_OUT)
    assert [info.id for info in made.fact.tests] == ["tests/test_sums.py::test_it"]


def test_a_manifest_can_leave_them_out_as_well(tmp_path: Path) -> None:
    made = examined(tmp_path, {**BROKEN, "target.toml": f"tests = {list(LEFT_OUT)}\n"})
    assert [info.id for info in made.fact.tests] == ["tests/test_sums.py::test_it"]


def test_doctests_are_not_taken_for_tests(tmp_path: Path) -> None:
    files = {
        "sums/__init__.py": '"""\n>>> 1\n2\n"""\n',
        "tests/test_sums.py": "def test_it(): pass\n",
        "pytest.ini": "[pytest]\naddopts = --doctest-modules\ntestpaths = sums tests\n",
    }
    assert len(examined(tmp_path, files).fact.tests) == 1


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {"test_sums.py": "import not_here.at_all\n"},
            "its tests import not_here, .* use --install, or --python",
        ),
        (
            {"conftest.py": "import not_here\n", "test_sums.py": "def test_it(): pass\n"},
            "import not_here, .* --install",
        ),
        (
            {"conftest.py": "def pytest_ignore_collect(nothing): pass\n", "test_sums.py": ""},
            "pytest refuses it",
        ),
        ({"test_sums.py": "def test_it(): assert 0\n"}, "test_sums.py::test_it does not pass"),
        ({"test_sums.py": "def nothing(): pass\n"}, "no tests found"),
    ],
)
def test_what_keeps_tests_from_running_is_told_in_one_line(
    tmp_path: Path, files: dict[str, str], said: str
) -> None:
    with pytest.raises(UserError, match=said) as caught:
        examined(tmp_path, {"sums.py": "x = 1\n", **files})
    assert "\n" not in caught.value.line()

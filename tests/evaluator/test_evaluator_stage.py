"""Where nothing that differs between generations has a part in it, pytest is configured once for all."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from evaluator_targets import source_of, spec_of

from testbed.evaluator import ProcessEvaluator
from testbed.worker import system

TESTS = """
    import sys
    from mini import core

    def names():
        frame = sys._getframe()
        while frame:
            yield frame.f_code.co_filename.rpartition("/")[2]
            frame = frame.f_back

    def test_it_is_staged():
        assert "stage.py" in names()

    def test_value():
        assert core.VALUE == 1

    def test_no_line_of_the_machinery_is_open():
        import os
        found = {}
        for fd in os.listdir("/proc/self/fd"):
            try:
                found[fd] = os.readlink(f"/proc/self/fd/{fd}")
            except OSError:
                pass
        assert not [name for name in found.values() if name.startswith("socket:")], found
"""
WAITS = "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n"
LISTS = "import pathlib\ndef f(): return [*pathlib.Path('mini').iterdir()]\n"
SOURCE = source_of(core="VALUE = (2 if __fault__(1) else 1)\n")
NAMES = ("tests/test_core.py::test_it_is_staged", "tests/test_core.py::test_value")
LINES = "tests/test_core.py::test_no_line_of_the_machinery_is_open"


@pytest.mark.parametrize(
    ("more", "staged"),
    [
        ({}, "pass"),
        (
            {"conftest.py": "def pytest_configure(config):\n    config.own = open('conftest.py').read()\n"},
            "pass",
        ),
        ({"conftest.py": "import helper, os\nos.listdir('tests')", "helper.py": "A = 1\n"}, "fail"),
        ({"conftest.py": "import helper\n", "helper.py": "import json\nA = [*json.loads('[1]')]\n"}, "pass"),
        ({"conftest.py": "import mini.core\n"}, "fail"),
        ({"conftest.py": "import sys, mini.core\nsys.modules.pop('mini.core')\n"}, "fail"),
        ({"conftest.py": "TEXT = open('mini/core.py').read()\n"}, "fail"),
        ({"conftest.py": "import pathlib\nTEXT = pathlib.Path('mini/core.py').read_bytes()\n"}, "fail"),
        ({"conftest.py": "def pytest_sessionstart():\n    open('left', 'w').close()\n"}, "fail"),
        ({"conftest.py": "import helper\nhelper.f()\n", "helper.py": LISTS}, "fail"),
        ({"conftest.py": "import os\nos.environ['MINI'] = '1'\n"}, "fail"),
        ({"conftest.py": "import subprocess, sys\nsubprocess.run([sys.executable, '-c', ''])\n"}, "fail"),
        ({"conftest.py": WAITS}, "fail"),
        ({"tests/conftest.py": "import pytest\n@pytest.fixture(autouse=True)\ndef one(): yield 1\n"}, "pass"),
        ({"pytest.ini": "[pytest]\nrequired_plugins = nobody-has-this\n"}, ""),
    ],
)
def test_generations_and_faults_of_importing_go_on_from_there(
    scratch: Path, more: dict[str, str], staged: str
) -> None:
    with ProcessEvaluator(spec_of({"tests/test_core.py": TESTS, **more}, scratch)) as evaluator:
        for name in ("one", "other"):
            loaded = evaluator.load(name, SOURCE)
            assert loaded.import_time == (frozenset({1}) if staged else frozenset())
            assert bool(loaded.error) is not bool(staged)
            for faults, value in ((frozenset(), "pass"), (frozenset({1}), "fail")) if staged else ():
                outcomes = evaluator.run(name, faults, NAMES)
                assert [outcome.verdict for outcome in outcomes] == [staged, value]


def test_a_plugin_of_the_target_keeps_pytest_from_waiting(scratch: Path) -> None:
    spec = spec_of({"tests/test_core.py": TESTS, "own.py": "import mini.core\n"}, scratch)
    with ProcessEvaluator(replace(spec, options=("-p", "own"))) as evaluator:
        assert evaluator.load("g", SOURCE).import_time == frozenset({1})
        outcomes = evaluator.run("g", frozenset({1}), NAMES)
    assert [outcome.verdict for outcome in outcomes] == ["fail", "fail"]


def test_a_test_has_no_line_of_the_machinery_to_write_to(scratch: Path) -> None:
    with ProcessEvaluator(spec_of({"tests/test_core.py": TESTS}, scratch)) as evaluator:
        for name in ("one", "two", "three"):
            assert evaluator.load(name, SOURCE).error == ""
        for name in ("one", "three"):
            for faults in (frozenset[int](), frozenset({1})):
                (outcome,) = evaluator.run(name, faults, [LINES])
                assert outcome.verdict == "pass", outcome.shown


def test_descriptors_are_those_that_stay_open() -> None:
    for fd in system.descriptors():
        os.fstat(fd)

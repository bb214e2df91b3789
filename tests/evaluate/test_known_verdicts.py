"""What was found before is taken again only where everything that decides it is the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from difflib import unified_diff
from pathlib import Path

import pytest
from click.testing import CliRunner

from injectors.catalogue import operators
from testbed.cli import cli
from testbed.evaluate import known, show
from testbed.evaluate.faults import Fault, every
from testbed.evaluate.program import Result, Settings
from testbed.evaluator import WorkerSpec
from testbed.schema import TextEdit

FAULT = Fault(7, "op", "logic", "a.py", "f", 3, TextEdit(4, 5, "x"))
RESULT = Result(FAULT, "fail", ("t::a",), "ValueError", "a.py:3", 2, 5, True, 0.25)
SOURCE = {"a.py": "def f(a, b):\n    return a < b\n"}


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TESTBED_CACHE", str(tmp_path / "cache"))


def _spec(python: str, **more: object) -> WorkerSpec:
    spec = WorkerSpec(python, "somewhere", ("tests",), ("a.py",), {"tests/test_a.py": "def test(): pass\n"})
    return replace(spec, **more)  # type: ignore[arg-type]


def test_a_result_comes_back_as_it_was_for_another_number_of_the_same_fault() -> None:
    store = known.kept()
    known.keep(store, "question", ["t::a", "t::b"], [RESULT])
    other = replace(FAULT, number=9)
    key = known.key_of("question", other)
    assert known.unpack(other, store.get([key])[key]) == replace(RESULT, fault=other)
    assert known.control(store, "question") == ("t::a", "t::b")
    assert store.get([known.key_of("another question", FAULT)]) == {}
    assert store.get([known.key_of("question", replace(FAULT, edit=TextEdit(4, 5, "y")))]) == {}


def test_what_a_clock_decided_is_not_kept() -> None:
    assert known.pack(replace(RESULT, verdict="timeout", clocked=True)) is None
    assert known.pack(replace(RESULT, verdict="unknown")) is None
    assert known.pack(replace(RESULT, verdict="timeout")) is not None


def test_whatever_decides_makes_another_question() -> None:
    import sys

    settings, spec = Settings(), _spec(sys.executable)
    first = known.question(spec, SOURCE, settings)
    assert known.question(spec, SOURCE, replace(settings, workers=5)) == first
    others = [
        known.question(spec, {"a.py": SOURCE["a.py"] + "#\n"}, settings),
        known.question(
            _spec(sys.executable, static={"tests/test_a.py": "def test(): 1\n"}), SOURCE, settings
        ),
        known.question(_spec(sys.executable, options=("-x",)), SOURCE, settings),
        known.question(_spec(sys.executable, singly=True), SOURCE, settings),
        known.question(spec, SOURCE, replace(settings, seed=1)),
        known.question(spec, SOURCE, replace(settings, matrix=True)),
        known.question(spec, SOURCE, replace(settings, examples=7)),
    ]
    assert len({first, *others}) == len(others) + 1


def test_an_interpreter_that_does_not_answer_is_never_the_same() -> None:
    known._installed.cache_clear()
    first = known.question(_spec("/bin/false"), SOURCE, Settings())
    known._installed.cache_clear()
    assert known.question(_spec("/bin/false"), SOURCE, Settings()) != first


def test_the_faults_of_a_source_are_found_once() -> None:
    store, chosen = known.kept(), list(operators())
    assert known.faults(store, SOURCE, chosen) == every(SOURCE, chosen)
    assert known.faults(store, SOURCE, chosen) == every(SOURCE, chosen)


def test_the_store_is_bounded_and_written_by_several_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "MOST", 40)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda at: known.kept().put({f"{at}": {"v": at}}), range(120)))
    left = known.kept().get([str(at) for at in range(120)])
    assert 30 <= len(left) <= 40
    assert all(value == {"v": int(key)} for key, value in left.items())


@pytest.mark.parametrize("spoil", [lambda path: path.write_bytes(b"no database"), lambda path: path.mkdir()])
def test_a_store_that_cannot_be_read_knows_nothing(spoil: Callable[[Path], object], tmp_path: Path) -> None:
    spoil(tmp_path / "verdicts")
    store = known.Known(tmp_path / "verdicts")
    store.put({"a": 1})
    assert store.get(["a"]) == {}
    assert known.Known(None).get(["a"]) == {}


def test_a_second_evaluation_runs_nothing_and_says_the_same(
    small_target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = tmp_path / "1.json", tmp_path / "2.json"
    arguments = ["evaluate", str(small_target), "--limit", "6", "--workers", "1", "--examples", "5", "--json"]
    done = CliRunner().invoke(cli, [*arguments, str(first)], catch_exceptions=False)
    assert "known before: 0 of 6" in done.output
    monkeypatch.setattr("testbed.evaluate.run.ProcessEvaluator.load", None)  # a call would fail
    done = CliRunner().invoke(cli, [*arguments, str(second)], catch_exceptions=False)
    assert "known before: 6 of 6 (100.0%)" in done.output
    assert json.loads(first.read_text()) == json.loads(second.read_text())


@pytest.mark.parametrize("place", [0, 1, 2, 30, 59])
@pytest.mark.parametrize("new", ["", "x = 1\n", "x = 1\ny = 2\n"])
def test_a_diff_is_that_of_the_whole_files(place: int, new: str) -> None:
    lines = [f"line_{at % 7} = {at % 5}\n" for at in range(60)]
    text = "".join(lines)
    start = len("".join(lines[:place]))
    fault = replace(FAULT, edit=TextEdit(start, start + len(lines[place]), new))
    changed = text[:start] + new + text[start + len(lines[place]) :]
    whole = unified_diff(lines, changed.splitlines(keepends=True), "a/a.py", "b/a.py", n=2)
    assert show.diff({"a.py": text}, fault) == "".join(whole)

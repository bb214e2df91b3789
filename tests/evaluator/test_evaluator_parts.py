"""Baselines, specifications and replies: each alone, without a worker."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testbed.evaluator.baselines import Baselines, hit_budget
from testbed.evaluator.replies import BadReply, parse_calls, parse_load, parse_run
from testbed.evaluator.spec import Entry, WorkerSpec, encode_files, import_roots, top_modules
from testbed.worker.folder import decode_files


@given(st.integers(0, 10**9))
def test_the_budget_is_a_thousand_times_the_clean_hits_but_a_million_at_least(hits: int) -> None:
    assert hit_budget(hits) == max(1_000_000, 1_000 * hits)


def test_limits_follow_the_slowest_clean_run() -> None:
    baselines = Baselines(2.0)
    assert baselines.limits(["a"], 0) == {}
    baselines.note("a", 0.5, 10, 0)
    baselines.note("a", 0.1, 2_000, 0)
    assert baselines.limits(["a", "b"], 0) == {"a": [7.0, 2_000_000]}


def test_limits_grow_with_the_examples() -> None:
    baselines = Baselines(2.0)
    baselines.note("a", 0.1, 10_000, 20)
    assert baselines.limits(["a"], 20) == {"a": [3.0, 10_000_000]}
    assert baselines.limits(["a"], 100) == {"a": [7.0, 50_000_000]}
    assert baselines.limits(["a"], 5) == {"a": [3.0, 10_000_000]}


def test_inputs_of_an_entry_point_share_their_limits() -> None:
    baselines = Baselines(1.0)
    baselines.note("diff:e#1", 0.1, 5, 0)
    assert baselines.limits(["diff:e#2", "diff:f#1"], 0) == {"diff:e#2": [2.0, 1_000_000]}


def test_what_a_fault_may_take_of_memory_follows_the_largest_clean_run() -> None:
    baselines = Baselines(1.0)
    assert baselines.data_mib(1_000) == 900
    baselines.mib = 3.0
    assert baselines.data_mib(1_000) == 128
    baselines.mib = 100.0
    assert baselines.data_mib(1_000) == 400
    assert baselines.data_mib(300) == 270


@pytest.mark.parametrize(
    ("package", "files", "expected"),
    [
        (["mini"], [], ("",)),
        (["mini.py"], [], ("",)),
        (["src/mini"], [], ("", "src")),
        (["src/mini/part"], ["src/mini/__init__.py"], ("", "src")),
        (["a", "lib/b"], [], ("", "lib")),
        (["src"], ["src/a/__init__.py", "src/a/b.py"], ("", "src")),
        (["mini"], ["mini/__init__.py", "mini/a/__init__.py"], ("",)),
        (["space"], ["space/a/__init__.py", "space/b.py"], ("",)),
    ],
)
def test_a_package_is_imported_from_the_folder_above_it(
    package: list[str], files: list[str], expected: tuple[str, ...]
) -> None:
    assert import_roots(package, files) == expected


def test_the_target_s_own_modules_are_named_by_their_first_part() -> None:
    source = ["src/a/__init__.py", "src/a/b.py", "c.py", "d/e.py"]
    assert top_modules(source, ["", "src"]) == ("a", "c", "d")


@given(st.dictionaries(st.text(max_size=5), st.text() | st.binary()))
def test_files_arrive_as_they_were(files: dict[str, str | bytes]) -> None:
    expected = {path: data.encode() if isinstance(data, str) else data for path, data in files.items()}
    assert decode_files(encode_files(files)) == expected


def test_public_functions_of_declared_and_carved_entries() -> None:
    spec = WorkerSpec(
        python="",
        root="",
        tests=(),
        package=(),
        static={},
        entries=(Entry("e", "m:g", "m:c", ("m.f",)),),
        carved={"m:f": ("[]",)},
    )
    assert spec.public() == {"e": ("m.f",), "m:f": ("m.f",)}


GOOD: dict[str, Any] = {"t": "a", "v": "fail", "r": [3, 1], "s": 0.5, "h": 7, "c": 1, "e": "ValueError"}


def test_a_good_reply_becomes_an_outcome() -> None:
    answer = parse_run({"results": [GOOD]}, ["a"])["a"]
    assert (answer.outcome.verdict, answer.outcome.reached, answer.outcome.clocked) == ("fail", (1, 3), True)
    assert (answer.outcome.exception, answer.hits, answer.loading) == ("ValueError", 7, False)


@pytest.mark.parametrize(
    "change",
    [
        {"t": "b"},
        {"t": 1},
        {"t": []},
        {"v": "fine"},
        {"v": []},
        {"v": None},
        {"r": [-1]},
        {"r": ["x"]},
        {"r": 3},
        {"r": [True]},
        {"r": [float("nan")]},
        {"r": list(range(200_000))},
        {"s": -1},
        {"s": "x"},
        {"s": float("inf")},
        {"h": 1 << 70},
        {"e": "x" * 5_000},
        {"w": 3},
        {"d": "x" * 100},
    ],
)
def test_a_malformed_result_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(BadReply):
        parse_run({"results": [{**GOOD, **change}]}, ["a"])


@pytest.mark.parametrize("reply", [{}, {"results": 3}, {"results": [3]}, {"results": []}])
def test_a_malformed_reply_is_refused(reply: dict[str, Any]) -> None:
    with pytest.raises(BadReply):
        parse_run(reply, ["a"])


LOAD: dict[str, Any] = {
    "tests": [["a", "unit"]],
    "entries": ["e"],
    "import_time": [1, 2],
    "late": [2],
    "hits": 3,
    "unforkable": "",
    "seconds": 0.1,
}


def test_a_load_reply_becomes_loaded() -> None:
    load = parse_load(LOAD, {"e": ("m.f",), "x": ()})
    assert [test.id for test in load.loaded.tests] == ["a"]
    assert load.loaded.public == {"e": ("m.f",)}
    assert (load.loaded.import_time, load.loaded.late) == ({1}, {2})
    assert parse_load({"error": "why"}, {}).loaded.error == "why"


@pytest.mark.parametrize(
    "change",
    [
        {"tests": 3},
        {"tests": [["a"]]},
        {"tests": ["a"]},
        {"tests": [["a", "differential"]]},
        {"tests": [[1, "unit"]]},
        {"entries": [1]},
        {"entries": None},
        {"import_time": ["x"]},
        {"late": ["x"]},
        {"error": 3},
        {"unforkable": None},
        {"seconds": "x"},
    ],
)
def test_a_malformed_load_reply_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(BadReply):
        parse_load({**LOAD, **change}, {})


def test_recorded_calls_are_checked_too() -> None:
    assert parse_calls({"results": [{"y": [["m:f", "[]"]]}, {}]}) == [("m:f", "[]")]
    for bad in (3, [3], [["m:f"]], [["m:f", 3]]):
        with pytest.raises(BadReply):
            parse_calls({"results": [{"y": bad}]})

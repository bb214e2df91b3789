"""Differential inputs, and entry points carved out of unit tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from evaluator_targets import materialised, source_of, spec_of

from testbed.evaluator import Entry, ProcessEvaluator, WorkerSpec, cold_digests
from testbed.protocols import Loaded, Outcome

SOURCE = source_of(
    core="""
        import os

        def size(n):
            return (float(n) if __fault__(1) else n)

        def flag(n):
            return (1 if __fault__(2) else True)

        def order(items):
            items.append(9) if __fault__(3) else None
            return sorted(items)

        def write(n):
            if __fault__(4):
                n += len(os.listdir("."))
            else:
                pass
            with open("written", "w") as file:
                file.write(str(n))
            return len(os.listdir("."))

        def check(n):
            if __fault__(5):
                raise KeyError(n)
            else:
                raise ValueError(n)

        def stream(n):
            for i in range(n):
                yield (i + 1 if __fault__(6) else i)

        def loop(n):
            while n > 0:
                n = (n if __fault__(7) else n - 1)
            return n

        def apply(function, items, *more, start=0):
            return [function(item) for item in items] + list(more) + [start]

        def _private(n):
            return n
    """
)
SOURCE["mini/_hidden.py"] = "def inner(n):\n    return n\n"

STATIC = {
    "inputs.py": """
        from mini import core

        def number(rng): return rng.randrange(1, 1000)
        def numbers(rng): return [rng.randrange(10) for _ in range(4)]
        def broken(rng): raise LookupError
    """,
    "tests/test_core.py": """
        from mini import _hidden, core

        def shout(x): return x

        def test_size():
            for n in range(100): core.size(n % 50)
            core.size(object())
            core._private(3)
            _hidden.inner(3)
        def test_apply():
            assert core.apply(abs, (1, -2), {"a": {1, 2}}, start=None)
            assert core.apply(shout, [1.5, b"x"])
            assert core.apply(lambda x: x, [1])
        def test_stream(): assert list(core.stream(3)) == [0, 1, 2]
    """,
}

NAMES = ("size", "flag", "write", "check", "stream", "loop")
ENTRIES = (
    *(Entry(name, "inputs:number", f"mini.core:{name}", (f"mini.core.{name}",)) for name in NAMES),
    Entry("order", "inputs:numbers", "mini.core:order"),
    Entry("broken", "inputs:broken", "mini.core:size"),
)


@pytest.fixture(scope="module")
def spec(scratch: Path) -> WorkerSpec:
    return spec_of(STATIC, scratch, entries=ENTRIES)


@pytest.fixture(scope="module")
def evaluator(spec: WorkerSpec) -> Iterator[ProcessEvaluator]:
    made = ProcessEvaluator(spec)
    yield made
    made.close()


@pytest.fixture(scope="module")
def loaded(evaluator: ProcessEvaluator) -> Loaded:
    return evaluator.load("g", SOURCE)


def one(evaluator: ProcessEvaluator, test: str, *faults: int) -> Outcome:
    return evaluator.run("g", frozenset(faults), [test])[0]


def test_entry_points_are_named_with_what_they_exercise(loaded: Loaded) -> None:
    assert loaded.entries == (*NAMES, "order", "broken")
    assert loaded.public["size"] == ("mini.core.size",)
    assert loaded.error == ""


def test_equal_inputs_have_equal_digests(evaluator: ProcessEvaluator, loaded: Loaded) -> None:
    digests = {one(evaluator, "diff:size#7", *faults).digest for faults in ((), (2,), ())}
    assert len(digests) == 1
    assert one(evaluator, "diff:size#8").digest not in digests


@pytest.mark.parametrize(
    ("entry", "fault", "clean", "faulty"),
    [
        ("size", 1, "332 <- 332", "332.0 <- 332"),
        ("flag", 2, "True <- 332", "1 <- 332"),
        ("order", 3, "[0, 2, 5, 6] <- [5, 2, 6, 0]", "[0, 2, 5, 6, 9] <- [5, 2, 6, 0, 9]"),
        ("check", 5, "raises ValueError <- 332", "raises KeyError <- 332"),
    ],
)
def test_outcomes_differ_in_value_type_exception_and_what_became_of_the_input(
    evaluator: ProcessEvaluator, loaded: Loaded, entry: str, fault: int, clean: str, faulty: str
) -> None:
    outcomes = [one(evaluator, f"diff:{entry}#7", *faults) for faults in ((), (fault,))]
    assert [outcome.shown for outcome in outcomes] == [clean, faulty]
    assert [outcome.verdict for outcome in outcomes] == ["pass", "pass"]
    assert outcomes[0].digest != outcomes[1].digest


def test_generators_are_consumed(evaluator: ProcessEvaluator, loaded: Loaded) -> None:
    clean, faulty = one(evaluator, "diff:stream#7"), one(evaluator, "diff:stream#7", 6)
    assert clean.shown.startswith("generator[0, 1, 2, ")
    assert clean.digest != faulty.digest
    assert clean.reached == (6,)


def test_every_input_starts_in_an_empty_folder(evaluator: ProcessEvaluator, loaded: Loaded) -> None:
    asked = [f"diff:write#{seed}" for seed in range(5)]
    outcomes = evaluator.run("g", frozenset({4}), asked)
    assert {outcome.shown.partition(" ")[0] for outcome in outcomes} == {"1"}


def test_an_input_that_cannot_be_made_is_an_outcome(evaluator: ProcessEvaluator, loaded: Loaded) -> None:
    assert one(evaluator, "diff:broken#1").shown == "no input: LookupError"


def test_an_endless_call_is_a_timeout_and_the_other_inputs_go_on(
    evaluator: ProcessEvaluator, loaded: Loaded
) -> None:
    one(evaluator, "diff:loop#2")
    outcomes = evaluator.run("g", frozenset({7}), ["diff:size#1", "diff:loop#1", "diff:size#2"])
    assert [outcome.verdict for outcome in outcomes] == ["pass", "timeout", "pass"]


def test_a_plain_process_on_materialised_source_has_the_same_digests(
    evaluator: ProcessEvaluator, loaded: Loaded, spec: WorkerSpec
) -> None:
    on = frozenset({1, 3, 5, 6})
    asked = [f"diff:{name}#{seed}" for name in ("size", "order", "check", "stream") for seed in (1, 2)]
    expected = {outcome.test: outcome.digest for outcome in evaluator.run("g", on, asked)}
    assert cold_digests(spec, materialised(SOURCE, on), asked) == expected


def test_an_entry_point_that_cannot_be_imported_is_named(spec: WorkerSpec, scratch: Path) -> None:
    missing = Entry("missing", "inputs:nothing", "mini.core:size")
    evaluator = ProcessEvaluator(replace(spec, entries=(missing, *ENTRIES[:1])))
    loaded = evaluator.load("g", SOURCE)
    evaluator.close()
    assert loaded.entries == ("size",)
    assert "entry missing: AttributeError" in loaded.error


@pytest.fixture(scope="module")
def carved(evaluator: ProcessEvaluator, loaded: Loaded) -> dict[str, tuple[str, ...]]:
    return evaluator.carve("g")


def test_carving_finds_calls_of_public_functions_with_plain_arguments(
    carved: dict[str, tuple[str, ...]],
) -> None:
    assert sorted(carved) == ["mini.core:apply", "mini.core:size", "mini.core:stream"]
    assert len(carved["mini.core:apply"]) == 2
    assert 1 < len(carved["mini.core:size"]) <= 30
    assert len(carved["mini.core:stream"]) == 1


def test_carved_calls_are_replayed_and_perturbed(
    spec: WorkerSpec, carved: dict[str, tuple[str, ...]]
) -> None:
    evaluator = ProcessEvaluator(replace(spec, entries=(), carved=carved))
    loaded = evaluator.load("g", SOURCE)
    asked = [f"diff:{entry}#{seed}" for entry in loaded.entries for seed in range(20)]
    clean = evaluator.run("g", frozenset(), asked)
    again = evaluator.run("g", frozenset({2}), asked)
    faulty = evaluator.run("g", frozenset({1}), asked)
    evaluator.close()
    assert loaded.entries == tuple(sorted(carved))
    assert [outcome.digest for outcome in clean] == [outcome.digest for outcome in again]
    assert len({outcome.digest for outcome in clean if "apply" in outcome.test}) > 2
    assert [outcome.digest for outcome in clean] != [outcome.digest for outcome in faulty]

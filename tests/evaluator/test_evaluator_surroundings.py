"""What surrounds a test: interpreters that it starts, open files, names of folders, arguments."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from evaluator_targets import materialised, source_of, spec_of

from testbed.evaluator import Entry, ProcessEvaluator, cold_digests, cold_verdicts
from testbed.protocols import Loaded

SOURCE = source_of(
    core="""
        import os, sys, tempfile

        LIMIT = (1 if __fault__(1) else 2)

        def size(n):
            return (n + 1 if __fault__(2) else n)

        def loop():
            n = 1
            while n:
                if __fault__(3):
                    pass
                else:
                    n = 0
            return n

        def spin():
            while (True if __fault__(4) else False):
                while True:
                    pass
            return 0

        def here(n):
            return [os.getcwd(), __file__, os.path.expanduser("~"), tempfile.gettempdir(), n]

        def deep(n):
            return deep(n - 1) if n > 0 else 0

        def deeper(n):
            return deep(900 + n)

        def main():
            print(size(int(sys.argv[1])))
    """,
    __main__="""
        from mini.core import main
        main()
    """,
)
STATIC = {
    "data.txt": "a line\nanother\n",
    "inputs.py": """
        def number(rng): return rng.randrange(100)
    """,
    "tests/test_core.py": """
        import os, pathlib, subprocess, sys
        import pytest
        from mini import core

        HERE = pathlib.Path(__file__).parent

        def run(*arguments, **more):
            done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, **more)
            return done.stdout.strip()

        def test_main(): assert run("-m", "mini", "3") == "3"
        def test_module_code(): assert run("-c", "from mini import core; print(core.LIMIT)") == "2"
        def test_loop(): assert run("-c", "from mini import core; print(core.loop())") == "0"
        def test_spin(): assert run("-c", "from mini import core; print(core.spin())") == "0"
        def test_relative(): assert open("data.txt").readline() == "a line\\n"
        def test_arguments(): assert sys.argv[0].endswith("pytest") or "pytest" in sys.argv[0]

        @pytest.mark.parametrize("path", [str(HERE / "test_core.py")])
        def test_path(path): assert core.size(1) == 1 and os.path.exists(path)
    """,
}
FILE = "tests/test_core.py::"


@pytest.fixture(scope="module")
def evaluator(scratch: Path) -> Iterator[ProcessEvaluator]:
    entries = tuple(Entry(name, "inputs:number", f"mini.core:{name}") for name in ("here", "deeper"))
    made = ProcessEvaluator(spec_of(STATIC, scratch, entries=entries))
    yield made
    made.close()


@pytest.fixture(scope="module")
def loaded(evaluator: ProcessEvaluator) -> Loaded:
    evaluator.load("before", SOURCE)
    return evaluator.load("g", SOURCE)


def verdict(evaluator: ProcessEvaluator, name: str, *faults: int) -> str:
    return evaluator.run("g", frozenset(faults), [FILE + name])[0].verdict


def test_all_pass_unfaulted(evaluator: ProcessEvaluator, loaded: Loaded) -> None:
    outcomes = evaluator.run("g", frozenset(), [test.id for test in loaded.tests])
    assert [outcome for outcome in outcomes if outcome.verdict != "pass"] == []


@pytest.mark.parametrize(("name", "fault"), [("test_main", 2), ("test_module_code", 1)])
def test_faults_act_in_interpreters_that_a_test_starts(
    evaluator: ProcessEvaluator, loaded: Loaded, name: str, fault: int
) -> None:
    assert verdict(evaluator, name) == "pass"
    assert verdict(evaluator, name, fault) == "fail"


def test_guards_reached_in_another_interpreter_are_told_and_undecided(
    evaluator: ProcessEvaluator, loaded: Loaded
) -> None:
    (plain,) = evaluator.run("g", frozenset(), [FILE + "test_main"])
    (probed,) = evaluator.run("g", frozenset(), [FILE + "test_main"], probe=True)
    assert plain.reached == probed.reached == probed.undecided == (1, 2)
    assert probed.infected == ()


def test_an_endless_loop_in_another_interpreter_ends_by_counting(
    evaluator: ProcessEvaluator, loaded: Loaded
) -> None:
    verdict(evaluator, "test_loop")
    (outcome,) = evaluator.run("g", frozenset({3}), [FILE + "test_loop"])
    assert (outcome.verdict, outcome.clocked, outcome.reached) == ("timeout", False, (1, 3))


@pytest.mark.slow
def test_any_other_endless_loop_in_another_interpreter_ends_by_the_clock(
    evaluator: ProcessEvaluator, loaded: Loaded
) -> None:
    verdict(evaluator, "test_spin")
    (outcome,) = evaluator.run("g", frozenset({4}), [FILE + "test_spin"])
    assert (outcome.verdict, outcome.clocked) == ("timeout", True)


def test_names_of_tests_are_the_same_in_every_load_and_cold(
    evaluator: ProcessEvaluator, loaded: Loaded, scratch: Path
) -> None:
    names = [test.id for test in loaded.tests]
    assert [test.id for test in evaluator.load("other", SOURCE).tests] == names
    evaluator.drop("other")
    assert FILE + "test_path[<root>/tests/test_core.py]" in names
    cold = cold_verdicts(spec_of(STATIC, scratch), materialised(SOURCE, frozenset({2})), names, seconds=10)
    forked = {outcome.test: outcome.verdict for outcome in evaluator.run("g", frozenset({2}), names)}
    assert forked == cold
    assert list(forked.values()).count("fail") == 2


def test_digests_do_not_depend_on_names_of_folders(
    evaluator: ProcessEvaluator, loaded: Loaded, scratch: Path
) -> None:
    outcomes = [
        evaluator.run(name, frozenset(faults), ["diff:here#1"])[0]
        for name, faults in (("g", ()), ("before", ()), ("g", (1,)))
    ]
    assert {outcome.shown for outcome in outcomes} == {outcomes[0].shown}
    assert outcomes[0].shown.startswith("['<work>', '<root>/mini/core.py', '<home>', '<tmp>', 17]")
    cold = cold_digests(evaluator.spec, materialised(SOURCE, frozenset()), ["diff:here#1"])
    assert cold == {"diff:here#1": outcomes[0].digest}


def test_files_opened_while_importing_are_read_from_where_they_stood(scratch: Path) -> None:
    static = {
        "tests/test_open.py": """
            import os, pathlib
            FILE = open(pathlib.Path(__file__).parent / "lines.txt")
            def test_first_line(): assert FILE.readline() == "one\\n"
        """,
        "tests/lines.txt": "one\ntwo\n",
    }
    evaluator = ProcessEvaluator(spec_of(static, scratch))
    evaluator.load("g", SOURCE)
    asked = ["tests/test_open.py::test_first_line"]
    verdicts = [evaluator.run("g", frozenset(), asked)[0].verdict for _ in range(2)]
    evaluator.close()
    assert verdicts == ["pass", "pass"]


def test_what_a_cold_run_leaves_at_home_is_gone(evaluator: ProcessEvaluator, scratch: Path) -> None:
    static = {
        "tests/test_home.py": """
            import os, tempfile
            from mini import core
            def test_home():
                assert core.LIMIT
                assert not os.listdir(os.path.expanduser("~"))
                assert not os.listdir(tempfile.gettempdir())
                open(os.path.expanduser("~/left"), "w").close()
                open(os.path.join(tempfile.gettempdir(), "left"), "w").close()
        """
    }
    made = ProcessEvaluator(spec_of(static, scratch))
    made.load("g", SOURCE)
    verdicts = [
        made.run("g", frozenset(faults), ["tests/test_home.py::test_home"])[0].verdict
        for faults in ((), (), (1,), (1,), ())
    ]
    made.close()
    assert set(verdicts) == {"pass"}


def test_recursion_of_inputs_has_the_same_room_everywhere(
    evaluator: ProcessEvaluator, loaded: Loaded, scratch: Path
) -> None:
    asked = [f"diff:deeper#{seed}" for seed in range(80)]
    forked = {outcome.test: outcome.digest for outcome in evaluator.run("g", frozenset(), asked)}
    early = {outcome.test: outcome.digest for outcome in evaluator.run("g", frozenset({1}), asked)}
    cold = cold_digests(evaluator.spec, materialised(SOURCE, frozenset()), asked)
    assert forked == early == cold

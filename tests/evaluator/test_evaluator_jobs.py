"""Many faults in one process: whatever a test leaves behind, each verdict is that of a process of its own."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from evaluator_targets import source_of, spec_of

from testbed.evaluator import Job, ProcessEvaluator, WorkerSpec
from testbed.worker.gate import reasons_against

SOURCE = source_of(
    core="""
        import collections
        import functools
        import itertools
        import logging
        import os
        import sys
        import warnings

        STATE = []
        NUMBERS = itertools.count()
        TABLE = collections.OrderedDict(a=1, b=2)
        LOG = logging.getLogger(__name__)

        class Slotted:
            __slots__ = ("value",)
            def __init__(self):
                self.value = 0

        SLOTTED = Slotted()

        class Listed(list):
            pass

        LISTED = Listed()
        SEEN, BYTES, QUEUE, FLAG = {1}, bytearray(b"a"), collections.deque([1]), 0

        class Box:
            count = 0

        def counter():
            held = 0
            def more(by):
                nonlocal held
                held += by
                return held
            return more

        COUNT = counter()
        SHAPED = Box()

        @functools.lru_cache
        def cached(x):
            return x

        def leave(x):
            if __fault__(1):
                STATE.append(x)
            else:
                pass
            if __fault__(2):
                Box.count += 1
            else:
                pass
            COUNT((1 if __fault__(3) else 0))
            if __fault__(4):
                cached(x)
            else:
                pass
            if __fault__(5):
                os.environ["LEFT"] = "1"
            else:
                pass
            if __fault__(6):
                warnings.simplefilter("error")
            else:
                pass
            if __fault__(7):
                next(NUMBERS)
            else:
                pass
            if __fault__(8):
                TABLE.move_to_end("a")
            else:
                pass
            if __fault__(9):
                SLOTTED.value = 1
            else:
                pass
            if __fault__(10):
                sys.setrecursionlimit(sys.getrecursionlimit() + 7)
            else:
                pass
            if __fault__(11):
                with open("left.txt", "w") as file:
                    file.write("x")
            else:
                pass
            if __fault__(12):
                LOG.setLevel(50)
            else:
                pass
            if __fault__(13):
                leave.extra = 1
            else:
                pass
            if __fault__(14):
                os.getcwdb = None
            else:
                pass
            if __fault__(15):
                SHAPED.__dict__ = {"value": 1}
            else:
                pass
            if __fault__(16):
                leave.__dict__ = {"other": 1}
            else:
                pass
            if __fault__(17):
                LISTED.__dict__ = {"other": 1}
            else:
                pass
            if __fault__(18):
                SEEN.add(2)
            else:
                pass
            if __fault__(19):
                globals()["FLAG"] = 1
            else:
                pass
            if __fault__(24):
                BYTES[0] = 98
                QUEUE.append(2)
            else:
                pass
            if __fault__(25):
                del sys.modules["mini.core"]
            else:
                pass
            if __fault__(26):
                LISTED.append(1)
            else:
                pass
            return (x + 1 if __fault__(20) else x)

        def endless(x):
            while (True if __fault__(21) else x < 3):
                x += 1
            return x

        def gone(x):
            if __fault__(22):
                os._exit(3)
            else:
                pass
            return (None if __fault__(23) else x)
    """
)
LOOKS = """
        import os
        import sys
        import warnings

        from mini import core


        def test_leaves():
            core.leave(1)


        def test_says():
            assert core.leave(1) == 1


        def test_ends():
            assert core.endless(0) == 3


        def test_is_there():
            assert core.gone(5) == 5


        def test_finds_nothing():
            assert core.STATE == []
            assert core.Box.count == 0
            assert core.COUNT(0) == 0
            assert core.cached.cache_info().currsize == 0
            assert "LEFT" not in os.environ
            assert not any(each[0] == "error" and each[2] is Warning for each in warnings.filters)
            assert repr(core.NUMBERS) == "count(0)"
            assert list(core.TABLE) == ["a", "b"]
            assert core.SLOTTED.value == 0
            assert sys.getrecursionlimit() % 10 != 7
            assert not os.path.exists("left.txt")
            assert core.LOG.level == 0
            assert not hasattr(core.leave, "extra")
            assert os.getcwdb is not None
            assert core.LISTED == [] and vars(core.LISTED) == {} and vars(core.leave) == {}
            assert core.SEEN == {1} and core.BYTES == b"a" and len(core.QUEUE) == 1 and core.FLAG == 0
            assert vars(core.SHAPED) == {} and sys.modules.get("mini.core") is core
            assert core.leave(0) in (0, 1)
"""
LEAVING = [*range(1, 20), 24, 25, 26]
STATIC = {"tests/test_core.py": LOOKS}
LEAVES, SAYS, ENDS, THERE, NOTHING = (
    f"tests/test_core.py::test_{name}" for name in ("leaves", "says", "ends", "is_there", "finds_nothing")
)


@pytest.fixture(scope="module")
def evaluator(scratch: Path) -> ProcessEvaluator:
    spec: WorkerSpec = spec_of(STATIC, scratch)
    with ProcessEvaluator(spec) as made:
        assert made.load("g", SOURCE).error == ""
        clean = made.run("g", frozenset(), [LEAVES, SAYS, ENDS, THERE, NOTHING])
        assert {outcome.verdict for outcome in clean} == {"pass"}
        yield made  # type: ignore[misc]


@pytest.mark.parametrize("stop", [True, False])
def test_what_a_test_leaves_behind_reaches_no_other_fault(evaluator: ProcessEvaluator, stop: bool) -> None:
    jobs = [
        Job(frozenset({fault}), [LEAVES, NOTHING])
        for fault in itertools.chain.from_iterable((number, 20) for number in LEAVING)
    ]
    for job, done in zip(jobs, evaluator.run_jobs("g", jobs, stop=stop), strict=True):
        assert [outcome.verdict for outcome in done.outcomes] == ["pass", "pass"], (job.faults, done)
        assert done.left == ()


def test_verdicts_are_those_of_a_process_for_each(evaluator: ProcessEvaluator) -> None:
    every = [LEAVES, SAYS, ENDS, THERE]
    jobs = [Job(frozenset({fault}), every, "group") for fault in (20, 21, 22, 23, 1, 20, 14)]
    found = evaluator.run_jobs("g", jobs)
    for job, done in zip(jobs, found, strict=True):
        alone = {test: evaluator.run("g", job.faults, [test])[0] for test in every}
        assert {outcome.test for outcome in done.outcomes} == set(every)
        for outcome in done.outcomes:
            wanted = alone[outcome.test]
            assert (outcome.verdict, outcome.exception, outcome.place, outcome.reached) == (
                wanted.verdict,
                wanted.exception,
                wanted.place,
                wanted.reached,
            )


def test_a_job_ends_with_the_first_failure_and_the_test_that_found_comes_first(
    evaluator: ProcessEvaluator,
) -> None:
    jobs = [Job(frozenset({20}), [LEAVES, SAYS], "same") for _ in range(3)]
    first, second, third = evaluator.run_jobs("g", jobs, stop=True)
    assert [outcome.test for outcome in first.outcomes] == [LEAVES, SAYS]
    assert (
        [outcome.test for outcome in second.outcomes]
        == [outcome.test for outcome in third.outcomes]
        == [SAYS]
    )


def test_what_takes_fixtures_is_left_for_another_way(scratch: Path) -> None:
    static = {
        "tests/test_core.py": """
            import pytest

            from mini import core


            def test_fixture(tmp_path):
                assert core.leave(1) == 1


            @pytest.mark.xfail(strict=True)
            def test_mark():
                assert core.leave(1) == 2


            @pytest.mark.parametrize("value", [1, 2])
            def test_parameter(value):
                assert core.leave(value) == value


            def test_returns():
                return core.leave(1)


            class TestClass:
                def test_method(self):
                    assert core.leave(1) == 1


            class TestSetup:
                def setup_method(self):
                    self.value = 1

                def test_method(self):
                    assert core.leave(self.value) == 1
        """
    }
    with ProcessEvaluator(spec_of(static, scratch)) as evaluator:
        tests = [info.id for info in evaluator.load("g", SOURCE).tests]
        (done,) = evaluator.run_jobs("g", [Job(frozenset({20}), tests)])
        direct = {outcome.test.partition("::")[2]: outcome.verdict for outcome in done.outcomes}
    names = ("test_parameter[1]", "test_parameter[2]", "TestClass::test_method")
    assert direct == dict.fromkeys(names, "fail")
    left = [test.partition("::")[2] for test in done.left]
    assert sorted(left) == ["TestSetup::test_method", "test_fixture", "test_mark", "test_returns"]


def test_without_a_direct_test_all_is_left(scratch: Path) -> None:
    static = {"tests/test_core.py": "def test_one(tmp_path):\n    assert tmp_path\n"}
    with ProcessEvaluator(spec_of(static, scratch)) as evaluator:
        evaluator.load("g", SOURCE)
        (done,) = evaluator.run_jobs("g", [Job(frozenset({1}), ["tests/test_core.py::test_one"])])
    assert (done.outcomes, done.left) == ((), ("tests/test_core.py::test_one",))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import json\njson.decoder.X = 1\n", "changes json"),
        ("from json import decoder\nsetattr(decoder, 'X', 1)\n", "changes json.decoder"),
        ("from collections.abc import Sized\nSized.register(int)\n", "changes collections.abc.Sized"),
        ("import elsewhere\n", "imports elsewhere"),
        ("import ctypes\n", "imports ctypes"),
        ("import gc\ndef f():\n    gc.unfreeze()\n", "names gc.unfreeze"),
        ("def f():\n    from gc import unfreeze as u\n    u()\n", "names gc.unfreeze"),
        ("def f(:\n", "does not parse"),
    ],
)
def test_source_that_could_change_what_nobody_sees(text: str, reason: str) -> None:
    assert any(reason in found for found, _when in reasons_against(text, ["mine"]))


@pytest.mark.parametrize(
    "text",
    [
        "import mine\nmine.x = 1\n",
        "import sys\nsys.path = []\n",
        "def f(self):\n    self.x = [1]\n",
        "import re\n",
    ],
)
def test_source_whose_changes_are_seen(text: str) -> None:
    assert reasons_against(text, ["mine"]) == []


def test_what_a_job_that_changed_a_judge_said_does_not_count(scratch: Path) -> None:
    text = (
        "import core\n\ndef test_one():\n    assert core.f(1)\n\n"
        "def test_two():\n    import _pytest.runner as judge\n"
        "    vars(judge)['call_and_report'] = vars(judge)['runtestprotocol']\n"
    )
    names = ["tests/test_core.py::test_one", "tests/test_core.py::test_two"]
    with ProcessEvaluator(spec_of({"tests/test_core.py": text}, scratch)) as evaluator:
        evaluator.load("g", {"core.py": "def f(x):\n    return (0 if __fault__(1) else x)\n"})
        alone, both = evaluator.run_jobs("g", [Job(frozenset(), names[:1]), Job(frozenset({2}), names)])
    assert [outcome.verdict for outcome in alone.outcomes] == ["pass"]
    assert (both.outcomes, sorted(both.left)) == ((), names)

"""What is left behind (nothing), what happens when a process dies, and what cannot be loaded."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from evaluator_targets import processes_with, source_of, spec_of

from testbed.errors import TestbedError, UserError
from testbed.evaluator import ProcessEvaluator, WorkerSpec

Make = Callable[[WorkerSpec], ProcessEvaluator]

SOURCE = source_of(
    core="""
        import os, signal

        def add(a, b):
            return (a - b if __fault__(1) else a + b)

        def shoot():
            if __fault__(2):
                os.kill(os.getppid(), signal.SIGKILL)
                signal.pause()
            else:
                return 1
    """
)
STATIC = {
    "tests/test_core.py": """
        from mini import core
        def test_add(): assert core.add(1, 1) == 2
        def test_shoot(): assert core.shoot() == 1
    """
}
ADD, SHOOT = "tests/test_core.py::test_add", "tests/test_core.py::test_shoot"


def until(condition: Callable[[], object], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def verdicts(evaluator: ProcessEvaluator, faults: set[int], *tests: str) -> list[str]:
    return [outcome.verdict for outcome in evaluator.run("g", frozenset(faults), tests)]


def test_closing_leaves_no_process_and_no_file(tmp_path: Path) -> None:
    evaluator = ProcessEvaluator(spec_of(STATIC, tmp_path))
    evaluator.load("g", SOURCE)
    assert len(processes_with(str(tmp_path))) >= 2
    evaluator.close()
    evaluator.close()
    assert processes_with(str(tmp_path)) == []
    assert list(tmp_path.iterdir()) == []


def test_an_engine_that_is_killed_takes_its_worker_along(tmp_path: Path) -> None:
    script = f"""
        import signal, sys
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        from pathlib import Path
        from evaluator_targets import spec_of
        from test_evaluator_processes import SOURCE, STATIC, ADD
        from testbed.evaluator import ProcessEvaluator
        evaluator = ProcessEvaluator(spec_of(STATIC, Path({str(tmp_path)!r})))
        evaluator.load("g", SOURCE)
        print("ready", flush=True)
        signal.pause()
    """
    engine = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE)
    assert engine.stdout is not None
    with engine.stdout:
        assert engine.stdout.readline() == b"ready\n"
    assert len(processes_with(str(tmp_path))) >= 2
    engine.kill()
    engine.wait()
    assert until(lambda: not list(tmp_path.iterdir()))
    assert until(lambda: not processes_with(str(tmp_path)))


def zygote_of(scratch: Path) -> int:
    return min(processes_with(str(scratch)))


def test_a_worker_that_is_killed_is_started_again_once(start: Make, tmp_path: Path) -> None:
    evaluator = start(spec_of(STATIC, tmp_path))
    evaluator.load("g", SOURCE)
    os.kill(zygote_of(tmp_path), signal.SIGKILL)
    assert verdicts(evaluator, {1}, ADD, SHOOT) == ["fail", "pass"]
    os.kill(zygote_of(tmp_path), signal.SIGKILL)
    with pytest.raises(TestbedError, match="the worker for mini died"):
        verdicts(evaluator, {1}, ADD)
    assert until(lambda: processes_with(str(tmp_path)) == [])


def test_a_test_that_would_kill_its_parent_fails_or_crashes_and_the_others_keep_their_verdicts(
    start: Make, tmp_path: Path
) -> None:
    evaluator = start(spec_of(STATIC, tmp_path))
    evaluator.load("g", SOURCE)
    assert verdicts(evaluator, set(), ADD, SHOOT) == ["pass", "pass"]
    add, shoot = verdicts(evaluator, {2}, ADD, SHOOT)
    assert add == "pass"
    assert shoot in ("fail", "crash")  # fail: the kernel keeps its signals in
    assert verdicts(evaluator, {1}, ADD, SHOOT) == ["fail", "pass"]


def test_an_interpreter_that_is_none_is_an_error_with_the_last_words(start: Make, tmp_path: Path) -> None:
    interpreter = tmp_path / "python"
    interpreter.write_text("#!/bin/sh\necho no pytest here >&2\nexit 1\n")
    interpreter.chmod(0o755)
    evaluator = start(spec_of(STATIC, tmp_path, python=str(interpreter)))
    with pytest.raises(TestbedError, match="no pytest here"):
        evaluator.load("g", SOURCE)


def test_an_interpreter_without_pytest_is_the_user_s_to_put_right(start: Make, tmp_path: Path) -> None:
    interpreter = tmp_path / "python"
    interpreter.write_text(f"#!/bin/sh\nexec {sys.executable} -S $*\n")
    interpreter.chmod(0o755)
    evaluator = start(spec_of(STATIC, tmp_path, python=str(interpreter)))
    with pytest.raises(UserError, match="has no pytest; install it there"):
        evaluator.load("g", SOURCE)


def test_an_interpreter_that_does_not_exist_is_an_error(start: Make, tmp_path: Path) -> None:
    evaluator = start(spec_of(STATIC, tmp_path, python=str(tmp_path / "none")))
    with pytest.raises(UserError, match=r"does not start .No such file"):
        evaluator.load("g", SOURCE)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (b"\xff\xff\xff\xff", "an answer of"),
        (b"\x00\x00\x00\x02[]", "no object"),
        (b"\x00\x00\x00\x02{]", "JSONDecodeError"),
        (b"\x00\x00\x00\x0a" + b"[" * 10, "JSONDecodeError"),
    ],
)
def test_what_is_no_message_is_refused(start: Make, tmp_path: Path, answer: bytes, complaint: str) -> None:
    interpreter = tmp_path / "python"
    interpreter.write_text(
        f"#!{sys.executable} -IS\n"
        f"import os, sys, time\nos.write(int(sys.argv[3]), {answer!r})\ntime.sleep(9)\n"
    )
    interpreter.chmod(0o755)
    evaluator = start(spec_of(STATIC, tmp_path, python=str(interpreter)))
    with pytest.raises(TestbedError, match=complaint):
        evaluator.load("g", SOURCE)


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ({"tests/test_core.py": "import nothing_of_this_name\n"}, "nothing_of_this_name"),
        ({"tests/conftest.py": "raise RuntimeError('broken conftest')\n"}, "broken conftest"),
        ({"tests/test_core.py": "import os\nos._exit(9)\n"}, "exit code 9"),
        ({"tests/test_core.py": "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n"}, "signal 11"),
        ({"pytest.ini": "[pytest]\nrequired_plugins = no-such-plugin\n"}, "no-such-plugin"),
    ],
)
def test_a_generation_that_cannot_be_collected_says_why_and_its_tests_are_unknown(
    start: Make, tmp_path: Path, files: dict[str, str], complaint: str
) -> None:
    evaluator = start(spec_of({**STATIC, **files}, tmp_path))
    loaded = evaluator.load("g", SOURCE)
    assert complaint in loaded.error
    assert loaded.tests == ()
    assert verdicts(evaluator, set(), ADD) == ["unknown"]
    assert verdicts(evaluator, {1}, ADD) == ["unknown"]


def test_a_module_from_elsewhere_makes_the_load_an_error(start: Make, tmp_path: Path) -> None:
    stranger = {
        "tests/conftest.py": """
            import sys, types
            for name in ("mini", "mini.core"):
                module = sys.modules[name] = types.ModuleType(name)
                module.__file__ = "/elsewhere/" + name
                module.__path__ = []
            sys.modules["mini"].core = sys.modules["mini.core"]
        """
    }
    loaded = start(spec_of({**STATIC, **stranger}, tmp_path)).load("g", SOURCE)
    assert "mini/core.py was imported from /elsewhere/mini.core" in loaded.error


def test_a_target_with_threads_is_run_cold(start: Make, tmp_path: Path) -> None:
    threads = {
        "tests/conftest.py": """
            import threading
            threading.Thread(target=threading.Event().wait, daemon=True).start()
        """
    }
    evaluator = start(spec_of({**STATIC, **threads}, tmp_path))
    evaluator.load("g", SOURCE)
    assert verdicts(evaluator, set(), ADD, SHOOT) == ["pass", "pass"]
    assert verdicts(evaluator, {1}, ADD, SHOOT) == ["fail", "pass"]


def test_singly_no_test_sees_what_another_did(start: Make, tmp_path: Path) -> None:
    static = {
        "tests/test_core.py": """
            from mini import core
            SEEN = []
            def test_one(): assert not SEEN; SEEN.append(core.add(1, 1))
            def test_two(): assert not SEEN; SEEN.append(core.add(1, 1))
        """
    }
    names = [f"tests/test_core.py::test_{name}" for name in ("one", "two")]
    together, apart = (start(spec_of(static, tmp_path, singly=singly)) for singly in (False, True))
    for evaluator in (together, apart):
        evaluator.load("g", SOURCE)
    assert verdicts(together, set(), *names) == ["pass", "fail"]
    assert verdicts(apart, set(), *names) == ["pass", "pass"]


def test_nothing_of_the_testbed_can_be_imported_by_the_target(start: Make, tmp_path: Path) -> None:
    static = {
        "tests/test_names.py": """
            import os, sys
            def test_names():
                assert not [name for name in sys.modules if name.split(".")[0] == "testbed"]
                for name in ("frames", "zygote", "encode", "guards"):
                    assert name not in sys.modules
                    try:
                        __import__(name)
                    except ImportError:
                        continue
                    assert False, name
            def test_environment():
                assert "TESTBED_SECRET" not in os.environ
                assert os.environ["PYTHONHASHSEED"] == "0"
        """
    }
    os.environ["TESTBED_SECRET"] = "x"
    try:
        evaluator = start(spec_of(static, tmp_path))
        loaded = evaluator.load("g", SOURCE)
    finally:
        del os.environ["TESTBED_SECRET"]
    assert verdicts(evaluator, set(), *(test.id for test in loaded.tests)) == ["pass", "pass"]


def test_the_target_s_own_configuration_holds_but_not_its_options(start: Make, tmp_path: Path) -> None:
    static = {
        "pyproject.toml": """
            [tool.pytest.ini_options]
            addopts = "-x --no-such-option"
            python_functions = ["check_*"]
            pythonpath = ["lib"]
            filterwarnings = ["error"]
        """,
        "lib/helper.py": "VALUE = 3\n",
        "tests/test_core.py": """
            import warnings
            from helper import VALUE
            def check_value(): assert VALUE == 3
            def check_warning(): warnings.warn("x")
            def test_ignored(): pass
        """,
    }
    evaluator = start(spec_of(static, tmp_path))
    names = [test.id for test in evaluator.load("g", SOURCE).tests]
    assert [name.rpartition("::")[2] for name in names] == ["check_value", "check_warning"]
    assert verdicts(evaluator, set(), *names) == ["pass", "fail"]


def test_a_source_folder_layout_is_importable(start: Make, tmp_path: Path) -> None:
    source = {f"src/{path}": text for path, text in SOURCE.items()}
    evaluator = start(spec_of(STATIC, tmp_path, package=("src/mini",)))
    assert evaluator.load("g", source).error == ""
    assert verdicts(evaluator, {1}, ADD) == ["fail"]


def test_very_many_tests_are_answered_in_one_run(start: Make, tmp_path: Path) -> None:
    static = {
        "tests/test_many.py": """
            import pytest
            @pytest.mark.parametrize("n", range(1500), ids=lambda n: f"a-long-name-{n:0200}")
            def test_one(n): assert n % 2
        """
    }
    evaluator = start(spec_of(static, tmp_path))
    names = [test.id for test in evaluator.load("g", SOURCE).tests]
    assert verdicts(evaluator, set(), *names) == ["fail", "pass"] * 750
    inside = [Path(f"/proc/{pid}/root{tmp_path}") for pid in processes_with(str(tmp_path))]
    assert {path.name for folder in inside for path in folder.glob("*/g*")} == {"g1"}

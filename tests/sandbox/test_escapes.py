"""Each attack ends as a verdict that is no lie, and everything outside is as it was."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent, indent
from typing import NamedTuple

import pytest
from attacks import ATTACKS, NEVER_ENDS, PRELUDE

from testbed import sandbox
from testbed.conditions import LimitsFactor
from testbed.evaluator import ProcessEvaluator, WorkerSpec
from testbed.evaluator.channel import WORKER
from testbed.evaluator.spec import scratch_folder
from testbed.sandbox import process
from testbed.sandbox.needs import own_root

SECRET = f"secret{os.getpid()}"
NUMBERS = {name: number for number, name in enumerate(ATTACKS, 1)}
TESTS = """
from hypothesis import given, strategies as st
from mini import core
def test_add(): assert core.add(1, 1) == 2
@given(st.integers())
def test_property(n): assert core.add(n, 1) == n + 1
"""


class Arena(NamedTuple):
    """An evaluator in one sandbox, and what is outside."""

    evaluator: ProcessEvaluator
    home: Path
    ledger: Path
    files: dict[Path, bytes]


def _source(words: dict[str, str]) -> dict[str, str]:
    text = PRELUDE + "\ndef add(a, b):\n    return a + b\n"
    for name, body in ATTACKS.items():
        inner = indent(dedent(body).strip(), " " * 8)
        text += f"\ndef {name}():\n    if __fault__({NUMBERS[name]}):\n{inner}\n"
        text += "    else:\n        return 'honest'\n"
    for word, value in words.items():
        text = text.replace(f"<{word}>", value)
    return {"mini/__init__.py": "", "mini/core.py": text}


SANDBOXES = [pytest.param(name, marks=[pytest.mark.docker] * (name == "docker")) for name in sandbox.NAMES]


@pytest.fixture(scope="module", params=SANDBOXES)
def arena(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    if request.param == "process" and "pid" not in process.level():
        pytest.skip("this kernel gives no namespaces: docs/security.md says what is left")
    if why := sandbox.trouble(request.param):
        pytest.skip(why)
    home = tmp_path_factory.mktemp("home")
    ledger = home / "runs" / "ledger.sqlite"
    ledger.parent.mkdir()
    for path in (ledger, home / ".netrc", home / "hidden.py"):
        path.write_text("hidden facts")
    reference = next((own_root() / "target_systems" / "kvstore").rglob("*.py"))
    worker = WORKER / "serve.py"
    watched = [ledger, home / ".netrc", home / "hidden.py", reference, worker, Path(os.__file__)]
    tests = TESTS + "".join(f"def test_{name}(): assert core.{name}() == 'honest'\n" for name in ATTACKS)
    spec = WorkerSpec(
        python=os.environ.get("TESTBED_TARGET_PYTHON", sys.executable),
        root=str(home),
        tests=("tests",),
        package=("mini",),
        static={"tests/test_core.py": tests},
        limits=LimitsFactor(test_seconds=0.3, memory_mib=512),
        scratch=scratch_folder(),
        sandbox=request.param,
    )
    with pytest.MonkeyPatch.context() as patch, socket.create_server(("127.0.0.1", 0)) as listener:
        hidden = socket.socket(socket.AF_UNIX)
        hidden.bind(f"\0{SECRET}")
        hidden.listen()
        patch.setenv("TESTBED_SECRET", SECRET)
        patch.setenv("HOME", str(home))
        words = {
            "LEDGER": str(ledger),
            "HOME": str(home),
            "HIDDEN": str(home / "hidden.py"),
            "REFERENCE": str(reference),
            "WORKER": str(worker),
            "SECRET": SECRET,
            "PORT": str(listener.getsockname()[1]),
        }
        with ProcessEvaluator(spec) as evaluator:
            loaded = evaluator.load("g", _source(words))
            assert not loaded.error
            names = [test.id for test in loaded.tests]  # from the clean run the limits of each follow
            clean = evaluator.run("g", frozenset(), names, examples=5)
            assert {outcome.verdict for outcome in clean} == {"pass"}
            yield Arena(evaluator, home, ledger, {path: path.read_bytes() for path in watched})
        hidden.close()


def _left() -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            text = path.read_bytes()
        except OSError:
            continue
        if f"#{SECRET}".encode() in text:
            found.append(text.decode(errors="replace"))
    return found


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_ends_as_a_verdict_and_none_as_a_lie(arena: Arena, name: str) -> None:
    control, honest = "tests/test_core.py::test_add", "tests/test_core.py::test_property"
    asked = [f"tests/test_core.py::test_{name}", control, honest]
    outcomes = arena.evaluator.run("g", frozenset({NUMBERS[name]}), asked, examples=5)
    first, *others = outcomes
    assert first.verdict in ("fail", "error", "timeout", "crash"), first
    assert "GOT" not in first.shown, first
    if name in NEVER_ENDS:
        assert first.verdict in ("timeout", "crash"), first
    assert [other.verdict for other in others] == ["pass", "pass"]
    clean = arena.evaluator.run("g", frozenset(), asked, examples=5)
    assert [outcome.verdict for outcome in clean] == ["pass"] * 3
    for path, data in arena.files.items():
        assert path.read_bytes() == data
    assert not (arena.home / ".profile").exists()
    deadline = time.monotonic() + 5
    while _left():
        assert time.monotonic() < deadline, _left()


def test_the_suite_has_the_attacks_that_it_names() -> None:
    assert len(ATTACKS) >= 25
    assert set(ATTACKS) >= NEVER_ENDS

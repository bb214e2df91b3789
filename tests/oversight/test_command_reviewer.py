"""A program of the user's own as reviewer."""

from __future__ import annotations

import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from testbed.campaign import load
from testbed.conditions import OversightFactor
from testbed.errors import UserError, UserErrors
from testbed.oversight import reviewers
from testbed.protocols import ReviewLine, ReviewView

VIEW = ReviewView(
    [ReviewLine("a.py", 1, frozenset({7})), ReviewLine("a.py", 2, frozenset())],
    2,
    before={"a.py": ""},
    after={"a.py": "bad = 1\ngood = 2\n"},
)
HEAD = "import json, os, sys, time\nshown = json.load(sys.stdin)\n"


def read(tmp_path: Path, body: str, seconds: float = 30.0) -> tuple[tuple[int, int | None], ...]:
    program = tmp_path / "review.py"
    program.write_text(HEAD + textwrap.dedent(body))
    factor = OversightFactor(
        reviewer="command", command=(sys.executable, str(program)), command_seconds=seconds
    )
    return reviewers.make(factor).read(VIEW, np.random.default_rng(0))


def test_a_program_finds_faults_and_raises_false_alarms(tmp_path: Path) -> None:
    body = """
        lines = [l for f in shown["files"] for h in f["hunks"] for l in h["lines"] if l.get("read")]
        found = [{"path": "a.py", "line": l["new"], "why": "?"} for l in lines]
        print(json.dumps({"findings": found}))
    """
    assert read(tmp_path, body) == ((0, 7), (1, None))
    assert read(tmp_path, "print(json.dumps({'findings': []}))") == ()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("print('looks good to me')", "answered no JSON: looks good to me"),
        ("pass", "answered no JSON: nothing"),
        ("print('[]')", 'no object with a list "findings"'),
        ("print(json.dumps({'findings': [{'path': 'a.py'}]}))", 'finding 1 lacks a "path" .* or a "line"'),
        ("print(json.dumps({'findings': [{'path': 'a.py', 'line': '1'}]}))", "finding 1 lacks"),
        ("print(json.dumps({'findings': [{'path': 'b.py', 'line': 1}]}))", "b.py:1 is not among the lines"),
        ("sys.exit('no key given')", "ended with code 1: no key given"),
        ("os.abort()", "ended by signal 6"),
        ("print('x' * (3 << 20))", "wrote more than 1,048,576 bytes"),
    ],
)
def test_a_wrong_answer_is_said(tmp_path: Path, body: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        read(tmp_path, body)


def test_a_program_that_does_not_answer_in_time_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    beside = tmp_path / "alive"
    body = f"""
        if os.fork() == 0:
            while True:
                open({str(beside)!r}, "a").write("x")
                time.sleep(0.05)
        time.sleep(60)
    """
    with pytest.raises(UserError, match=r"did not answer within 1 seconds; see oversight.command_seconds"):
        read(tmp_path, body, seconds=1.0)
    size = beside.stat().st_size
    time.sleep(0.4)
    assert beside.stat().st_size == size


def test_a_program_that_is_not_there_is_said() -> None:
    factor = OversightFactor(reviewer="command", command=("no-such-program-here",))
    with pytest.raises(UserError, match=r"cannot be started \(No such file or directory\)"):
        reviewers.make(factor).read(VIEW, np.random.default_rng(0))


def test_a_campaign_names_the_program_relative_to_itself_and_never_leaves_it_out(tmp_path: Path) -> None:
    (tmp_path / "review.py").write_text("")
    file = tmp_path / "one.toml"
    file.write_text('[oversight]\nreviewer = "command"\ncommand = ["python3", "review.py", "--strict"]\n')
    command = load(str(file)).conditions[0].oversight.command
    assert command == ("python3", str(tmp_path / "review.py"), "--strict")
    file.write_text('[oversight]\nreviewer = "command"\n')
    with pytest.raises(UserErrors, match=r"one.toml:2: oversight.reviewer: has no program"):
        load(str(file))

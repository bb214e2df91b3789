"""The modifier command, with programs that edit, fail, hang, chatter and leave things behind."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep

import numpy as np
import pytest

from testbed.cli.runs import known_names
from testbed.conditions import ModifierFactor
from testbed.errors import UserError
from testbed.modifiers import make
from testbed.modifiers.outside.opaque import OpaqueModifier
from testbed.protocols import Proposal

SOURCE = {"pkg/__init__.py": "", "pkg/sums.py": "def f(a):\n    return (a + 2 if __fault__(1) else a + 1)\n"}
BESIDE = {"tests/test_sums.py": b"from pkg.sums import f\n"}


def propose(script: str, seconds: float = 30.0, tasks: str = "") -> Proposal:
    command = (sys.executable, "-c", script, "{task}", "{file}")
    made = make(ModifierFactor("command", command=command, seconds=seconds, tasks=tasks), frozenset(), BESIDE)
    assert isinstance(made, OpaqueModifier)
    made.situate(0, 2, 1)
    return made.propose(SOURCE, np.random.default_rng(0), lambda parent: 9)


RENAME = """
import pathlib
path = pathlib.Path("pkg/sums.py")
path.write_text(path.read_text().replace("(a)", "(amount)").replace("return a", "return amount"))
"""


def test_a_program_edits_and_the_fault_is_still_there() -> None:
    proposal = propose(RENAME)
    assert "return amount + (2 if __fault__(1) else 1)" in proposal.source["pkg/sums.py"]
    assert proposal.turn is not None
    assert [trace.status for trace in proposal.turn.traces] == ["carried"]


def test_it_sees_plain_code_the_tests_and_its_task(tmp_path: Path) -> None:
    seen = tmp_path / "seen.json"
    script = f"""
import json, pathlib, sys
files = {{str(p): p.read_text() for p in pathlib.Path().rglob("*") if p.is_file()}}
pathlib.Path({str(seen)!r}).write_text(json.dumps([files, sys.argv[1:]]))
"""
    tasks = tmp_path / "tasks.md"
    tasks.write_text("# Backlog\n\n## First\none\n\n## Second\ntwo\n")
    propose(script, tasks=str(tasks))
    files, words = json.loads(seen.read_text())
    assert files["pkg/sums.py"] == "def f(a):\n    return a + 2\n"
    assert set(files) == {*SOURCE, *BESIDE, "TASK.md"}
    assert words == ["Second\n\ntwo", "TASK.md"]


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ("raise SystemExit(3)", "exit code"),
        ("import time; time.sleep(60)", "timeout"),
        ("while True: print('x' * 1000)", "output"),
        ("open('pkg/sums.py', 'w').write('def f(:')", "not Python"),
        ("open('pkg/sums.py', 'wb').write(bytes([255]))", "not Python"),
        ("open('pkg/sums.py', 'w').write('__fault__(1)')", "not Python"),
        ("open('tests/test_sums.py', 'w').write('')", "no change"),
    ],
)
def test_an_edit_that_cannot_be_used_leaves_the_code_alone(script: str, kind: str) -> None:
    proposal = propose(script, seconds=2.0 if kind in {"timeout", "output"} else 30.0)
    assert proposal.source == SOURCE
    assert proposal.refused == {kind: 1}
    assert proposal.turn is not None
    assert proposal.turn.problem.startswith(kind)


def test_new_modules_come_along_and_links_do_not(tmp_path: Path) -> None:
    secret = tmp_path / "secret.py"
    secret.write_text("x = 1\n")
    made = propose(
        f"import os; open('pkg/new.py', 'w').write('y = 2'); os.symlink({str(secret)!r}, 'pkg/z.py')"
    )
    assert set(made.source) == {*SOURCE, "pkg/new.py"}


def test_nothing_that_it_started_is_left(tmp_path: Path) -> None:
    place = tmp_path / "pid"
    propose(
        "import subprocess, sys, pathlib\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"pathlib.Path({str(place)!r}).write_text(str(child.pid))\n"
    )
    child = int(place.read_text())
    until = monotonic() + 20
    while _alive(child) and monotonic() < until:
        sleep(0.02)
    assert not _alive(child)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False
    return state != "Z"


@pytest.mark.parametrize(
    ("factor", "said"),
    [
        (ModifierFactor("command"), r"modifier\.command: no program"),
        (ModifierFactor("command", command=("true",), tasks="/no/where.md"), "cannot be read"),
    ],
)
def test_what_is_missing_is_said_before_anything_runs(factor: ModifierFactor, said: str) -> None:
    with pytest.raises(UserError, match=said):
        make(factor, frozenset())


def test_a_program_that_is_not_there_is_named() -> None:
    made = make(ModifierFactor("command", command=("no-such-program",)), frozenset())
    with pytest.raises(UserError, match="no-such-program"):
        made.propose(SOURCE, np.random.default_rng(0), lambda parent: 9)


def test_a_campaign_with_a_program_runs_and_its_facts_tell_the_traces(
    tmp_path: Path, write_small_target: Callable[[Path], Path]
) -> None:
    from testbed.campaign import load
    from testbed.engine.run import start
    from testbed.facts import GenerationFact, OutsideFact

    target = write_small_target(tmp_path / "sums")
    script = tmp_path / "edit.py"
    script.write_text("text = open('sums.py').read()\nopen('sums.py', 'w').write('# again\\n' + text)\n")
    file = tmp_path / "campaign.toml"
    file.write_text(
        f"generations = 2\nlineages = 1\n[target]\nname = {str(target)!r}\n"
        f"[modifier]\nname = 'command'\ncommand = [{sys.executable!r}, {str(script)!r}]\n"
        "[injection]\nrate = 2.0\nplacement = 'anywhere'\n[oversight]\nevery = 0\n[oracles]\nexamples = 5\n"
    )
    ledger = start(load(str(file), (), known_names()), tmp_path / "run", 1, Quiet())
    records = [record for _c, _l, record in ledger.records()]
    ledger.close()
    assert [record.generation for record in records if isinstance(record, GenerationFact)] == [1, 2]
    turns = [record for record in records if isinstance(record, OutsideFact)]
    assert [turn.problem for turn in turns] == ["", ""]
    assert all(trace.status == "carried" for turn in turns for trace in turn.traces)


BREAKS = """
text = open("sums.py").read()
text = text.replace("if value < low:", "if value <= low - 1:")
text = text.replace("len(word) > len(best)", "len(word) < len(best)").replace("middle = ", "mid = ")
open("sums.py", "w").write(text.replace(", middle", ", mid"))
"""


def test_a_fault_of_the_programs_own_is_cut_down_and_followed(
    tmp_path: Path, write_small_target: Callable[[Path], Path]
) -> None:
    from testbed.campaign import load
    from testbed.engine.run import start
    from testbed.facts import BirthFact, GenerationFact

    target = write_small_target(tmp_path / "sums")
    script = tmp_path / "edit.py"
    script.write_text(BREAKS)
    file = tmp_path / "campaign.toml"
    file.write_text(
        f"generations = 1\nlineages = 1\n[target]\nname = {str(target)!r}\n"
        f"[modifier]\nname = 'command'\ncommand = [{sys.executable!r}, {str(script)!r}]\n"
        "[injection]\nrate = 0.0\n[oversight]\nevery = 0\n[oracles]\nexamples = 5\ndifferential = false\n"
    )
    ledger = start(load(str(file), (), known_names()), tmp_path / "run", 1, Quiet())
    records = [record for _c, _l, record in ledger.records()]
    ledger.close()
    births = [record for record in records if isinstance(record, BirthFact)]
    assert [birth.origin for birth in births] == ["indigenous"]
    assert births[0].witnesses
    changed = [line for line in births[0].diff.splitlines() if line[:1] in "+-" and line[1:2] == " "]
    assert [line.strip("+- ") for line in changed] == [
        "if len(word) > len(best):",
        "if len(word) < len(best):",
    ]
    accepted = [record for record in records if isinstance(record, GenerationFact)]
    assert [record.live for record in accepted] == [(births[0].fault,)]


class Quiet:
    def examining(self, target: str) -> None: ...

    def began(self, folder: Path, generations: int, done: int) -> None: ...

    def advanced(self, job: object, batch: object, generations: int) -> None: ...

    def warned(self, text: str) -> None: ...

"""A person as reviewer: the lineage waits, the person marks, the lineage goes on."""

from __future__ import annotations

import re
import threading
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner

from testbed import stub
from testbed.cli import cli
from testbed.conditions import Condition, OraclesFactor, OversightFactor
from testbed.facts import OutcomeFact, Record, ReviewFact
from testbed.ledger import Ledger
from testbed.lineage import Lineage, restore
from testbed.oversight import reviewers, waiting
from testbed.oversight.marking import numbered
from testbed.oversight.waiting import ReviewRequest, Waiting
from testbed.oversight.web import serve

PLAN = Condition(
    generations=4,
    oracles=OraclesFactor(differential=False),
    oversight=OversightFactor(reviewer="human", every=2, depth=1.0),
)


def go_on(ledger: Ledger) -> ReviewRequest | None:
    """Runs the one lineage of PLAN from where the ledger is, until a review is waited for."""
    subject = stub.subject()
    reviewer = reviewers.make(PLAN.oversight, waiting.answers(ledger.folder, 0, 0))
    parts = stub.parts(seed=3, rate=2.0, detection=0.0, copies=0.0, reviewer=reviewer)
    lineage = Lineage(PLAN, 0, 7, subject, parts, restore(ledger, subject, 0, 0))
    try:
        for batch in lineage.run():
            ledger.append(0, 0, batch.generation, batch.records, batch.blobs, batch.timings)
    except Waiting as wait:
        waiting.put(ledger.folder, 0, 0, wait.request)
        return wait.request
    return None


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = Ledger.create(tmp_path / "run", {"name": "stub"})
    assert go_on(made) is not None
    return made


def faulty(one: waiting.Pending) -> list[str]:
    """The numbers of the lines that the stub's faults stand on."""
    texts = {
        (file["path"], line["new"]): line["text"]
        for file in one.shown["files"]
        for hunk in file["hunks"]
        for line in hunk["lines"]
        if "new" in line
    }
    return [str(n) for n, place in numbered(one.shown).items() if texts[place].startswith("value")]


def reviews(found: list[Record]) -> list[ReviewFact]:
    return [record for record in found if isinstance(record, ReviewFact)]


def test_a_lineage_waits_at_each_checkpoint_and_goes_on_with_what_was_marked(ledger: Ledger) -> None:
    rounds = 0
    while (found := waiting.pending(ledger.folder)) and rounds < 9:
        rounds += 1
        typed = " ".join(faulty(found[0]))
        told = CliRunner().invoke(cli, ["review", str(ledger.folder)], input=f"{typed}\n")
        assert told.exit_code == 0, told.output
        assert told.output.endswith(f"go on with: testbed resume {ledger.folder}\n")
        go_on(ledger)
    assert rounds == 2
    written = ledger.of_lineage(0, 0)
    (outcome,) = [record for record in written if isinstance(record, OutcomeFact)]
    assert outcome.live == (), "this person finds everything"
    for fact in reviews(written):
        assert {item.fault for item in fact.findings} == set(fact.faults_in_view)


def test_what_is_asked_again_after_an_interruption_is_the_same(ledger: Ledger) -> None:
    before = waiting.pending(ledger.folder)
    go_on(ledger)
    assert waiting.pending(ledger.folder) == before


def test_an_answer_to_other_material_does_not_count(ledger: Ledger) -> None:
    (one,) = waiting.pending(ledger.folder)
    waiting.answer(ledger.folder, one, [], 1.0)
    assert waiting.pending(ledger.folder) == []
    waiting.put(ledger.folder, 0, 0, ReviewRequest((2, 1, 0), {**one.shown, "diff": "other"}))
    assert len(waiting.pending(ledger.folder)) == 1


def test_the_terminal_shows_the_change_asks_again_and_can_be_left(ledger: Ledger) -> None:
    told = CliRunner().invoke(cli, ["review", str(ledger.folder)], input="99\nx\nlater\n")
    assert "+ value_1 = 1" in told.output
    assert "99 is not among 1 to" in told.output
    assert "'x' is no number; numbers of lines that are wrong" in told.output
    assert told.output.endswith(f"1 review waits: testbed review {ledger.folder}\n")
    for typed in ("quit\n", ""):
        told = CliRunner().invoke(cli, ["review", str(ledger.folder)], input=typed)
        assert told.exit_code == 0
        assert len(waiting.pending(ledger.folder)) == 1
    listed = CliRunner().invoke(cli, ["review", str(ledger.folder), "--list"])
    assert re.match(r"c0\.l0\.g2\.a1\.0  \d+ lines to read\n", listed.output)


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    told = CliRunner().invoke(cli, ["review", str(tmp_path)])
    assert "this is not the folder of a run" in str(told.exception)


def test_the_page_is_for_this_machine_and_takes_marks(ledger: Ledger) -> None:
    addresses: list[str] = []
    ready = threading.Event()
    thread = threading.Thread(
        target=serve, args=(ledger.folder, 0, lambda place: (addresses.append(place), ready.set()))
    )
    thread.start()
    assert ready.wait(10)
    address = addresses[0]
    assert address.startswith("http://127.0.0.1:")
    host = address.rpartition("/")[0]
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{host}/guess", timeout=10)
    elsewhere = urllib.request.Request(address, headers={"Host": "example.org"})
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(elsewhere, timeout=10)
    page = urllib.request.urlopen(address, timeout=10).read().decode()
    (key,) = re.findall(r'name="key" value="([^"]+)"', page)
    (one,) = waiting.pending(ledger.folder)
    assert page.count('type="checkbox"') == len(numbered(one.shown))
    marked = faulty(one)
    form = urllib.parse.urlencode([("key", key), *(("line", n) for n in [*marked, "999"]), ("done", "1")])
    last = urllib.request.urlopen(address, data=form.encode(), timeout=10).read().decode()
    assert "No review waits" in last
    thread.join(10)
    assert not thread.is_alive()
    known = waiting.answers(ledger.folder, 0, 0)[2, 1, 0]
    assert known.marks == tuple(numbered(one.shown)[int(n)] for n in marked)

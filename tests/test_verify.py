"""Recorded verdicts hold when they are run again cold, and one that was forged is found."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from testbed.cli import cli
from testbed.facts import Record, VerdictsFact
from testbed.ledger import Ledger
from testbed.verify import Verified, claims, sampled, verify


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, write_small_target: Callable[[Path], Path]) -> Path:
    base = tmp_path_factory.mktemp("verified")
    target = write_small_target(base / "sums")
    arguments = ["run", "--target", str(target), "--out", str(base / "run"), "--quiet", "--workers", "1"]
    arguments += ["--set", "generations=2", "--set", "lineages=1", "--set", "injection.rate=3"]
    done = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert done.exit_code == 0
    return base / "run"


def test_a_sample_of_the_verdicts_holds(folder: Path) -> None:
    done = CliRunner().invoke(cli, ["verify", str(folder), "--sample", "60"], catch_exceptions=False)
    assert done.exit_code == 0
    assert "60 of" in done.output
    assert "0 disagree" in done.output


def test_all_kinds_of_claims_are_among_them(folder: Path) -> None:
    ledger = Ledger.open(folder)
    every = list(claims(ledger))
    ledger.close()
    assert {claim.letter for claim in every} >= {"p", "f"}
    assert {claim.test.startswith("diff:") for claim in every} == {True, False}
    assert {bool(claim.setup.faults) for claim in every} == {True, False}


def test_a_sample_is_drawn_without_repetition_and_by_the_seed(folder: Path) -> None:
    ledger = Ledger.open(folder)
    every = list(claims(ledger))
    ledger.close()
    first, again = sampled(every, 30, 1), sampled(every, 30, 1)
    assert first == again
    assert len(set(first)) == 30
    assert first != sampled(every, 30, 2)
    assert sampled(every, None, 1) == every


class Forged:
    """A ledger in which the first verdict of each fact is the opposite of what it was."""

    def __init__(self, ledger: Ledger) -> None:
        self.folder, self.manifest, self.blob = ledger.folder, ledger.manifest, ledger.blob
        self._ledger = ledger

    def records(self) -> Iterator[tuple[int, int, Record]]:
        for condition, lineage, record in self._ledger.records():
            yield condition, lineage, self.forge(record)

    def forge(self, record: Record) -> Record:
        if not isinstance(record, VerdictsFact) or not record.tests:
            return record
        first = {"p": "f", "f": "p"}.get(record.verdicts[0], record.verdicts[0])
        return dataclasses.replace(record, tests=record.tests[:1], verdicts=first)


def test_a_verdict_that_is_not_true_is_named(folder: Path) -> None:
    ledger = Ledger.open(folder)
    made = verify(Forged(ledger), size=8)  # type: ignore[arg-type]
    ledger.close()
    assert len(made.disagreements) == made.checked == 8
    assert "recorded" in made.disagreements[0].line()


def test_the_bound_is_clopper_and_pearsons() -> None:
    assert Verified(10_000, 300, 1, ()).bound() == pytest.approx(1 - 0.05 ** (1 / 300))
    assert Verified(300, 300, 1, ()).bound() == 0.0

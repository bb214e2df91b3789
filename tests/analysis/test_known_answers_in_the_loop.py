"""The real loop on declared chances, through the ledger's records and the analysis, against closed forms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest

from testbed import stub
from testbed.analysis import amplification, closed_forms, frames, oversight, persistence, read
from testbed.analysis.estimates import Estimate, clopper_pearson
from testbed.analysis.evidence import Evidence
from testbed.analysis.simulated import SimulatedFacts, manifest
from testbed.conditions import Condition, OraclesFactor, OversightFactor
from testbed.facts import BirthFact, Record, Witness
from testbed.lineage import Lineage, State
from testbed.oversight.reviewers.models import ConstantReviewer
from testbed.protocols import ChangeView, Injection, Source

SURE = 0.999  # of each interval: with some forty of them one in twenty would miss by chance
ACTS = (Witness("unit", "declared", "pass", "fail"),)  # what is declared to be found does act


@dataclass(frozen=True)
class Cell:
    rate: float
    p: float
    copies: float = 0.0
    depth: float = 0.0
    generations: int = 8
    lineages: int = 20

    def __str__(self) -> str:
        return f"rate {self.rate}, p {self.p}, copies {self.copies}, depth {self.depth}"


class Once(stub.StubInjector):
    """One fault in the first generation and none after."""

    def place(
        self,
        source: Source,
        change: ChangeView,
        rng: np.random.Generator,
        number: Callable[[], int],
        count: int,
    ) -> Injection:
        first = source[stub.PATH].count("step") == 1
        return super().place(source, change, rng, number, int(first))


def records(cell: Cell, lineage: int, *, once: bool = False) -> list[Record]:
    condition = plan(cell)
    subject = stub.subject()
    parts = stub.parts(
        seed=lineage + 500,
        rate=cell.rate,
        detection=cell.p,
        copies=cell.copies,
        reviewer=ConstantReviewer(condition.oversight),
    )
    if once:
        parts = replace(parts, injector=Once(0.0))
    state = State(dict(subject.source), reviewed=dict(subject.source))
    made = Lineage(condition, lineage, 11, subject, parts, state).run()
    found = [record for batch in made for record in batch.records]
    return [replace(one, witnesses=ACTS) if isinstance(one, BirthFact) else one for one in found]


def plan(cell: Cell) -> Condition:
    return Condition(
        generations=cell.generations,
        lineages=cell.lineages,
        oracles=OraclesFactor(differential=False),
        oversight=OversightFactor(every=1 if cell.depth else 0, depth=cell.depth, sensitivity=0.8),
    )


@cache
def evidence(cell: Cell, once: bool = False) -> Evidence:
    written = tuple(
        (0, lineage, record)
        for lineage in range(cell.lineages)
        for record in records(cell, lineage, once=once)
    )
    return read(SimulatedFacts(manifest([plan(cell)], 11), written))


GRID = (
    Cell(2.0, 0.3),
    Cell(0.7, 0.6),
    Cell(1.5, 0.1),
    Cell(1.0, 0.3, copies=0.2),
    Cell(0.5, 0.15, copies=0.4),
    Cell(2.0, 0.3, depth=0.5),
    Cell(2.0, 0.2, depth=1.0),
)
CELLS = pytest.mark.parametrize("cell", GRID, ids=str)


def inside(one: Estimate, truth: float) -> bool:
    assert one.low is not None
    assert one.high is not None
    return one.low <= truth <= one.high


@CELLS
def test_lifetimes_are_geometric_after_the_review_of_the_birth(cell: Cell) -> None:
    faults = frames.faults(evidence(cell))
    # The lines of a fault are under review in the generation of its birth alone.
    passed = 1 - cell.depth * 0.8
    for k in (1, 3, 5):
        truth = passed * closed_forms.alive_after(k, cell.p)
        assert inside(persistence.share_alive(faults, k, SURE), truth), k


@CELLS
def test_live_faults_grow_as_theory_says(cell: Cell) -> None:
    passed = 1 - cell.depth * 0.8
    live = amplification.live(frames.generations(evidence(cell)), SURE).set_index("generation")
    for n in (1, 4, cell.generations):
        truth = passed * closed_forms.mean_live(n, cell.rate, cell.p, cell.copies)
        assert live.loc[n, "low"] <= truth <= live.loc[n, "high"], n


@CELLS
def test_the_reproduction_number_is_one_plus_copies_times_what_stays(cell: Cell) -> None:
    made = frames.generations(evidence(cell))
    assert inside(amplification.growth(made, SURE), closed_forms.growth(cell.p, cell.copies))
    assert inside(amplification.retention(made, SURE), 1 - cell.p)


@CELLS
def test_escapes_are_what_screen_and_review_leave(cell: Cell) -> None:
    truth = (1 - cell.p) * (1 - cell.depth * 0.8)
    assert inside(oversight.escape_rate(frames.faults(evidence(cell)), SURE), truth)


def test_a_long_run_is_in_its_steady_state() -> None:
    cell = Cell(1.0, 0.5, copies=0.2, generations=14)
    late = frames.generations(evidence(cell))
    steady = closed_forms.steady_mean(1.0, 0.5, 0.2)
    for n in (10, 14):
        assert closed_forms.mean_live(n, 1.0, 0.5, 0.2) == pytest.approx(steady, rel=0.01)
        row = amplification.live(late[late["generation"] == n], SURE).iloc[0]
        assert row["low"] <= steady <= row["high"]
    counts = late.loc[late["generation"] >= 10, "live"]
    assert counts.var() == pytest.approx(closed_forms.steady_variance(1.0, 0.5, 0.2), rel=0.6)


@pytest.mark.parametrize(("p", "copies"), [(0.3, 0.3), (0.2, 0.6)])
def test_a_fault_and_its_copies_die_out_as_often_as_a_branching_process(p: float, copies: float) -> None:
    cell = Cell(0.0, p, copies=copies, generations=5, lineages=80)
    made = frames.generations(evidence(cell, once=True))
    assert made["born"].groupby(made["lineage"]).first().eq(1).all()
    for n in (1, 2, 5):
        extinct = int((made.loc[made["generation"] == n, "live"] == 0).sum())
        low, high = clopper_pearson(extinct, cell.lineages, SURE)
        assert low <= closed_forms.extinct_by(n, p, copies) <= high, n

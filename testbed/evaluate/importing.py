"""Faults that act while the target is imported: each is loaded by itself, for the tests that can tell.

What importing leaves behind differs then, and any test could notice. So first come the tests that meet the
fault while they run. Where none of those finds it, and all tests would take longer than that, the state as
loaded is compared with that of a load without the fault, and where each difference lies in attributes that
can be watched, only the tests that read one of them are asked as well. See `testbed/worker/drift.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from threading import Lock

from testbed.evaluate.faults import Fault
from testbed.evaluate.program import (
    COLD_HELPING,
    Program,
    Result,
    Settings,
    are_cheap,
    helpings,
    is_found,
    result_of,
)
from testbed.evaluator import ProcessEvaluator
from testbed.evaluator.replies import Drift
from testbed.protocols import Outcome

_PATIENCE = 5
Cell = tuple[str, str]
Readers = Callable[[Drift], Iterable[str]]


class Readings:
    """Which attributes the tests read, as far as somebody wanted to know: the same in each layer."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._cells: set[Cell] = set()
        self._read: dict[str, frozenset[Cell] | None] = {}

    def of(
        self, evaluator: ProcessEvaluator, program: Program, settings: Settings, cells: Collection[Cell]
    ) -> Mapping[str, frozenset[Cell] | None]:
        """What each test reads, these at least; None where that is not known."""
        with self._lock:
            fresh = sorted(set(cells) - self._cells)
            if fresh:
                told = evaluator.reading(
                    program.name, fresh, program.order, seed=settings.seed, examples=settings.examples
                )
                for test, read in told.items():
                    before = self._read.get(test, frozenset())
                    self._read[test] = None if read is None or before is None else before | read
                self._cells.update(fresh)
            return dict(self._read)


class Importing:
    """The faults of one layer that act while importing."""

    def __init__(
        self, evaluator: ProcessEvaluator, program: Program, settings: Settings, readings: Readings
    ) -> None:
        self._evaluator, self._program, self._settings = evaluator, program, settings
        self._readings = readings
        self._unknown = 0  # faults in a row whose drift was not known

    def results(self, faults: Sequence[Fault], going: Callable[[], bool]) -> list[Result]:
        """One for each; none for those that are left when `going` says so."""
        asked: dict[int, list[Outcome]] = {}
        drifts: dict[int, Drift] = {}
        for fault in faults:
            if not going():
                return []
            near = self._near(fault)
            if len(near) == len(self._program.order):
                asked[fault.number] = self._ask(fault, near)
                continue
            asked[fault.number], drift = self._load(fault, near)
            if not self._is_decided(asked[fault.number]):
                drifts[fault.number] = drift
        readers = self._readers(drifts.values())
        for fault in faults:
            if fault.number in drifts and going():
                known = {outcome.test for outcome in asked[fault.number]}
                far = readers(drifts[fault.number])
                asked[fault.number] += self._ask(fault, [test for test in far if test not in known])
        reached = len(self._program.order)
        return [result_of(fault, asked[fault.number], reached, guarded=True) for fault in faults]

    def _near(self, fault: Fault) -> list[str]:
        """The tests that meet the fault while they run; all, those first, where that is no dearer."""
        tests = self._program.reaching(fault)
        if are_cheap(self._program, tests):
            return tests
        near = [test for test in tests if self._program.meets(test, fault)]
        return near or tests[:1]  # one at least: loading itself may fail

    def _load(self, fault: Fault, tests: Sequence[str]) -> tuple[list[Outcome], Drift]:
        """What these tests say, and how the state drifts; that is left where it was unknown several times."""
        if self._unknown >= _PATIENCE:
            return self._ask(fault, tests), Drift(reason="nor is that of others known")
        settings, finds = self._settings, self._finds(fault)
        outcomes, drift = self._evaluator.loaded(
            self._program.name,
            frozenset({fault.number}),
            sorted(tests, key=lambda test: -finds[test]),
            seed=settings.seed,
            examples=settings.examples,
            stop=not settings.matrix,
        )
        finds.update(outcome.test for outcome in outcomes if is_found(outcome))
        if not any(map(is_found, outcomes)):
            self._unknown = self._unknown + 1 if drift.reason else 0
        return list(outcomes), drift

    def _finds(self, fault: Fault) -> Counter[str]:
        return self._program.finds.setdefault((fault.path, fault.where), Counter())

    def _is_decided(self, outcomes: Sequence[Outcome]) -> bool:
        return not self._settings.matrix and any(map(is_found, outcomes))

    def _ask(self, fault: Fault, tests: Sequence[str]) -> list[Outcome]:
        settings, outcomes = self._settings, list[Outcome]()
        finds = self._finds(fault)
        most = len(tests) if are_cheap(self._program, tests) else COLD_HELPING
        for helping in helpings(tests, settings.matrix, finds, most):
            outcomes += self._evaluator.run(
                self._program.name,
                frozenset({fault.number}),
                helping,
                seed=settings.seed,
                examples=settings.examples,
                stop=not settings.matrix,
            )
            if self._is_decided(outcomes):
                break
        finds.update(outcome.test for outcome in outcomes if is_found(outcome))
        return outcomes

    def _readers(self, drifts: Iterable[Drift]) -> Readers:
        """The tests that can tell of a drift beside those that meet the fault."""
        program = self._program
        cells = {cell for drift in drifts for cell in drift.cells}
        reading = self._readings.of(self._evaluator, program, self._settings, cells)

        def readers(drift: Drift) -> Iterable[str]:
            if drift.reason:
                return program.order
            return [test for test in program.order if drift.cells and _reads(reading[test], drift)]

        return readers


def _reads(read: frozenset[Cell] | None, drift: Drift) -> bool:
    return read is None or not read.isdisjoint(drift.cells)

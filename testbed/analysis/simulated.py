"""Facts of a campaign that never ran: a simulation whose parameters are known.

It serves as the known answer in tests, and to see beforehand how wide the intervals of a planned
campaign will be. Births are Poisson, detection has one chance a cycle for each family (varied
between lineages by a Beta distribution if asked), copies are Poisson for each live fault.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from testbed import seeds
from testbed.conditions import Condition, OversightFactor, to_json
from testbed.facts import (
    SCHEMA,
    BaselineFact,
    BirthFact,
    EditFact,
    EndFact,
    Finding,
    GenerationFact,
    OracleName,
    OutcomeFact,
    Record,
    RefusedFact,
    ReviewFact,
    RungFact,
    TestInfo,
    UnplacedFact,
    Witness,
)

FAMILIES = ("logic", "omission", "assignment", "interface", "exception")
OPERATORS = {
    "logic": ("shifted-boundary", "total < limit", "total <= limit"),
    "omission": ("missing-guard", "if key in self._index: self._drop(key)", "self._drop(key)"),
    "assignment": ("wrong-variable", "self._size += len(value)", "self._size += len(key)"),
    "interface": ("swapped-arguments", "self._write(key, value)", "self._write(value, key)"),
    "exception": ("too-broad", "except KeyError:", "except Exception:"),
}
ORACLES: tuple[OracleName, ...] = ("unit", "property", "differential")
ENTRIES = ("get", "put", "delete", "scan", "merge", "compact")
INPUTS = 20
DIFF = "--- a/kvstore/store.py\n+++ b/kvstore/store.py\n@@ -{line} +{line} @@\n-{clean}\n+{faulty}\n"


@dataclass(frozen=True, slots=True)
class Truth:
    """The parameters of one condition."""

    rate: float = 2.0  # mean births a generation
    detection: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(FAMILIES, 0.3))
    spread: float = 0.0  # in (0, 1): share of p (1 - p) by which p varies between lineages; 0: not at all
    copies: float = 0.0  # mean copies a live fault and generation
    shares: tuple[float, float, float] = (0.5, 0.3, 0.2)  # unit, property, differential among detections
    unwitnessed: float = 0.0  # chance that a fault has no witness; it is never detected
    overwritten: float = 0.0  # chance a cycle that a change removes a fault
    refused: float = 0.0  # chance that a candidate is refused and made again
    stall: float = 0.0  # chance a generation that the lineage stalls
    lines: int = 60  # mean lines changed a generation


@dataclass(frozen=True, slots=True)
class SimulatedFacts:
    """Facts held in memory, as a ledger gives them."""

    manifest: dict[str, Any]
    written: tuple[tuple[int, int, Record], ...]
    spent: tuple[tuple[int, int, int, dict[str, float]], ...] = ()

    def records(self) -> Iterator[tuple[int, int, Record]]:
        """All records in order."""
        return iter(self.written)

    def timings(self) -> Iterator[tuple[int, int, int, dict[str, float]]]:
        """Made-up seconds."""
        return iter(self.spent)


def manifest(conditions: Sequence[Condition], seed: int, name: str = "simulated") -> dict[str, Any]:
    """A manifest as the ledger has it, without a real clock or machine in it."""
    return {
        "name": name,
        "seed": seed,
        "schema": SCHEMA,
        "campaign": f'name = "{name}"\nseed = {seed}\n',
        "conditions": [to_json(one) for one in conditions],
        "versions": {"testbed": "0", "python": "3"},
        "started": "2000-01-01T00:00:00+00:00",
        "command": f"testbed run {name}.toml",
    }


def baseline() -> BaselineFact:
    """G0 of a small made-up target."""
    tests = tuple(TestInfo(f"tests/test_store.py::test_{name}", "unit") for name in ENTRIES)
    return BaselineFact(
        target="kvstore",
        version="1.0",
        digest="0" * 16,
        lines=800,
        tests=tests,
        quarantined=(),
        entries=ENTRIES,
        public={entry: (f"Store.{entry}",) for entry in ENTRIES},
        sources={"kvstore/store.py": "0" * 16},
    )


class _Lineage:
    """One lineage under simulation: its random stream, the records written, the faults alive."""

    def __init__(self, condition: Condition, truth: Truth, rng: np.random.Generator) -> None:
        self.condition, self.truth, self.rng = condition, truth, rng
        self.records: list[Record] = []
        self.births: dict[int, BirthFact] = {}
        self.live: list[int] = []
        self.chances = {family: self._chance(p) for family, p in truth.detection.items()}
        self.reviewed = 0

    def _chance(self, p: float) -> float:
        if self.truth.spread == 0 or p in (0.0, 1.0):
            return p
        weight = 1 / self.truth.spread - 1
        return float(self.rng.beta(p * weight, (1 - p) * weight))

    def run(self) -> list[Record]:
        for generation in range(1, self.condition.generations + 1):
            if self.rng.random() < self.truth.stall:
                self._refuse(generation, attempt=1)
                return self._finish(generation - 1, "stalled")
            attempts = 1
            if self.rng.random() < self.truth.refused:
                self._refuse(generation, attempt=1)
                attempts = 2
            self._generation(generation, attempts)
            bound = self.condition.limits.runaway
            if bound and len(self.live) >= bound:
                return self._finish(generation, "runaway")
        return self._finish(self.condition.generations, "completed")

    def _finish(self, generation: int, outcome: Any) -> list[Record]:
        self.records.append(OutcomeFact(generation, outcome, tuple(self.live)))
        return self.records

    def _refuse(self, generation: int, attempt: int) -> None:
        for fault in self._births(generation, attempt):
            self.records.append(EndFact(fault, generation, "rejected", "screen", 0))
        self.records.append(RefusedFact(generation, attempt, "screen", "a candidate failed", ()))

    def _births(self, generation: int, attempt: int) -> list[int]:
        born = []
        for parent in list(self.live):
            for _ in range(self.rng.poisson(self.truth.copies)):
                born.append(self._birth(generation, attempt, self.births[parent]))
        for _ in range(self.rng.poisson(self.truth.rate)):
            born.append(self._birth(generation, attempt, None))
        return born

    def _birth(self, generation: int, attempt: int, parent: BirthFact | None) -> int:
        fault = len(self.births) + 1
        families = tuple(self.truth.detection)
        family = parent.family if parent else families[int(self.rng.integers(len(families)))]
        operator, clean, faulty = OPERATORS[family]
        hidden = not parent.witnesses if parent else self.rng.random() < self.truth.unwitnessed
        entry = ENTRIES[int(self.rng.integers(len(ENTRIES)))]
        line = int(self.rng.integers(1, 800))
        witness = Witness("differential", f"diff:{entry}#{fault}", "returns 3", "returns 4")
        self.births[fault] = BirthFact(
            fault=fault,
            generation=generation,
            attempt=attempt,
            origin="offspring" if parent else "seeded",
            parent=parent.fault if parent else None,
            operator=operator,
            family=family,
            path="kvstore/store.py",
            where=f"Store.{entry}",
            line=line,
            diff=DIFF.format(line=line, clean=clean, faulty=faulty),
            changed_lines=2,
            import_time=False,
            witnesses=() if hidden else (witness,),
            searched=int(self.rng.integers(1, 400)),
            residual=bool(self.rng.random() < 0.5),
            changed_tokens=2,
            inputs=len(ENTRIES) * INPUTS,
            inputs_reached=INPUTS,
            inputs_deviating=0 if hidden else 1 + line % INPUTS,
            inputs_crashing=0 if hidden or family != "exception" else 1 + line % INPUTS,
            public_deviating=() if hidden else (f"Store.{entry}",),
        )
        self.records.append(self.births[fault])
        return fault

    def _end(self, fault: int, generation: int, cause: Any, by: str) -> None:
        survived = generation - self.births[fault].generation
        self.records.append(EndFact(fault, generation, cause, by, survived))
        self.live.remove(fault)

    def _generation(self, generation: int, attempts: int) -> None:
        born = self._births(generation, attempts)
        self.live += born
        self._overwrite(generation, born)
        self._screen(generation)
        self._review(generation, attempts, born)
        self._accept(generation, attempts, born)

    def _overwrite(self, generation: int, born: list[int]) -> None:
        for fault in [one for one in self.live if one not in born]:
            if self.rng.random() < self.truth.overwritten:
                self._end(fault, generation, "overwritten", "rewrite Store.get")

    def _screen(self, generation: int) -> None:
        for fault in list(self.live):
            birth = self.births[fault]
            caught = bool(birth.witnesses) and self.rng.random() < self.chances[birth.family]
            oracle = ORACLES[int(self.rng.choice(3, p=self.truth.shares))]
            test = f"tests/test_store.py::test_{birth.where.rpartition('.')[2]}"
            self.records.append(self._rung(birth, generation, (oracle,) if caught else (), test))
            if caught:
                self._end(fault, generation, oracle, test)

    def _rung(
        self, birth: BirthFact, generation: int, revealed: tuple[OracleName, ...], test: str
    ) -> RungFact:
        depth = 4 if revealed else int(self.rng.integers(0, 4))
        return RungFact(
            fault=birth.fault,
            generation=generation,
            path=birth.path,
            line=birth.line,
            sites=1,
            reached=depth >= 1,
            infected=depth >= 2,
            propagated=depth >= 3,
            revealed=revealed,
            tests=(test,) if revealed else (),
            sufficient=bool(revealed),
            necessary=bool(revealed),
            masked=depth == 3 and bool(self.rng.random() < 0.1),
            alone=depth,
            entries=(birth.where.rpartition(".")[2],) if depth >= 3 else (),
        )

    def _review(self, generation: int, attempt: int, born: list[int]) -> None:
        plan: OversightFactor = self.condition.oversight
        if plan.every == 0 or generation % plan.every:
            return
        changed = self.truth.lines * (generation - self.reviewed)
        read = round(changed * plan.depth)
        new = [one for one in self.live if self.births[one].generation > self.reviewed]
        view = [one for one in new if self.rng.random() < plan.depth]
        found = [one for one in view if self.rng.random() < plan.sensitivity]
        alarms = int(self.rng.poisson(plan.false_alarms * read / 100))
        findings = [Finding("kvstore/store.py", self.births[one].line, one) for one in found]
        findings += [Finding("kvstore/store.py", 1, None)] * alarms
        self.records.append(
            ReviewFact(
                generation,
                attempt,
                self.reviewed,
                changed,
                read,
                read / plan.pace,
                tuple(view),
                tuple(findings),
                False,
            )
        )
        for one in found:
            self._end(one, generation, "review", f"kvstore/store.py:{self.births[one].line}")
        self.reviewed = generation

    def _accept(self, generation: int, attempts: int, born: list[int]) -> None:
        acting = [one for one in self.live if self.births[one].witnesses]
        places = {self.births[one].where for one in acting}
        parts = sum(1 + one % 5 for one in acting)
        self.records.append(
            GenerationFact(
                generation=generation,
                attempts=attempts,
                edits=(EditFact("rename", "kvstore/store.py", "Store.get"),),
                refused_edits={"inline": 1},
                lines_changed=self.truth.lines,
                files_changed=1,
                lines=800 + 5 * generation,
                live=tuple(self.live),
                escaped=tuple(one for one in born if one in self.live),
                failing=(),
                interacting=(),
                executions=180,
                truth_executions=600,
                entries=len(ENTRIES),
                entries_deviating=len(places),
                inputs=len(ENTRIES) * INPUTS,
                inputs_deviating=min(parts, len(ENTRIES) * INPUTS),
                parts_deviating=parts,
                public_deviating=len(places),
                public=len(ENTRIES),
                sources={"kvstore/store.py": f"{generation:016x}"},
                commit=f"{generation:040x}",
            )
        )


def simulate(
    conditions: Sequence[Condition], truths: Sequence[Truth] | Truth, seed: int = 0, name: str = "simulated"
) -> SimulatedFacts:
    """The facts of a campaign with these conditions; one `Truth` for all of them, or one for each."""
    each = [truths] * len(conditions) if isinstance(truths, Truth) else truths
    numbered = [replace(one, index=index) for index, one in enumerate(conditions)]
    written: list[tuple[int, int, Record]] = [(-1, -1, baseline())]
    spent = []
    for condition, truth in zip(numbered, each, strict=True):
        for lineage in range(condition.lineages):
            rng = seeds.stream(seed, "simulated", condition.index, lineage)
            records = _Lineage(condition, truth, rng).run()
            written += [(condition.index, lineage, record) for record in records]
            done = [record.generation for record in records if isinstance(record, GenerationFact)]
            spent += [(condition.index, lineage, one, {"cpu": 1.5, "wall": 2.0}) for one in done]
    return SimulatedFacts(manifest(numbered, seed, name), tuple(written), tuple(spent))


def interrupt(facts: SimulatedFacts, condition: int, lineage: int, generation: int) -> SimulatedFacts:
    """The same facts as if that lineage had been cut off while `generation` was under way."""

    def kept(place: tuple[int, int], record: Record) -> bool:
        if place != (condition, lineage):
            return True
        if isinstance(record, OutcomeFact):
            return False
        at = int(getattr(record, "generation", 0))
        return at < generation or (at == generation and isinstance(record, BirthFact | UnplacedFact))

    written = tuple(one for one in facts.written if kept(one[:2], one[2]))
    return replace(facts, written=written)

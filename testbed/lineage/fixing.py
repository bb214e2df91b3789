"""Fixes that are themselves faulty: a new fault where one was taken out."""

from __future__ import annotations

from dataclasses import dataclass, replace

from testbed.birth import Newborn, birth, sites
from testbed.errors import TestbedError
from testbed.examination import Examination
from testbed.facts import Record, UnplacedFact
from testbed.lineage.candidate import Candidate
from testbed.lineage.screening import Caught, Screened
from testbed.lineage.setting import Setting
from testbed.lineage.state import State
from testbed.protocols import ChangeView, ChoosyInjector, Seeded, Source
from testbed.schema import guard_numbers, heal

TRIES = 5
"""Places tried for one faulty fix: what stands in the fault that is taken out goes with it."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """A candidate after its fixes. The new faults stand beside the guards of the fixed ones, which go at the
    generation's end, so that all that was said of the candidate holds for its source as it is now."""

    candidate: Candidate
    screened: Screened
    live: frozenset[int]
    records: tuple[Record, ...]


def fix(
    setting: Setting,
    state: State,
    candidate: Candidate,
    screened: Screened,
    live: frozenset[int],
    caught: Caught,
) -> Fixed:
    """The candidate with the faults that its fixes bring, each with its birth certificate.

    They are not screened before the next generation: a fix comes after the checks.
    """
    rng = setting.stream(candidate.generation, candidate.attempt, "fix")
    rate = setting.condition.oversight.faulty_fix
    faulty = [fault for fault in sorted(caught) if rng.random() < rate]
    if not faulty:
        return Fixed(candidate, screened, live, ())
    injector = setting.parts.injector
    if not isinstance(injector, ChoosyInjector):
        raise TestbedError("the injector cannot be asked for the fault of a faulty fix")
    source, records, born = candidate.source, list[Record](), dict[int, Newborn]()
    for fault in faulty:
        placed = None
        for _ in range(TRIES):
            made = injector.place(source, _near(candidate, fault), rng, state.number, 1)
            new = made.seeded[0] if made.seeded else None
            if new is not None and _stays(made.source, new, frozenset(caught)):
                source, placed = made.source, new
                break
        if placed is None:
            reason = f"no place for the fault of fault {fault}'s fix"
            records.append(UnplacedFact(candidate.generation, candidate.attempt, reason))
            continue
        born[placed.fault] = Newborn(placed.fault, "fix", fault, placed.operator, placed.family)
        state.families[placed.fault] = (placed.operator, placed.family)
    if not born:
        return Fixed(candidate, screened, live, tuple(records))
    after = replace(candidate, source=source, newborn={**candidate.newborn, **born})
    exam = Examination(
        setting.parts.evaluator,
        candidate.generation,
        candidate.attempt,
        screened.exam.tests,
        situation=setting.situation(candidate.generation),
    )
    problem = exam.load(source, setting.subject.grown)
    if problem:
        raise TestbedError(f"a candidate cannot be loaded any more after a faulty fix: {problem}")
    every = live | frozenset(born)
    further = setting.inputs(
        setting.stream(candidate.generation, candidate.attempt, "fix witness"),
        setting.condition.truth.witness_inputs,
    )
    for number, newborn in born.items():
        known = exam.deviating(frozenset({number}), exam.tests.every, "alone")
        records.append(birth(exam, source, newborn, every, known, further, setting.subject.public))
    exam.effort["before"] = sum(screened.exam.effort.values())
    records.extend(exam.verdicts)
    return Fixed(after, replace(screened, exam=exam), every, tuple(records))


def _near(candidate: Candidate, fault: int) -> ChangeView:
    """The lines of the fault's own sites, as the change that the fix is."""
    touched: dict[str, set[int]] = {}
    for path, guard in sites(candidate.source)[fault]:
        lines = candidate.source[path].encode()[: guard.span[1]].count(b"\n") + 1
        touched.setdefault(path, set()).update(range(guard.line, max(lines, guard.line + 1)))
    every = {path: frozenset(lines) for path, lines in touched.items()}
    return ChangeView(every, sum(map(len, every.values())), 1)


def _stays(source: Source, new: Seeded, caught: frozenset[int]) -> bool:
    """Whether the new fault is still there when the fixed ones are gone."""
    return new.fault in guard_numbers(heal(source[new.path], caught))

"""Choosing faults at birth: those that the tests of the screen do not find, those that are known to show.

Most faults that a rule makes are found at once by any good test, and many of the others change nothing
at all. A campaign may ask for what remains: candidates are placed several at a time, each is switched
on alone, and those that are not wanted are taken out again before anything is recorded of them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from testbed.errors import TestbedError
from testbed.examination import Examination, Tests
from testbed.lineage.setting import Setting
from testbed.protocols import ChangeView, ChoosyInjector, Injection, Seeded, Source
from testbed.schema import heal

AT_ONCE = 12
"""Candidates placed for each fault that is still missing."""

ROUNDS = 6


def chosen(
    setting: Setting,
    attempt: int,
    generation: int,
    source: Source,
    change: ChangeView,
    rng: np.random.Generator,
    number: Callable[[], int],
) -> Injection:
    """As many faults as the injector draws, all of the wanted kind; a reason for each that is missing."""
    injector = setting.parts.injector
    if not isinstance(injector, ChoosyInjector):
        raise TestbedError("the injector cannot be asked for residual or witnessed faults")
    wanted = injector.draw(change, rng)
    kept: list[Seeded] = []
    current = dict(source)
    tried = 0
    for round_ in range(ROUNDS):
        missing = wanted - len(kept)
        if not missing:
            break
        placed = injector.place(current, change, rng, number, missing * AT_ONCE)
        tried += len(placed.seeded)
        good = _good(setting, attempt, generation, round_, placed) if placed.seeded else []
        kept += good[:missing]
        unwanted = frozenset(item.fault for item in placed.seeded) - {item.fault for item in kept}
        current = {path: heal(text, unwanted) for path, text in placed.source.items()}
    reason = f"none of {tried} candidates was {_kind(setting)}"
    return Injection(current, tuple(kept), (reason,) * (wanted - len(kept)))


def _kind(setting: Setting) -> str:
    factor = setting.condition.injection
    names = (("residual", factor.residual), ("witnessed", factor.witnessed))
    return " and ".join(name for name, asked in names if asked)


def _good(setting: Setting, attempt: int, generation: int, round_: int, placed: Injection) -> list[Seeded]:
    """The candidates of the wanted kind, in the order in which they were placed."""
    exam = _examination(setting, attempt, generation, round_)
    if exam.load(placed.source, setting.subject.grown):
        return []
    return [item for item in placed.seeded if _is_wanted(setting, exam, frozenset({item.fault}))]


def _examination(setting: Setting, attempt: int, generation: int, round_: int) -> Examination:
    factor, truth = setting.condition.injection, setting.condition.truth
    rng = setting.stream(generation, attempt, f"choice {round_}")
    screen = setting.tests(generation, attempt)
    tests = Tests(
        infos=screen.infos if factor.residual else (),
        inputs=setting.inputs(rng, truth.inputs) if factor.witnessed else (),
        seed=int(rng.integers(2**31)),
        examples=setting.condition.oracles.examples,
        truth=setting.inputs(rng, truth.witness_inputs) if factor.witnessed else (),
    )
    evaluator, situation = setting.parts.evaluator, setting.situation(generation)
    return Examination(evaluator, generation, attempt, tests, situation=situation)


def _is_wanted(setting: Setting, exam: Examination, fault: frozenset[int]) -> bool:
    factor = setting.condition.injection
    if factor.residual and _found(exam, fault):
        return False
    return not factor.witnessed or any(
        exam.deviating(fault, inputs, "choice") for inputs in (exam.tests.inputs, exam.tests.truth)
    )


def _found(exam: Examination, fault: frozenset[int]) -> bool:
    """Whether a test of the screen finds it. Asked in growing numbers: most faults are found at once."""
    relevant = exam.relevant(fault, [info.id for info in exam.tests.infos])
    size = 2
    while relevant:
        if exam.deviating(fault, relevant[:size], "choice"):
            return True
        relevant, size = relevant[size:], size * 3
    return False

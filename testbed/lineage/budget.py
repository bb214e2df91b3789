"""What one generation may spend on its checks, over all its candidates, and what it has spent."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from testbed.conditions import BudgetFactor, OversightFactor
from testbed.examination import Examination, Tests
from testbed.facts import EffortFact


@dataclass(slots=True)
class Purse:
    """The budget of one generation, and how much of it is gone. A bound of 0 is none."""

    budget: BudgetFactor
    executions: int = 0
    examples: int = 0
    read: int = 0  # lines
    exams: list[Examination] = field(default_factory=list)

    def spent(self) -> str:
        """Why no further candidate can be screened, or ""."""
        bound = self.budget.executions
        return f"the {bound} executions of a generation are spent" if 0 < bound <= self.executions else ""

    def within(self, tests: Tests, rng: np.random.Generator) -> Tests:
        """The tests with a screen that the rest of the budget pays for: a random part of it where need be.

        What the screen leaves out still measures the truth.
        """
        tests = self._examples(tests)
        bound = self.budget.executions
        if not bound or len(tests.ids) <= bound - self.executions:
            return tests
        left = max(0, bound - self.executions)
        kept = {tests.ids[int(i)] for i in rng.choice(len(tests.ids), size=left, replace=False)}
        unscreened = [info.id for info in tests.infos if info.id not in kept]
        return replace(
            tests,
            inputs=tuple(test for test in tests.inputs if test in kept),
            truth=(*(test for test in tests.inputs if test not in kept), *tests.truth),
            unscreened=frozenset(unscreened) | tests.unscreened,
        )

    def _examples(self, tests: Tests) -> Tests:
        """Fewer examples for each property test; none of these tests where not even one each is left."""
        properties = [info.id for info in tests.infos if info.oracle == "property"]
        if not self.budget.examples or not properties:
            return tests
        each = max(0, self.budget.examples - self.examples) // len(properties)
        if each:
            return replace(tests, examples=min(tests.examples, each))
        return replace(tests, unscreened=frozenset(properties))

    def pay(self, tests: Tests, generation: int, attempt: int) -> EffortFact:
        """Takes one screen from the budget and says what it was."""
        inputs, run = len(tests.inputs), len(tests.ids)
        properties = sum(
            info.oracle == "property" and info.id not in tests.unscreened for info in tests.infos
        )
        examples = properties * tests.examples
        self.executions, self.examples = self.executions + run, self.examples + examples
        return EffortFact(generation, attempt, run - inputs, inputs, examples)

    def seconds(self) -> dict[str, float]:
        """Seconds that tests and inputs took: measured, never facts.

        `screen` is each test of the screen once, as the clean twin ran it; `truth` is all the rest.
        """
        screen = sum(
            exam.clean[test].seconds for exam in self.exams for test in exam.tests.ids if test in exam.clean
        )
        return {"screen": screen, "truth": sum(exam.seconds for exam in self.exams) - screen}

    def lines(self, factor: OversightFactor) -> int | None:
        """How many more lines may be read in this generation; None: as many as there are."""
        if not self.budget.hours:
            return None
        return max(0, math.floor(self.budget.hours * factor.pace + 1e-9) - self.read)

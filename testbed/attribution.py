"""Whose doing a failure is, by switching faults on the clean twin and off in place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Fails = Callable[[frozenset[int], Sequence[str]], tuple[str, ...]]
"""Which of the tests fail with this set of faults on."""


@dataclass(frozen=True, slots=True)
class Attribution:
    """What switching said. `alone` maps each fault to the tests that it fails by itself; `healed` to
    the failing tests that pass once it is healed; `interacting` are failing tests that nobody fails alone."""

    failing: tuple[str, ...]
    alone: dict[int, tuple[str, ...]]
    healed: dict[int, tuple[str, ...]]
    interacting: tuple[str, ...]
    asked: frozenset[str]  # what was asked in place
    expected: Mapping[str, frozenset[int]]  # input -> faults whose effect is taken for right

    def masked(self, fault: int) -> bool:
        """Whether some test that the fault fails alone passes in place."""
        return bool(self.asked.intersection(self.alone[fault]) - set(self.failing))

    def revealed(self) -> dict[int, tuple[str, ...]]:
        """Fault -> failing tests that reveal it.

        A failing test reveals every fault that fails it alone. Where none does, it reveals the
        youngest of those whose healing makes it pass: one fix ends such a failure. A differential
        input whose expected outcome comes from a generation that had a fault does not reveal it.
        """
        found: dict[int, list[str]] = {}
        for test in self.failing:
            taken = self.expected.get(test, frozenset())
            causes = [fault for fault, tests in self.alone.items() if test in tests and fault not in taken]
            if not causes:
                causes = sorted(fault for fault, tests in self.healed.items() if test in tests)[-1:]
            for fault in causes:
                found.setdefault(fault, []).append(test)
        return {fault: tuple(tests) for fault, tests in sorted(found.items())}


def attribute(
    faults: frozenset[int],
    tests: Sequence[str],
    alone: Fails,
    in_place: Fails,
    truth: Sequence[str] = (),
    expected: Mapping[str, frozenset[int]] | None = None,
) -> Attribution:
    """Switches each fault on alone and, for what fails in place, off again.

    `alone` answers against the clean twin, `in_place` against the screen's own baseline. `truth` are
    further inputs that are only asked of each fault alone. `expected` has, by differential input, the
    faults that were there in what its expected outcome comes from.
    """
    failing = in_place(faults, tests)
    asked = (*tests, *truth)
    by_itself = {fault: alone(frozenset({fault}), asked) for fault in sorted(faults)}
    healed = {
        fault: tuple(t for t in failing if t not in set(in_place(faults - {fault}, failing)))
        for fault in sorted(faults)
    }
    accounted = {test for tests_ in by_itself.values() for test in tests_}
    interacting = tuple(test for test in failing if test not in accounted)
    return Attribution(failing, by_itself, healed, interacting, frozenset(tests), expected or {})

"""Which tests enter which functions, as the first layer showed: others need not run in the further layers.

A fault in the body of a function can be met only by a test that enters the function. So the first layer has
markers in all functions in which a fault of a further layer stands, and in a further layer only those tests
have a clean run that evaluate one of them. A function that importing enters may have left anything anywhere:
its faults are for all tests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from testbed.evaluate.faults import Fault
from testbed.evaluate.late import Place, function_of
from testbed.evaluate.program import Program
from testbed.protocols import Source


class Entries:
    """The functions around faults of further layers, and the tests that enter each, once that is known."""

    def __init__(self, source: Source, faults: Sequence[Fault]) -> None:
        found = {fault.number: function_of(source, fault) for fault in faults if not fault.sites}
        self._functions: dict[int, Place] = {number: place for number, place in found.items() if place}
        self._tests: dict[Place, frozenset[str]] | None = None

    @property
    def places(self) -> set[Place]:
        """The functions that need a marker."""
        return set(self._functions.values())

    def learn(self, program: Program, markers: Mapping[Place, int]) -> None:
        """Takes from the first layer's clean run who enters what."""
        if self._tests is None:
            self._tests = {
                place: frozenset(test for test, clean in program.clean.items() if marker in clean.reached)
                for place, marker in markers.items()
                if marker not in program.loaded.import_time
            }

    def tests(self, faults: Sequence[Fault]) -> frozenset[str] | None:
        """Those that may meet one of these faults; None where that may be any."""
        known = self._tests or {}
        places = [self._functions.get(fault.number) for fault in faults]
        if not all(place in known for place in places):
            return None
        return frozenset(test for place in places if place is not None for test in known[place])

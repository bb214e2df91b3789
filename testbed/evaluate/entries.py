"""Which tests enter which functions, as the first layer showed: others need not run in the further layers.

A fault in the body of a function can be met only by a test that enters the function. So the first layer has
markers in all functions in which a fault of a further layer stands, and in a further layer only those tests
have a clean run that evaluate one of them. Where importing enters a function in which something stands that
may run later, such as another function, any test may meet its faults.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from testbed.evaluate.faults import Fault
from testbed.evaluate.known import digest
from testbed.evaluate.late import Body, Place, bodies
from testbed.evaluate.program import Program
from testbed.protocols import Outcome, Source


class Entries:
    """The functions around faults of further layers, and the tests that enter each, once that is known.

    `alike` stands for the source whose layers these are: with nothing on they all do the same.
    """

    def __init__(self, source: Source, faults: Sequence[Fault]) -> None:
        self.alike = digest(sorted(source.items()))
        plain = [fault for fault in faults if not fault.sites]
        files = {path: bodies(source, path) for path in {fault.path for fault in plain}}
        self._bodies: dict[int, Body] = {}
        for fault in plain:
            for body in files[fault.path]:
                if body.start <= fault.edit.start and fault.edit.end <= body.end:
                    self._bodies[fault.number] = body
        self._tests: dict[Place, frozenset[str]] | None = None
        self._clean: dict[str, Outcome] = {}
        self._early: frozenset[Place] = frozenset()  # those that importing enters

    @property
    def places(self) -> set[Place]:
        """The functions that need a marker."""
        return {body.place for body in self._bodies.values()}

    def learn(self, program: Program, markers: Mapping[Place, int]) -> None:
        """Takes from the first layer's clean run who enters what."""
        if self._tests is None:
            self._clean = {
                test: replace(clean, reached=(), infected=(), undecided=())
                for test, clean in program.clean.items()
            }
            early = program.loaded.import_time
            self._early = frozenset(place for place, marker in markers.items() if marker in early)
            ending = {body.place for body in self._bodies.values() if body.ends}
            self._tests = {
                place: frozenset(test for test, clean in program.clean.items() if marker in clean.reached)
                for place, marker in markers.items()
                if place in ending or place not in self._early
            }

    def tests(self, faults: Sequence[Fault]) -> frozenset[str] | None:
        """Those that may meet one of these faults while they run; None where that may be any."""
        known = self._tests or {}
        places = [self._bodies[fault.number].place for fault in faults if fault.number in self._bodies]
        if len(places) < len(faults) or not all(place in known for place in places):
            return None
        return frozenset(test for place in places for test in known[place])

    def is_met(self, faults: Sequence[Fault]) -> bool:
        """Whether importing or a test may meet one of these faults."""
        tests = self.tests(faults)
        return (
            tests is None or bool(tests) or any(self._bodies[f.number].place in self._early for f in faults)
        )

    def complete(self, program: Program) -> None:
        """Adds the tests that had no clean run, since they meet none of the faults while they run."""
        program.clean = {**self._clean, **program.clean}
        program.order = sorted(program.clean, key=lambda test: program.clean[test].seconds)

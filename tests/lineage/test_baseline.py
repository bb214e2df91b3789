"""What is found out about a target before anything is seeded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from testbed.baseline import Baseline, examine
from testbed.errors import UserError
from testbed.facts import TestInfo, VerdictName
from testbed.protocols import Loaded, Outcome, Source


@dataclass
class Scripted:
    """An evaluator that answers, for each test, one verdict after the other."""

    script: dict[str, Sequence[VerdictName]]
    error: str = ""
    rounds: int = field(default=0)

    def load(self, name: str, source: Source) -> Loaded:
        return Loaded(tests=tuple(TestInfo(test, "unit") for test in self.script), error=self.error)

    def run(
        self,
        name: str,
        faults: frozenset[int],
        tests: Sequence[str],
        *,
        seed: int = 0,
        examples: int = 0,
        probe: bool = False,
    ) -> tuple[Outcome, ...]:
        self.rounds += 1
        return tuple(Outcome(t, self.script[t][(self.rounds - 1) % len(self.script[t])]) for t in tests)

    def drop(self, name: str) -> None: ...

    def close(self) -> None: ...


def baseline(script: dict[str, Sequence[VerdictName]], error: str = "") -> Baseline:
    return examine("target", "1", {"a.py": "x = 1\n"}, Scripted(script, error), seed=1, examples=5)


def test_a_target_whose_tests_pass_becomes_the_subject() -> None:
    made = baseline({"a": ["pass"], "b": ["pass"]})
    assert [info.id for info in made.subject.tests] == ["a", "b"]
    assert made.fact.quarantined == ()


def test_a_flaky_test_is_quarantined_by_name() -> None:
    made = baseline({"a": ["pass"], "b": ["pass", "fail", "pass"], "c": ["unknown"]})
    assert made.fact.quarantined == ("b", "c")
    assert [info.id for info in made.subject.tests] == ["a"]


@pytest.mark.parametrize(
    ("script", "error", "said"),
    [
        ({"a": ["pass"], "b": ["fail"]}, "", "b does not pass"),
        ({"a": ["timeout"]}, "", "a does not pass: timeout"),
        ({}, "", "no tests found"),
        ({"a": ["pass", "fail"]}, "", "all tests are flaky"),
        ({"a": ["pass"]}, "a.py:3: invalid syntax", "invalid syntax"),
        ({}, "t.py: E ModuleNotFoundError: No module named 'six.moves'", "import six, .* use --install"),
        ({}, "t.py: E ModuleNotFoundError: No module named 'a.b'", "paths in target.toml"),
    ],
)
def test_what_cannot_be_a_baseline_stops_before_anything_is_seeded(
    script: dict[str, Sequence[VerdictName]], error: str, said: str
) -> None:
    with pytest.raises(UserError, match=said):
        baseline(script, error)

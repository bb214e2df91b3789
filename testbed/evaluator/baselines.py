"""What each test took when nothing was switched on, and the limits that follow from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

_FEWEST_HITS = 1_000_000
_TIMES_HITS = 1_000
_TIMES_SECONDS = 10
_UNKNOWN_SECONDS = 30.0
_UNKNOWN_HITS = 50_000_000
_UNKNOWN_LOADING = 120.0
_FEWEST_MIB = 128.0
_TIMES_MIB = 4.0
_SHARE_OF_DATA = 0.9
_TIMES_TEST_SECONDS = 5  # importing and collecting may take so much more than one test


def hit_budget(hits: float) -> int:
    """How many guard evaluations a test may make that makes `hits` of them unfaulted."""
    return max(_FEWEST_HITS, int(_TIMES_HITS * hits))


def data_of(memory_mib: float) -> float:
    """MiB of data for the code under test: the rest is for pytest, to say that there was no more."""
    return _SHARE_OF_DATA * memory_mib


def _key(test: str) -> str:
    """The test; all inputs of a differential entry point go together, since most of them come once."""
    return test.rpartition("#")[0] if test.startswith("diff:") else test


@dataclass(frozen=True, slots=True)
class _Clean:
    seconds: float
    hits: float
    examples: int


@dataclass(slots=True)
class Baselines:
    """One generation's clean runs. `test_seconds` comes on top of ten times the clean seconds."""

    test_seconds: float
    load_hits: int = 0
    load_seconds: float = 0.0
    mib: float | None = None  # the most that a process of clean runs took; None before the first one
    _clean: dict[str, _Clean] = field(default_factory=dict)

    def note(self, test: str, seconds: float, hits: int, examples: int) -> None:
        """Keeps what a clean run took, per test or per entry point; the largest of several."""
        before = self._clean.get(_key(test), _Clean(0.0, 0, max(1, examples)))
        scale = before.examples / max(1, examples) if examples else 1.0
        self._clean[_key(test)] = _Clean(
            max(before.seconds, seconds * scale), max(before.hits, hits * scale), before.examples
        )

    def limits(self, tests: Sequence[str], examples: int) -> dict[str, list[float]]:
        """test -> [seconds, guard evaluations], for the tests that have had a clean run."""
        known = {test: self._clean.get(_key(test)) for test in tests}
        return {test: self._limit(clean, examples) for test, clean in known.items() if clean is not None}

    def _limit(self, clean: _Clean, examples: int) -> list[float]:
        scale = max(1.0, examples / clean.examples)
        seconds = self.test_seconds + _TIMES_SECONDS * clean.seconds * scale
        return [round(seconds, 3), hit_budget(clean.hits * scale)]

    def unknown(self) -> list[float]:
        """The limits of a test before its first clean run."""
        return [_UNKNOWN_SECONDS + self.test_seconds, _UNKNOWN_HITS]

    def data_mib(self, memory_mib: float) -> float:
        """MiB of data that a test with faults may add, where all may add `memory_mib` of address space."""
        most = data_of(memory_mib)
        return most if self.mib is None else min(most, max(_FEWEST_MIB, _TIMES_MIB * self.mib))

    def loading(self) -> dict[str, float]:
        """The limits of importing and collecting."""
        if not self.load_seconds:
            return {"load_seconds": _UNKNOWN_LOADING, "load_hits": _UNKNOWN_HITS}
        seconds = _TIMES_TEST_SECONDS * self.test_seconds + _TIMES_SECONDS * self.load_seconds
        return {"load_seconds": round(seconds, 3), "load_hits": hit_budget(self.load_hits)}

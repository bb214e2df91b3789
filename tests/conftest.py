"""A target small enough for whole campaigns to run in seconds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

PACKAGE = '''"""Running totals."""

SMALLEST = 0


def clamp(value, low, high):
    """The nearest value in [low, high]."""
    if value < low:
        return low
    if value > high:
        return high
    return value


def totals(values, start=SMALLEST):
    """The sums so far."""
    out = []
    total = start
    for value in values:
        total = total + value
        out.append(total)
    return out


def longest(words):
    """The longest word, the first of equals."""
    best = ""
    for word in words:
        if len(word) > len(best):
            best = word
    return best


def spread(values):
    """The distance between the ends, and the middle, rounded down."""
    ordered = sorted(values)
    if not ordered:
        return None
    middle = ordered[len(ordered) // 2]
    return ordered[-1] - ordered[0], middle
'''
TESTS = """from hypothesis import given, strategies as st
from sums import clamp, longest, spread, totals

def test_clamp_keeps_the_middle():
    assert clamp(5, 0, 9) == 5

def test_totals():
    assert totals([1, 2, 3]) == [1, 3, 6]

def test_spread_of_nothing():
    assert spread([]) is None

@given(st.lists(st.text(max_size=4), max_size=4))
def test_longest_is_one_of_them(words):
    assert longest(words) in [*words, ""]
"""
DIFFERENTIAL = """import sums

def numbers(rng):
    return [rng.randint(-3, 3) for _ in range(rng.randint(0, 5))]

def all_of_it(values):
    words = ["x" * abs(v) for v in values]
    return [sums.totals(values), sums.longest(words), [sums.clamp(v, -1, 2) for v in values]]
"""
MANIFEST = """name = "sums"
version = "1"
package = ["sums.py"]
tests = ["test_sums.py"]

[[differential]]
name = "all"
generate = "differential:numbers"
call = "differential:all_of_it"
public = ["sums:clamp", "sums:totals", "sums:longest"]
"""


def _write(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "sums.py").write_text(PACKAGE)
    (folder / "test_sums.py").write_text(TESTS)
    (folder / "differential.py").write_text(DIFFERENTIAL)
    (folder / "target.toml").write_text(MANIFEST)
    return folder


@pytest.fixture(scope="session")
def write_small_target() -> Callable[[Path], Path]:
    """Writes the four files of the target into a new folder, and returns it."""
    return _write


@pytest.fixture
def small_target(tmp_path: Path) -> Path:
    return _write(tmp_path / "sums")

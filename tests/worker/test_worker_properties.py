"""Hypothesis's constant pool and settings, tamed in a process of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as Settings
from hypothesis import strategies as st

from testbed.worker.properties import seed_of, tamed

DRAW = """
import sys
sys.path.insert(0, {folder!r})
import constants
from hypothesis import given, seed, settings, strategies as st, Phase
from testbed.worker import properties
if {neutral}:
    import hypothesis
    properties.tame_library()
drawn = []
@settings(max_examples=300, database=None, phases=[Phase.generate])
@seed(1)
@given(st.integers())
def test(x): drawn.append(x)
test()
print(drawn)
"""


def drawn(folder: Path, constant: int, *, neutral: bool) -> str:
    (folder / "constants.py").write_text(f"X = {constant}\n")
    script = DRAW.format(folder=str(folder), neutral=neutral)
    done = subprocess.run([sys.executable, "-B", "-c", script], capture_output=True, text=True, check=True)
    return done.stdout


def test_a_constant_of_local_source_changes_no_input(tmp_path: Path) -> None:
    first = drawn(tmp_path, 123456789, neutral=True)
    assert first == drawn(tmp_path, 987654321, neutral=True)
    assert "123456789" not in first


def test_without_that_it_would(tmp_path: Path) -> None:
    assert "123456789" in drawn(tmp_path, 123456789, neutral=False)


@pytest.mark.parametrize(
    ("own", "asked", "expected"), [(100, 20, 20), (100, 500, 500), (7, 20, 7), (300, 20, 20), (300, 0, 300)]
)
def test_examples_follow_the_request_unless_the_test_asks_for_fewer(
    own: int, asked: int, expected: int
) -> None:
    assert tamed(Settings(max_examples=own), asked).max_examples == expected


def test_nothing_is_clocked_remembered_or_shrunk() -> None:
    settings = tamed(Settings(deadline=1, derandomize=True, database=None, phases=[Phase.shrink]), 0)
    assert settings.deadline is None
    assert settings.database is None
    assert not settings.derandomize
    assert set(settings.phases) == {Phase.explicit, Phase.generate}
    assert set(settings.suppress_health_check) == set(HealthCheck)


@given(st.integers(0), st.text(), st.text())
def test_the_seed_of_a_test_depends_on_both(seed: int, one: str, other: str) -> None:
    assert seed_of(seed, one) == seed_of(seed, one)
    assert (seed_of(seed, one) == seed_of(seed, other)) is (one == other)
    assert seed_of(seed, one) != seed_of(seed + 1, one)

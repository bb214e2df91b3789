"""A run whose own code changes under it says so in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from testbed.engine import steady
from testbed.engine.steady import same_source
from testbed.errors import TestbedError, UserError

RUN = Path("runs/a")


@pytest.fixture
def digests(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the digest of the code is, one time after the other."""
    told: list[str] = []
    monkeypatch.setattr(steady, "source_digest", lambda: told.pop(0))
    return told


def test_an_error_after_a_change_is_told_by_its_cause(digests: list[str]) -> None:
    digests += ["old", "new"]
    with pytest.raises(UserError) as caught, same_source(RUN, print):
        raise TestbedError("Traceback ...\nTypeError: load() takes 3 arguments")
    assert "own code changed" in str(caught.value)
    assert "TypeError: load() takes 3 arguments" in str(caught.value)
    assert "testbed resume runs/a" in str(caught.value)
    assert len(caught.value.lines()) == 1


def test_an_error_of_unchanged_code_is_the_testbeds_own(digests: list[str]) -> None:
    digests += ["same", "same"]
    with pytest.raises(TestbedError, match=r"^its own$"), same_source(RUN, print):
        raise TestbedError("its own")


def test_a_mistake_of_the_users_stays_one(digests: list[str]) -> None:
    digests += ["old"]
    with pytest.raises(UserError, match=r"^no model"), same_source(RUN, print):
        raise UserError("no model is named")


@pytest.mark.parametrize(("after", "warnings"), [("old", 0), ("new", 1)])
def test_a_run_that_ended_well_warns_of_facts_by_two_versions(
    digests: list[str], after: str, warnings: int
) -> None:
    digests += ["old", after]
    said: list[str] = []
    with same_source(RUN, said.append):
        pass
    assert len(said) == warnings

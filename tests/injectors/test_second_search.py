"""CrossHair as a second opinion on faults that nothing else has shown."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec

import pytest

from injectors import catalogue
from testbed import calibrate, second
from testbed.errors import UserError
from testbed.evaluate.faults import every
from testbed.schema import TextEdit
from testbed.severity import Severity
from testbed.trial import Trial

SOURCE = {
    "src/marks/__init__.py": "from .core import grade\n",
    "src/marks/core.py": "def grade(points: int) -> int:\n    return 1 if points < 5 else 0\n",
}


def unwitnessed(name: str) -> list[Trial]:
    faults = every(SOURCE, [catalogue.operator(name)])
    return [Trial(fault, "", True, None, (), False, (), (), Severity(), 0) for fault in faults]


with_crosshair = pytest.mark.skipif(find_spec("crosshair") is None, reason="CrossHair is not installed")


@with_crosshair
def test_a_fault_that_shows_on_one_number_is_found() -> None:
    found = second.searched(SOURCE, ("", "src"), unwitnessed("shifted-boundary"), 5, 5.0, 0)
    assert found.comparable == 1
    (one,) = found.compared
    assert one.verdict == "differs"
    assert one.words.startswith("Given: (points=5)")


@with_crosshair
def test_a_rewriting_that_changes_nothing_is_the_same_on_every_path() -> None:
    (trial,) = unwitnessed("shifted-boundary")
    start = SOURCE[trial.fault.path].index("points < 5")
    alike = replace(trial.fault, edit=TextEdit(start, start + len("points < 5"), "5 > points"))
    (one,) = second.searched(SOURCE, ("", "src"), [replace(trial, fault=alike)], 5, 5.0, 0).compared
    assert one.verdict == "same"


@with_crosshair
def test_what_cannot_be_compared_is_no_evidence_of_anything() -> None:
    (trial,) = unwitnessed("shifted-boundary")
    broken = {**SOURCE, "src/marks/core.py": SOURCE["src/marks/core.py"] + "import nowhere_to_be_found\n"}
    (one,) = second.searched(broken, ("", "src"), [trial], 5, 5.0, 0).compared
    assert one.verdict == "failed"
    assert one.words


@with_crosshair
def test_faults_that_hide_are_not_compared() -> None:
    hiding = [
        replace(one, fault=replace(one.fault, family="dormant")) for one in unwitnessed("shifted-boundary")
    ]
    assert second.searched(SOURCE, ("", "src"), hiding, 5, 5.0, 0).comparable == 0


def test_the_share_of_equivalent_ones_lies_between_what_is_alike_and_what_does_not_differ() -> None:
    verdicts = ["differs"] * 2 + ["same"] * 3 + ["open"] * 5 + ["failed"]
    found = second.Second(20, tuple(second.Compared(n, verdict) for n, verdict in enumerate(verdicts)))
    told = calibrate.second_opinion([found], 10.0)
    assert "on 11 of 20 unwitnessed" in told
    assert "1 of them could not be compared. Of the other 10, 2 differ after all (20% [6–51%])" in told
    assert "3 are alike on every path (30% [11–60%])" in told
    assert told.endswith("between the two: 11–94%, at 95% on each side.")
    nothing = second.Second(1, (second.Compared(1, "failed"),))
    assert calibrate.second_opinion([nothing], 10.0).endswith("1 of them could not be compared.")


def test_without_crosshair_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second, "find_spec", lambda name: None)
    with pytest.raises(
        UserError, match=r"not installed; pip install 'compounding-flaw-testbed\[crosshair\]'"
    ):
        second.searched(SOURCE, ("src",), [], 1, 1.0, 0)

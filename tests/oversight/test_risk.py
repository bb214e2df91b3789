"""How risky a change looks, and which of its lines no test runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from testbed.conditions import LimitsFactor, TargetFactor
from testbed.errors import UserError, UserErrors
from testbed.evaluator import ProcessEvaluator
from testbed.examination import Tests
from testbed.facts import TestInfo
from testbed.oversight import risk
from testbed.oversight.coverage import uncovered, with_probes
from testbed.protocols import Change
from testbed.targets import resolve

TEXT = '''"""Numbers."""


def clamp(value, low, high):
    """The nearest value in [low, high]."""
    if value < low:
        return low
    if value > high: return high
    for n in range(2):
        value += n
    else:
        value -= 1
    return value


def unused(value):
    try:
        return 1 / value
    except ZeroDivisionError:
        return 0
'''
TESTS = """from numbers_ import clamp

def test_clamp():
    assert clamp(5, 0, 9) == 5
    assert clamp(50, 0, 9) == 9
"""


def change(lines: int = 0, files: int = 4, warnings: int = 0, left_out: float = 0.0) -> Change:
    return Change(lines, files, warnings, {"a.py": ""}, {"a.py": "x = 1\n"}, lambda: left_out)


@pytest.mark.parametrize(
    ("parts", "shown", "expected"),
    [
        (("lines",), change(lines=100), (0.25, "lines")),
        (("lines",), change(lines=4000), (1.0, "lines")),
        (("files", "lines"), change(lines=40), (0.25, "files")),
        (("warnings", "files"), change(warnings=3), (0.75, "warnings")),
        (("coverage", "lines"), change(lines=40, left_out=0.6), (0.6, "coverage")),
        ((), change(lines=400), (0.0, "nothing")),
    ],
)
def test_the_highest_of_the_scores_counts(
    parts: tuple[str, ...], shown: Change, expected: tuple[float, str]
) -> None:
    assert risk.risk(parts, shown) == expected


def test_scores_of_other_distributions_count_and_are_checked(
    install: Callable[[str, str, str], None],
) -> None:
    install(
        "acme_risks",
        "def names(change):\n    return 0.9 if 'x' in change.after['a.py'] else 0\n"
        "def high(change):\n    return 7\n\ndef none():\n    return 0\n",
        "[testbed.risks]\nnames = acme_risks:names\nhigh = acme_risks:high\nnone = acme_risks:none\n",
    )
    assert risk.risk(("lines", "names"), change()) == (0.9, "names")
    with pytest.raises(UserError, match=r"testbed.risks: high: gave 7; a risk is a number from 0 to 1"):
        risk.risk(("high",), change())
    with pytest.raises(UserErrors, match="is no callable that takes a Change"):
        risk.risk(("none",), change())
    with pytest.raises(UserError, match=r"unknown risk 'line'; did you mean lines\?"):
        risk.risk(("line",), change())


def test_probes_change_nothing_and_answer_for_the_changed_lines_of_functions() -> None:
    every = frozenset(range(1, 22))
    probed, lines_of = with_probes(TEXT, every, 5)
    space: dict[str, object] = {"__fault__": lambda number: False}
    exec(probed, space)
    assert space["clamp"](3, 0, 9) == 3  # type: ignore[operator]
    answered = set().union(*lines_of.values())
    assert min(lines_of) == 5
    assert answered == {6, 7, 8, 9, 10, 12, 13, 17, 18, 20}


@pytest.fixture
def evaluator(tmp_path):
    (tmp_path / "numbers_.py").write_text(TEXT)
    (tmp_path / "test_numbers.py").write_text(TESTS)
    target = resolve(TargetFactor(str(tmp_path)))
    with ProcessEvaluator(target.spec(LimitsFactor())) as made:
        yield made, target.package_files


def test_what_no_test_runs_is_measured_on_the_changed_lines(evaluator) -> None:
    made, files = evaluator
    (path,) = (name for name in files if name.endswith("numbers_.py"))
    tests = Tests((TestInfo("test_numbers.py::test_clamp", "unit"),), (), seed=1, examples=5)

    def left_out(*lines: int) -> float:
        return uncovered(made, files, {path: set(lines)}, tests)

    assert left_out() == 0.0
    assert left_out(1, 4, 16) == 0.0, "what runs at import has been run"
    assert left_out(6, 9, 13) == 0.0
    assert left_out(7) == 1.0, "the branch that no test takes"
    assert left_out(6, 7, 17, 18) == 0.75

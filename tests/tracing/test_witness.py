"""What a fault's witnesses say of an edited text, answered by running it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from testbed.protocols import Loaded, Outcome, Source
from testbed.schema import materialise
from testbed.tracing.witness import witnesses

OLD = {"m.py": "def f(n):\n    return (n + 1 if __fault__(1) else n + n % 2)\n"}
INPUTS = [f"diff:f#{number}" for number in range(6)]
LIVE = frozenset({1})


class Running:
    """An evaluator of one module with one function `f`."""

    def __init__(self) -> None:
        self.sources: dict[str, Source] = {}

    def load(self, name: str, source: Source) -> Loaded:
        self.sources[name] = source
        return Loaded()

    def run(self, name: str, faults: frozenset[int], tests: Sequence[str]) -> tuple[Outcome, ...]:
        made: dict[str, Any] = {}
        exec(materialise(self.sources[name]["m.py"], faults), made)
        return tuple(Outcome(test, "pass", str(made["f"](int(test[7:])))) for test in tests)


def said(edited: str, *, clean: bool = False, text: str | None = None, old: Mapping[str, str] = OLD) -> str:
    ask = witnesses(Running(), INPUTS, clean=clean)  # type: ignore[arg-type]
    return ask(old, LIVE, {"m.py": edited})(1, {"m.py": text or edited})


@pytest.mark.parametrize(
    ("body", "expected"),
    [("1 + n", "faulty"), ("n % 2 + n", "clean"), ("n + 2", "other"), ("n + 1 if n else 0", "other")],
)
def test_an_edit_does_what_the_faulty_or_the_healed_one_did(body: str, expected: str) -> None:
    assert said(f"def f(n):\n    return {body}\n") == expected


def test_where_no_input_shows_the_fault_nobody_knows() -> None:
    old = {"m.py": "def f(n):\n    return (n + 1 if __fault__(1) else 1 + n)\n"}
    assert said("def f(n):\n    return n\n", old=old) == "unknown"


FAULTY = "def f(n):\n    return n + 1\n"


def test_a_clean_rewriting_of_the_same_function_can_have_the_old_fault_put_back() -> None:
    assert said("def f(n):\n    return n if n % 2 == 0 else n + 1\n", clean=True, text=FAULTY) == "faulty"


def test_a_history_that_changed_what_the_function_does_cannot() -> None:
    """On odd numbers, where the fault does not show, the old function is no longer right."""
    assert said("def f(n):\n    return n if n % 2 == 0 else -n\n", clean=True, text=FAULTY) == "other"

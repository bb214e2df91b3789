"""Every refactoring does what its examples say, and refuses what they say."""

import pytest

from testbed.modifiers.examples import results
from testbed.modifiers.refactorings import ALL

CASES = [
    pytest.param(refactoring, before, after, id=f"{refactoring.name}-{index}")
    for refactoring in ALL
    for index, (before, after) in enumerate(refactoring.examples)
]


@pytest.mark.parametrize(("refactoring", "before", "after"), CASES)
def test_an_example_gives_what_it_says(refactoring, before, after):
    found = results(refactoring, before, after)
    assert not found if after is None else after in found, "\n---\n".join(sorted(found))


@pytest.mark.parametrize("refactoring", ALL, ids=lambda r: r.name)
def test_a_refactoring_has_examples_with_a_refusal_and_with_a_guard(refactoring):
    assert len(refactoring.examples) >= 3
    assert any(after is None for _before, after in refactoring.examples)
    assert any("__fault__" in before for before, _after in refactoring.examples)
    assert refactoring.contract.endswith(".")

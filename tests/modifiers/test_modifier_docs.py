"""The page on modifiers lists what there is."""

from pathlib import Path

import pytest

from testbed.modifiers.profiles import GROUPS, PROFILES
from testbed.modifiers.refactorings import ALL

PAGE = Path(__file__).parents[2] / "docs" / "modifiers.md"


@pytest.mark.parametrize("refactoring", ALL, ids=lambda r: r.name)
def test_every_refactoring_is_in_the_catalogue_with_its_contract(refactoring):
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith(f"| `{refactoring.name}` |")]
    assert len(rows) == 1
    assert rows[0].rstrip(" |").endswith(refactoring.contract.replace("|", "\\|"))


def test_the_catalogue_lists_nothing_else():
    rows = [line.split("`")[1] for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    assert rows == sorted(refactoring.name for refactoring in ALL)


def test_the_shares_of_the_profiles_are_those_on_the_page():
    text = PAGE.read_text()
    for group in GROUPS:
        shares = " | ".join(str(profile.shares[group]) for profile in PROFILES.values())
        assert f"| {group} | {shares} |" in text
    assert f"| pace | {' | '.join(f'{profile.pace:g}' for profile in PROFILES.values())} |" in text


@pytest.mark.parametrize("refactoring", ALL, ids=lambda r: r.name)
def test_the_page_says_to_which_group_a_refactoring_belongs(refactoring):
    assert f"| `{refactoring.name}` | {refactoring.group} |" in PAGE.read_text()

"""Streams are told apart by what they are for, not by where the user's files lie."""

from __future__ import annotations

from dataclasses import replace

import pytest

from testbed import seeds
from testbed.conditions import Condition, InjectionFactor, ModifierFactor, TargetFactor

PLACES = (
    ("/home/a/sums", "/builds/17/sums"),
    ("git:/home/a/sums@0a1b", "git:/builds/17/sums@0a1b"),
)


@pytest.mark.parametrize(("here", "there"), PLACES)
def test_a_stream_does_not_depend_on_where_a_folder_lies(here: str, there: str) -> None:
    assert seeds.integer(7, "witnesses", here) == seeds.integer(7, "witnesses", there)
    assert seeds.integer(7, "witnesses", here) != seeds.integer(7, "witnesses", here.replace("sums", "other"))


@pytest.mark.parametrize(("here", "there"), PLACES)
def test_a_condition_does_not_depend_on_where_a_folder_lies(here: str, there: str) -> None:
    assert Condition(target=TargetFactor(here)).key() == Condition(target=TargetFactor(there)).key()
    assert Condition(target=TargetFactor(here)).key() != Condition(target=TargetFactor("sums.d")).key()


def test_nor_on_where_programs_and_further_files_lie() -> None:
    def there(root: str) -> Condition:
        modifier = ModifierFactor(
            "command", command=(f"{root}/python3", "-c", "1 / 2"), tasks=f"{root}/tasks.md"
        )
        injection = InjectionFactor(recorded=f"{root}/faults.json")
        return replace(Condition(), modifier=modifier, injection=injection)

    assert there("/usr/bin").key() == there("/opt/b").key()
    assert there("/usr/bin").key() != Condition().key()


@pytest.mark.parametrize("name", ["kvstore", "pypi:toolz==1.2.0", "diff:api.parse#12", "1 / 2", ""])
def test_what_is_no_path_counts_as_it_is(name: str) -> None:
    assert seeds.placeless(name) == name

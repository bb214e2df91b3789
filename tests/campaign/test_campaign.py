"""What a campaign file may say, and what is said of one that may not."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testbed.campaign import Campaign, Names, builtins, load, override
from testbed.campaign.campaign import read
from testbed.campaign.keys import keys
from testbed.campaign.lines import places
from testbed.campaign.template import MEANING, TABLES, template
from testbed.cli.runs import known_names
from testbed.conditions import Condition
from testbed.errors import UserError

NAMES = Names(("kvstore", "tinylang"), ("refactor",), ("logic", "omission"), ("shifted_bound",))


def of(text: str, *settings: str, names: Names = NAMES) -> Campaign:
    return read(text, "campaign.toml", Path.cwd(), [override(each) for each in settings], names)


def refused(text: str, *settings: str) -> list[str]:
    with pytest.raises(UserError) as caught:
        of(text, *settings)
    return list(caught.value.lines())


def test_an_empty_file_is_the_default_condition() -> None:
    assert of("").conditions == (Condition(),)


def test_the_file_that_init_writes_is_the_default_campaign() -> None:
    made = read(template(), "campaign.toml", Path.cwd())
    assert made.conditions == (Condition(),)
    assert made.factors == ()


def test_every_key_and_table_is_explained_in_the_file_that_init_writes() -> None:
    assert [address for address in keys() if address not in MEANING] == []
    assert {key.table for key in keys().values()} - {""} == set(TABLES)


@pytest.mark.parametrize("name", builtins())
def test_the_built_in_campaigns_are_valid(name: str) -> None:
    assert load(name, names=known_names()).lineages() > 0


def test_lists_make_the_product_in_the_order_of_writing() -> None:
    made = of("[injection]\nrate = [0.5, 2]\n[oversight]\ndepth = [0, 0.5, 1]\nevery = 2\n")
    levels = [(each.injection.rate, each.oversight.depth) for each in made.conditions]
    assert levels == list(itertools.product([0.5, 2.0], [0.0, 0.5, 1.0]))
    assert [each.index for each in made.conditions] == list(range(6))
    assert {each.oversight.every for each in made.conditions} == {2}
    assert made.factors == ("injection.rate", "oversight.depth")


def test_a_list_of_lists_makes_a_factor_of_a_key_that_takes_a_list() -> None:
    made = of('[injection]\nfamilies = [["logic"], ["logic", "omission"]]\n')
    assert [each.injection.families for each in made.conditions] == [("logic",), ("logic", "omission")]


def test_a_setting_wins_over_the_file_and_may_be_a_list() -> None:
    made = of("[injection]\nrate = 1\n", "injection.rate=[0.1, 0.2]", "target.name=tinylang")
    assert [each.injection.rate for each in made.conditions] == [0.1, 0.2]
    assert made.conditions[0].target.name == "tinylang"


def test_a_path_in_a_file_is_relative_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "c.toml").write_text('[target]\nname = "./mine"\n')
    assert load(str(tmp_path / "c.toml")).conditions[0].target.name == str(tmp_path / "mine")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("sed = 3", 'campaign.toml:1: sed: unknown key "sed"; did you mean "seed"?'),
        (
            "[injection]\nrate = -1",
            "campaign.toml:2: injection.rate: -1 is not possible; a number from 0 up is",
        ),
        (
            "\n[oversight]\n\ndepth = [0.5, 1.5]",
            "campaign.toml:4: oversight.depth: 1.5 is not possible; a number from 0 to 1 is",
        ),
        (
            '[oversight]\nevery = "2"',
            'campaign.toml:2: oversight.every: needs a whole number, not text "2"',
        ),
        ("[oversite]\nevery = 2", "campaign.toml:1: oversite: unknown table [oversite]; did you mean "),
        ("depth = 1", 'campaign.toml:1: depth: unknown key "depth"; did you mean oversight.depth?'),
        ('[target]\nname = "kvstor"', 'unknown target "kvstor"; did you mean "kvstore"?'),
        ('[modifier]\nname = "refacto"', 'unknown modifier "refacto"; did you mean "refactor"?'),
        ('[injection]\nfamilies = ["logik"]', 'unknown family "logik"; did you mean "logic"?'),
        ('[injection]\nunit = "change"\nrate = 1.5', "campaign.toml:3: injection.rate: above 1"),
        ("[injection]\nrate = [1, 1.0]", "injection.rate: has the level 1.0 twice"),
        ("[injection]\nrate = []", "injection.rate: is an empty list"),
        ("generations = [1, 2]", "generations: takes one value, not a list"),
        ("generations = 0", "generations: 0 is not possible; a number from 1 up is"),
        ("[injection]\nrate = nan", "injection.rate: nan is not possible"),
        ('name = "a/b"', 'name: "a/b" cannot be a folder\'s name'),
        ("rate = = 1", "campaign.toml:1: not TOML"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_with_its_place(text: str, line: str) -> None:
    (said,) = refused(text)
    assert line in said


def test_every_problem_is_said_at_once() -> None:
    said = refused("sed = 1\n[injection]\nrate = -1\n[oversight]\ndepht = 1", "injection.unit=week")
    assert len(said) == 4
    assert said[-1].startswith('--set injection.unit: unknown unit "week"')


@pytest.mark.parametrize("name", ["quikstart", "nowhere.toml"])
def test_a_campaign_that_is_not_there_is_said(name: str) -> None:
    with pytest.raises(UserError, match=f'no campaign "{name}"'):
        load(name)


@given(st.sampled_from([key for key in keys().values() if key.kind in {"number", "whole"}]), st.data())
def test_every_number_inside_its_range_is_taken_and_none_outside(key, data) -> None:
    number = data.draw(st.integers(-1000, 10**6) if key.kind == "whole" else st.floats(-1000, 10**6))
    text = f"[{key.table}]\n{key.name} = {number!r}\n" if key.table else f"{key.name} = {number!r}\n"
    if key.range.holds(number):
        of(text)
    else:
        assert "is not possible" in refused(text)[0]


NAME = st.from_regex(r"[a-z]{1,4}", fullmatch=True)


@given(st.dictionaries(NAME, st.dictionaries(NAME, st.integers(0, 9), max_size=4), max_size=4))
def test_the_line_of_every_key_is_found(tables: dict[str, dict[str, int]]) -> None:
    lines: list[str] = []
    expected: dict[tuple[str, ...], int] = {}
    for table, inner in tables.items():
        lines.append(f"[{table}]")
        expected[(table,)] = len(lines)
        for name, value in inner.items():
            lines += ["# about [it] = 1", f"{name} = {value}"]
            expected[table, name] = len(lines)
    assert places("\n".join(lines)) == expected

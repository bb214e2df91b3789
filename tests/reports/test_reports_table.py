"""The table after a run, one fault's life, and the summary for a pull request."""

import pytest

from reports import life, markdown, words
from reports.table import EFFORT, effort, render, table
from testbed.analysis import read, summarise
from testbed.analysis.simulated import Truth, simulate
from testbed.conditions import Condition, OversightFactor
from testbed.errors import UserError


@pytest.fixture(scope="module")
def evidence(facts):
    return read(facts)


@pytest.fixture(scope="module")
def copied(evidence):
    """(lineage, birth) of some fault that was copied."""
    for one in evidence.lineages:
        for birth in one.births:
            if birth.parent is not None:
                return one, next(each for each in one.births if each.fault == birth.parent)
    raise AssertionError("no copies")


def test_each_condition_is_one_row_of_the_table(facts):
    made = table(facts)
    assert made.heads[0] == "condition"
    assert made.heads[-1] == "alive after 5 cycles"
    assert [row[0] for row in made.rows][:2] == ["rate 0.5, depth 0", "rate 0.5, depth 0.5"]
    assert all(len(row) == len(made.heads) for row in made.rows)


def test_the_rows_account_for_all_faults(facts):
    for row in table(facts).rows:
        seeded, copies, screen, review, other, _, alive = (int(cell.replace(",", "")) for cell in row[1:8])
        assert seeded + copies == screen + review + other + alive


def test_notes_name_what_the_table_leaves_out(facts):
    notes = " ".join(table(facts).notes)
    assert "without a witness" in notes
    assert "1 lineage unfinished" in notes


def test_residual_and_unwitnessed_faults_have_their_own_columns(facts):
    made = table(facts)
    for row, one in zip(made.rows, summarise(facts)["conditions"], strict=True):
        cells = dict(zip(made.heads, row, strict=True))
        assert cells["residual"] == str(one["faults"]["residual"])
        assert cells["no witness"] == str(one["faults"]["unwitnessed"]["faults"])


def test_what_oversight_did_is_a_table_of_its_own(facts):
    summary = summarise(facts)
    made = effort(summary)
    assert made is not None
    for row, one in zip(made.rows, summary["conditions"], strict=True):
        cells = dict(zip(made.heads, row, strict=True))
        for name in ("let_in", "false_alarms", "rollbacks", "checkpoints"):
            assert cells[EFFORT[name]] == str(one["oversight"][name])
    assert max(map(len, render(made, 100).splitlines())) <= 100


def test_where_nothing_was_reviewed_there_is_no_table_of_it():
    never = Condition(generations=3, lineages=2, oversight=OversightFactor(every=0))
    assert effort(summarise(simulate([never], Truth(rate=2.0)))) is None


@pytest.mark.parametrize("width", [40, 60, 80, 100, 160])
def test_the_table_fits_the_terminal_and_cuts_nothing(facts, width):
    text = render(facts, width)
    assert max(map(len, text.splitlines()[2:-4])) <= width
    assert "…" not in text
    for row in table(facts).rows:
        assert row[0] in text
        assert row[-1] in text


def test_colour_is_only_written_when_asked_for(facts):
    assert "\x1b[" not in render(facts, 100)
    assert "\x1b[" in render(facts, 100, color=True)


def test_an_empty_campaign_has_a_table_of_dashes(empty):
    assert table(empty).rows[0][-1] == "–"


def test_a_life_tells_birth_change_ladder_copies_and_end(facts, copied):
    lineage, birth = copied
    one = life.life(facts, lineage.condition, lineage.lineage, birth.fault)
    text = life.render(one, 100)
    assert text.startswith(f"{one.id}  {birth.operator}")
    assert f"Born in generation {birth.generation}, seeded" in text
    for line in birth.diff.splitlines():
        assert line in text
    assert len(life.ladder_rows(one)) == len(one.rungs) > 0
    assert f"Copies: {one.copies[0]}" in text
    assert one.ending in " ".join(text.split())


def test_a_copy_names_its_parent(facts, copied):
    lineage, birth = copied
    child = next(each for each in lineage.births if each.parent == birth.fault)
    one = life.life(facts, lineage.condition, lineage.lineage, child.fault)
    assert f"a copy of c{lineage.condition}.l{lineage.lineage}.f{birth.fault}" in life.render(one)


def test_an_unwitnessed_fault_says_how_long_was_searched(facts, evidence):
    one, birth = next((one, b) for one in evidence.lineages for b in one.births if not b.witnesses)
    text = life.render(life.life(facts, one.condition, one.lineage, birth.fault))
    assert "No witness in" in text


@pytest.mark.parametrize("place", [(0, 0, 9999), (0, 99, 1), (99, 0, 1)])
def test_a_fault_that_does_not_exist_is_the_users_error(facts, place):
    with pytest.raises(UserError, match="no such") as caught:
        life.life(facts, *place)
    assert caught.value.remedy


def test_markdown_has_the_table_and_is_small(facts):
    text = markdown.markdown(facts)
    assert text.count("\n| ") == 2 * (2 + 6)
    assert summarise(facts)["conditions"][3]["label"] in text
    assert "<&>" not in text.replace("&lt;&>", "")
    assert len(text.encode()) < 20_000


def test_markdown_of_one_condition_claims_no_comparison():
    facts = simulate([Condition(generations=4, lineages=6)], Truth(rate=2.0), seed=1)
    text = markdown.markdown(facts)
    assert "depending on the condition" not in text
    assert "The gap is" not in text


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "–"),
        (0.0, "0%"),
        (1.0, "100%"),
        (0.004, "0.4%"),
        (0.5, "50%"),
        (0.973, "97.3%"),
        (0.09951, "10%"),
        (0.0003, "0%"),
        (0.99962, "100%"),
        (-0.034, "-3.4%"),
    ],
)
def test_percentages_have_a_digit_where_it_matters(value, said):
    assert words.percent(value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [(None, "–"), (0, "0"), (0.07, "0.07"), (1.2, "1.20"), (12.34, "12.3"), (1234.5, "1,234")],
)
def test_plain_numbers_have_the_digits_a_reader_needs(value, said):
    assert words.plain(value) == said


def test_lists_and_counts_read_as_sentences():
    assert words.named_list([]) == ""
    assert words.named_list(["a", "b", "c"]) == "a, b and c"
    assert words.count(1, "fault") == "1 fault"
    assert words.count(1200, "fault") == "1,200 faults"

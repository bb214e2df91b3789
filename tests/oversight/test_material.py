"""What a reviewer outside the testbed is shown, and what their marks mean."""

from __future__ import annotations

import functools
import json

import pytest

from testbed.oversight.marking import numbered, parsed, shown_lines
from testbed.oversight.material import digest, located, material
from testbed.protocols import ReviewLine, ReviewView, Salience

BEFORE = "".join(f"line {n}\n" for n in range(1, 31))
EDITS = (("line 5\n", "line five\nline 5b\n"), ("line 20\n", ""), ("line 29", "line xx"))
AFTER = functools.reduce(lambda text, edit: text.replace(*edit), EDITS, BEFORE)


def view(**more: int) -> ReviewView:
    read = [
        ReviewLine("a.py", 5, frozenset()),
        ReviewLine("a.py", 6, frozenset({3, 4})),
        ReviewLine("a.py", 21, frozenset({3})),
    ]
    seen = {3: Salience(2, 2), 4: Salience(2, 2)}
    return ReviewView(read, 4, seen, {"a.py": BEFORE}, {"a.py": AFTER}, generation=2, attempt=1, **more)


def test_the_material_has_every_line_to_read_and_nothing_of_the_faults() -> None:
    shown = material(view())
    assert list(numbered(shown).values()) == [("a.py", 5), ("a.py", 6), ("a.py", 21)]
    assert "fault" not in json.dumps(shown)
    lines = [line for hunk in shown["files"][0]["hunks"] for line in hunk["lines"]]
    assert [(line["text"], line["read"]) for line in lines if line["kind"] == "+"] == [
        ("line five", True),
        ("line 5b", True),
        ("line xx", False),
    ]
    assert [line["text"] for line in lines if line["kind"] == "-"] == ["line 5", "line 20", "line 29"]
    assert "+line five\n" in shown["diff"]


def test_other_material_has_another_digest() -> None:
    assert digest(material(view())) == digest(material(view()))
    assert digest(material(view())) != digest(material(view(part=1)))


def test_a_mark_finds_every_fault_of_its_line_once_and_none_is_a_false_alarm() -> None:
    assert located(view(), [("a.py", 6), ("a.py", 5), ("a.py", 6)]) == ((0, None), (1, 3), (1, 4))
    assert located(view(), [("a.py", 21), ("a.py", 6)]) == ((1, 4), (2, 3))
    assert located(view(), []) == ()
    with pytest.raises(ValueError, match=r"a.py:29 is not among the lines to read"):
        located(view(), [("a.py", 29)])


def test_only_lines_to_read_have_numbers_when_shown() -> None:
    shown = material(view())
    found = list(shown_lines(shown, numbered(shown)))
    assert found[0] == ("file", 0, "a.py")
    assert [number for _, number, _ in found if number] == [1, 2, 3]
    assert ("gap", 0, "...") in found


@pytest.mark.parametrize(
    ("text", "marks"), [("", []), ("3", [3]), ("1, 3", [1, 3]), ("2-4 3", [2, 3, 4]), (" 4 1 ", [4, 1])]
)
def test_marks_are_numbers_and_ranges(text: str, marks: list[int]) -> None:
    assert parsed(text, range(1, 5)) == marks


@pytest.mark.parametrize(
    ("text", "said"),
    [("x", "'x' is no number"), ("5", "5 is not among 1 to 4"), ("0", "0 is not"), ("3-1", "3-1 is not")],
)
def test_other_marks_are_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parsed(text, range(1, 5))

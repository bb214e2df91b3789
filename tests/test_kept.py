"""Answers kept by text: right ones, the latest ones, and no more than their texts' length allows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from testbed.kept import kept

ASKED = st.lists(st.tuples(st.text("ab", max_size=9), st.integers(0, 2)), max_size=60)


@given(ASKED, st.integers(1, 40))
def test_answers_are_right_and_only_what_does_not_fit_any_more_is_asked_again(
    questions: list[tuple[str, int]], characters: int
) -> None:
    asked: list[tuple[str, int]] = []

    @kept(characters)
    def answer(text: str, number: int) -> object:
        asked.append((text, number))
        return text, number, None

    latest: list[tuple[str, int]] = []  # what must still be there, the latest last
    for question in questions:
        before = len(asked)
        assert answer(*question) == (*question, None)
        assert (len(asked) == before) == (question in latest)
        latest = [*(one for one in latest if one != question), question]
        while sum(len(text) for text, _ in latest) > characters and len(latest) > 1:
            del latest[0]


def test_an_exception_is_not_kept() -> None:
    times = []

    @kept(10)
    def fails(text: str) -> str:
        times.append(text)
        raise ValueError(text)

    for _ in range(2):
        try:
            fails("a")
        except ValueError:
            continue
    assert times == ["a", "a"]

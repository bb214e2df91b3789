"""Which token of an old text is which of a new one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache

from testbed.tracing.tokens import Tokens, tokens

Span = tuple[int, int]


@dataclass(slots=True)
class Alignment:
    """`at` maps a token's index in the old text to its index in the new one; `names` are identifiers that
    the edit renamed, by their old name."""

    old: Tokens
    new: Tokens
    at: dict[int, int] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def says(self, index: int) -> bool:
        """Whether an old token is in the new text, word for word."""
        return index in self.at and self.new.words[self.at[index]] == self.old.words[index]

    def run(self, span: Span) -> Span | None:
        """Where a run of old tokens is in the new text, if it is still one run and says the same."""
        first, last = span
        if first == last:
            return None
        start = self.at.get(first)
        if start is None:
            return None
        kept = all(self.at.get(first + step) == start + step for step in range(last - first))
        return (start, start + last - first) if kept else None


@lru_cache(maxsize=256)
def aligned(old: str, new: str) -> Alignment:
    """The alignment of two texts: by lines first, and by tokens where the lines differ."""
    return between(tokens(old), tokens(new))


def between(old: Tokens, new: Tokens, in_old: Span | None = None, in_new: Span | None = None) -> Alignment:
    """The alignment of two runs of tokens, of all tokens where none is given."""
    made = Alignment(old, new)
    in_old, in_new = in_old or (0, len(old.items)), in_new or (0, len(new.items))
    doubtful: list[tuple[int, int]] = []
    for pair, sure in _pairs(old, new, in_old, in_new):
        if sure:
            made.at[pair[0]] = pair[1]
        else:
            doubtful.append(pair)
    made.names = _renamed(old, new, doubtful)
    for first, second in doubtful:
        if made.names.get(old.words[first]) == new.words[second]:
            made.at[first] = second
    return made


def _pairs(old: Tokens, new: Tokens, in_old: Span, in_new: Span) -> Iterator[tuple[tuple[int, int], bool]]:
    """Pairs of tokens that belong together; the doubtful ones are two names in each other's place."""
    before, after = _by_line(old, in_old), _by_line(new, in_new)
    first_words = [old.words[slice(*line)] for line in before]
    second_words = [new.words[slice(*line)] for line in after]
    for tag, a, b, c, d in SequenceMatcher(None, first_words, second_words, autojunk=False).get_opcodes():
        if tag == "equal":
            for (first, last), (start, _end) in zip(before[a:b], after[c:d], strict=True):
                yield from (((first + step, start + step), True) for step in range(last - first))
        elif tag == "replace":
            left, right = (before[a][0], before[b - 1][1]), (after[c][0], after[d - 1][1])
            yield from _by_token(old, new, left, right)


def _by_line(side: Tokens, span: Span) -> list[Span]:
    """The runs of tokens that end with a line."""
    found, begun = [], span[0]
    for index in range(*span):
        if side.words[index] == "\n":
            found.append((begun, index + 1))
            begun = index + 1
    if begun < span[1]:
        found.append((begun, span[1]))
    return found


def _by_token(old: Tokens, new: Tokens, left: Span, right: Span) -> Iterator[tuple[tuple[int, int], bool]]:
    before, after = old.words[slice(*left)], new.words[slice(*right)]
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal" or (tag == "replace" and b - a == d - c):
            for step in range(b - a):
                first, second = left[0] + a + step, right[0] + c + step
                if tag == "equal":
                    yield (first, second), True
                elif old.items[first].name and new.items[second].name:
                    yield (first, second), False


def _renamed(old: Tokens, new: Tokens, pairs: Sequence[tuple[int, int]]) -> dict[str, str]:
    """Old name -> new name, where every such pair says so and the new name is really new."""
    found: dict[str, set[str]] = {}
    for first, second in pairs:
        found.setdefault(old.words[first], set()).add(new.words[second])
    return {
        name: min(others) for name, others in found.items() if len(others) == 1 and not others & old.names
    }

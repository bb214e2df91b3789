"""A text as the tokens that make a program of it: comments, blank lines and spaces left out."""

from __future__ import annotations

import bisect
import io
import keyword
import tokenize
from dataclasses import dataclass
from functools import cached_property, lru_cache

_LEFT_OUT = frozenset([tokenize.COMMENT, tokenize.NL, tokenize.ENDMARKER, tokenize.ENCODING])
_LAYOUT = {tokenize.NEWLINE: "\n", tokenize.INDENT: "<in>", tokenize.DEDENT: "<out>"}


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `start` and `end` are places in the text. `layout`: the end of a line, an end of a block."""

    text: str
    start: int
    end: int
    line: int  # 1-based
    name: bool
    layout: bool


class Tokens:
    """The tokens of a text. Raises SyntaxError or tokenize.TokenError for a text that has none."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0]
        for line in text.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        self.items = tuple(self._read())
        self.words = tuple(token.text for token in self.items)

    def _read(self) -> list[Token]:
        found = []
        for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
            if token.type in _LEFT_OUT:
                continue
            layout = token.type in _LAYOUT
            start = self._place(token.start)
            found.append(
                Token(
                    text=_LAYOUT.get(token.type, token.string),
                    start=start,
                    end=start if layout else self._place(token.end),
                    line=token.start[0],
                    name=token.type == tokenize.NAME and not keyword.iskeyword(token.string),
                    layout=layout,
                )
            )
        return found

    def _place(self, where: tuple[int, int]) -> int:
        line, column = where
        return min(self.starts[min(line, len(self.starts)) - 1] + column, len(self.text))

    @cached_property
    def names(self) -> frozenset[str]:
        """Every identifier that occurs."""
        return frozenset(token.text for token in self.items if token.name)

    def line_of(self, place: int) -> int:
        """The 1-based line of a place in the text."""
        return bisect.bisect_right(self.starts, place)

    def lines(self, first: int, last: int) -> tuple[int, int]:
        """The place of whole lines [first, last], 1-based."""
        return self.starts[first - 1], self.starts[min(last, len(self.starts) - 1)]

    def within(self, start: int, end: int) -> tuple[int, int]:
        """The index range of the tokens that lie in [start, end) of the text."""
        places = [token.start for token in self.items]
        return bisect.bisect_left(places, start), bisect.bisect_left(places, end)


@lru_cache(maxsize=512)
def tokens(text: str) -> Tokens:
    """The tokens of a text, read once."""
    return Tokens(text)

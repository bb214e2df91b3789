"""From text to tokens."""

from __future__ import annotations

import re
from typing import NamedTuple

from .errors import ParseError, Place

KEYWORDS = {"fn", "let", "if", "else", "while", "return", "print", "true", "false", "and", "or", "not"}
ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}
PATTERN = re.compile(
    r"""(?P<blank> [ \t\r]+ | \#.* ) | (?P<end> \n )
    | (?P<int> [0-9]+ ) | (?P<name> [^\W\d]\w* ) | (?P<str> "(?: [^"\\\n] | \\. )*" )
    | (?P<sign> -> | [=!<>]= | [-+*/%<>=(){},;:] )""",
    re.VERBOSE,
)


class Token(NamedTuple):
    """A word of the program: `kind` is name, int, str, end, or the keyword or sign itself."""

    kind: str
    text: str
    place: Place


def tokenize(text: str) -> list[Token]:
    """All tokens of a text, with one of kind `end` behind them. Raises ParseError."""
    found: list[Token] = []
    at, line, start = 0, 1, 0
    while at < len(text):
        place = Place(line, at - start + 1)
        match = PATTERN.match(text, at)
        if match is None:
            raise ParseError(_unexpected(text[at]), place)
        at = match.end()
        kind = str(match.lastgroup)
        if kind == "end":
            line, start = line + 1, at
        elif kind != "blank":
            found.append(_token(kind, match[0], place))
    return [*found, Token("end", "", Place(line, at - start + 1))]


def _unexpected(sign: str) -> str:
    return "a text that does not end" if sign == '"' else f"unexpected {sign!r}"


def _token(kind: str, text: str, place: Place) -> Token:
    if kind == "str":
        return Token(kind, _unescaped(text[1:-1], place), place)
    return Token(text if kind == "sign" or text in KEYWORDS else kind, text, place)


def _unescaped(text: str, place: Place) -> str:
    """The text that is meant: without the backslashes that say how to read the sign behind them."""
    parts: list[str] = []
    escaped = False
    for column, sign in enumerate(text, place.column + 1):
        if escaped and sign not in ESCAPES:
            raise ParseError(f"unknown escape {sign!r}", Place(place.line, column))
        if escaped or sign != "\\":
            parts.append(ESCAPES[sign] if escaped else sign)
        escaped = sign == "\\" and not escaped
    return "".join(parts)

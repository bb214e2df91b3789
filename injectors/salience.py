"""How visible an edit is in a diff: counted, never stated."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterable
from difflib import SequenceMatcher

from testbed.protocols import Salience
from testbed.schema import TextEdit

_LAYOUT = {tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def salience(before: str, after: str) -> Salience:
    """What a diff of two texts shows."""
    old, new = before.splitlines(), after.splitlines()
    lines = tokens = 0
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            lines += b - a + d - c
            tokens += _differing(_tokens(old[a:b]), _tokens(new[c:d]))
    return Salience(lines, tokens)


def of_edit(text: str, edit: TextEdit) -> Salience:
    """What a diff of one edit shows, from the lines around it alone."""
    data = text.encode()
    start = data.rfind(b"\n", 0, edit.start) + 1
    end = data.find(b"\n", edit.end)
    before = data[start : end if end >= 0 else len(data)]
    after = before[: edit.start - start] + edit.new.encode() + before[edit.end - start :]
    return salience(before.decode(), after.decode())


def _differing(old: list[str], new: list[str]) -> int:
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return sum(b - a + d - c for kind, a, b, c, d in codes if kind != "equal")


def _tokens(lines: Iterable[str]) -> list[str]:
    """The tokens of some lines; where they are cut out of a longer statement, as far as they can be read."""
    found: list[str] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO("\n".join(lines) + "\n").readline):
            if token.type not in _LAYOUT:
                found.append(token.string)
    except (tokenize.TokenError, SyntaxError):
        pass
    return found

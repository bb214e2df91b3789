"""Where a site of the old source is in an edited text, and what would heal it there."""

from __future__ import annotations

import re
from dataclasses import dataclass

from testbed.tracing.align import Alignment, Span
from testbed.tracing.sites import Site
from testbed.tracing.tokens import Tokens

_LONG = re.compile(r"(\"\"\"|''')(?s:.*?\n.*?)\1")
"""A string over several lines, whose indentation is content."""


@dataclass(frozen=True, slots=True)
class Place:
    """[start, end) of the edited text, and the text that heals the fault there; whole lines where `whole`."""

    start: int
    end: int
    cure: str
    whole: bool


def place(site: Site, alignment: Alignment) -> Place | None:
    """The site in the edited text by three-way merge: None where the edit changed what the fault changed."""
    old = alignment.old
    span = _bare(old, old.within(site.start, site.end))
    found = _lines(site, alignment, span) if site.whole else _tokens(site, alignment, span)
    if found is None or not alignment.names:
        return found
    return Place(found.start, found.end, _renamed(found.cure, alignment.names), found.whole)


def is_healed(site: Site, alignment: Alignment) -> bool:
    """Whether the edited text says in that place what the healed text says.

    `alignment` is that of the healed text. Where healing only takes tokens away, its neighbours must have
    become neighbours.
    """
    first, last = _bare(alignment.old, alignment.old.within(site.start, site.healed_end))
    if first < last:
        there = sum(alignment.says(index) for index in range(first, last))
        return there >= (0.7 * (last - first) if site.whole else last - first)
    left, right = alignment.at.get(first - 1), alignment.at.get(first)
    return left is not None and right == left + 1


def _bare(side: Tokens, span: Span) -> Span:
    """The run without a block's beginning or end at its ends."""
    first, last = span
    while first < last and side.items[first].layout:
        first += 1
    while first < last and side.words[last - 1] in {"<in>", "<out>"}:
        last -= 1
    return first, last


def _tokens(site: Site, alignment: Alignment, span: Span) -> Place | None:
    new = alignment.new
    first, last = span
    left, right = alignment.at.get(first - 1), alignment.at.get(last)
    if first == last:
        if left is not None and (right is None or right > left):
            return _gap(new, left, left + 1, site.cure)
        return _gap(new, right - 1, right, site.cure) if right else None
    run = alignment.run(span)
    if run is None:
        return None
    before, after = run[0] - 1, run[1]
    if (left, right) == (before, after) and not new.items[before].layout:
        return _gap(new, before, after, site.cure)
    return Place(new.items[run[0]].start, new.items[run[1] - 1].end, site.cure.strip(), False)


def _gap(new: Tokens, left: int, right: int, cure: str) -> Place | None:
    """All that stands between two tokens of the new text."""
    if right >= len(new.items):
        return None
    end = new.items[right].start
    if new.items[left].layout:  # at the start of a line
        return Place(end, end, cure.lstrip(), False)
    if new.items[right].layout:  # the end of the line, a comment before it left out
        return None if "\n" in cure else Place(new.items[left].end, new.items[right - 1].end, cure, False)
    return Place(new.items[left].end, end, cure, False)


def _lines(site: Site, alignment: Alignment, span: Span) -> Place | None:
    old, new = alignment.old, alignment.new
    first, last = span
    if first < last:
        run = alignment.run((first, last))
        if run is None or not _begins_line(new, run[0]):
            return None
        end = new.items[run[1] - 1]
        lines = new.lines(new.items[run[0]].line, new.line_of(max(end.end - 1, end.start)))
        return _moved(site, lines, old.items[first].start, new, run[0])
    return _between(site, alignment, first)


def _between(site: Site, alignment: Alignment, index: int) -> Place | None:
    """For a fault that left statements out: before the statement that followed, or after the one before."""
    old, new = alignment.old, alignment.new
    indent = len(site.cure) - len(site.cure.lstrip(" \t"))
    following = next((i for i in range(index, len(old.items)) if not old.items[i].layout), None)
    if following is not None and _column(old, following) == indent:
        at = alignment.at.get(following)
        if at is not None and _begins_line(new, at):
            start = new.lines(new.items[at].line, new.items[at].line)[0]
            return _moved(site, (start, start), old.items[following].start, new, at)
    before = next((i for i in range(index - 1, -1, -1) if not old.items[i].layout), None)
    at = None if before is None else alignment.at.get(before)
    if before is None or at is None:
        return None
    end = next((i for i in range(at, len(new.items)) if new.words[i] == "\n"), None)
    if end is None:
        return None
    start = new.lines(1, new.items[end].line)[1]
    return _moved(site, (start, start), old.items[_line_start(old, before)].start, new, _line_start(new, at))


def _line_start(side: Tokens, index: int) -> int:
    """The first token of the statement that a token stands in."""
    while index and not side.items[index - 1].layout:
        index -= 1
    return index


def _begins_line(side: Tokens, index: int) -> bool:
    token = side.items[index]
    return not side.text[side.starts[token.line - 1] : token.start].strip()


def _column(side: Tokens, index: int) -> int:
    token = side.items[index]
    return token.start - side.starts[token.line - 1]


def _moved(site: Site, lines: tuple[int, int], start: int, new: Tokens, index: int) -> Place | None:
    """The cure at the indentation that the new text has there."""
    line = site.faulty.rfind("\n", 0, start) + 1
    shift = _column(new, index) - (start - line)
    cure = site.cure if site.cure.endswith("\n") or not site.cure else site.cure + "\n"
    if shift and _LONG.search(cure):
        return None
    return Place(*lines, _shifted(cure, shift), True)


def _shifted(text: str, shift: int) -> str:
    out = []
    for line in text.splitlines(keepends=True):
        if not line.strip():
            out.append(line)
        elif shift > 0:
            out.append(" " * shift + line)
        else:
            margin = len(line) - len(line.lstrip(" \t"))
            out.append(line[min(-shift, margin) :])
    return "".join(out)


def _renamed(cure: str, names: dict[str, str]) -> str:
    """The cure with the identifiers that the edit renamed; attributes and keywords keep their names."""
    pieces = re.split(r"(\b[A-Za-z_]\w*\b)", cure)
    for index in range(1, len(pieces), 2):
        if not pieces[index - 1].rstrip().endswith("."):
            pieces[index] = names.get(pieces[index], pieces[index])
    return "".join(pieces)

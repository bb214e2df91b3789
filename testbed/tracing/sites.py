"""What each fault changes in the materialised source, site by site: what the three-way merge carries over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from testbed.schema import GUARD, find_guards, render
from testbed.tracing.tokens import tokens

_NUMBER = re.compile(rf"{GUARD}\(\s*(\d+)\s*\)")


@dataclass(frozen=True, slots=True)
class Site:
    """One site of one fault.

    `faulty` is the old materialised file with every live fault on, `healed` the same with this site
    healed (for a clean text: with every fault off, and with this one site on). They differ in [start, end)
    of `faulty` against [start, healed_end) of `healed`: whole lines where `whole`, else a few tokens of one
    statement.
    """

    fault: int
    path: str
    where: str
    faulty: str
    healed: str
    start: int
    end: int
    healed_end: int
    whole: bool

    @property
    def cure(self) -> str:
        """What healing puts in the place."""
        return self.healed[self.start : self.healed_end]


def sites(source: Mapping[str, str], live: frozenset[int], *, clean: bool = False) -> Iterator[Site]:
    """Every site of the live faults, in order of place. Raises SyntaxError for a text without tokens."""
    for path, text in sorted(source.items()):
        guards = find_guards(text)
        if not guards:
            continue
        alone, owners = _one_number_a_site(text)
        on = frozenset(number for number, fault in owners.items() if fault in live)
        faulty = render(alone, frozenset() if clean else on).text
        for guard in find_guards(alone):
            fault = owners[guard.number]
            if fault in live:
                one = frozenset({guard.number})
                healed = render(alone, one if clean else on - one).text
                yield _site(fault, path, guard.where, faulty, healed)


def _one_number_a_site(text: str) -> tuple[str, dict[int, int]]:
    """The text with a number of its own for each site, and the fault of each number."""
    owners: dict[int, int] = {}

    def again(found: re.Match[str]) -> str:
        owners[len(owners) + 1] = int(found[1])
        return f"{GUARD}({len(owners)})"

    return _NUMBER.sub(again, text), owners


def _site(fault: int, path: str, where: str, faulty: str, healed: str) -> Site:
    before, after = tokens(faulty), tokens(healed)
    head = _common(before.words, after.words)
    tail = _common(before.words[head:][::-1], after.words[head:][::-1])
    first, last = (head, len(before.items) - tail), (head, len(after.items) - tail)
    moved = [*before.items[slice(*first)], *after.items[slice(*last)]]
    if not moved or any(token.layout for token in moved):
        return Site(fault, path, where, faulty, healed, *_lines(faulty, healed), whole=True)
    start, end = _place(faulty, *first)
    healed_start, healed_end = _place(healed, *last)
    if faulty[:start] != healed[:healed_start] or faulty[end:] != healed[healed_end:]:
        return Site(fault, path, where, faulty, healed, *_lines(faulty, healed), whole=True)
    return Site(fault, path, where, faulty, healed, start, end, healed_end, whole=False)


def _common(first: tuple[str, ...], second: tuple[str, ...]) -> int:
    shorter = min(len(first), len(second))
    return next((n for n in range(shorter) if first[n] != second[n]), shorter)


def _place(text: str, first: int, last: int) -> tuple[int, int]:
    """From the end of the token before to the start of the token after."""
    items = tokens(text).items
    start = items[first - 1].end if first else 0
    end = items[last].start if last < len(items) else len(text)
    return start, end


def _lines(faulty: str, healed: str) -> tuple[int, int, int]:
    """(start, end, healed end) of the whole lines that differ."""
    before, after = faulty.splitlines(keepends=True), healed.splitlines(keepends=True)
    head = _common(tuple(before), tuple(after))
    tail = _common(tuple(before[head:][::-1]), tuple(after[head:][::-1]))
    start = sum(map(len, before[:head]))
    end, healed_end = len(faulty), len(healed)
    rest = sum(map(len, before[len(before) - tail :]))
    return start, end - rest, healed_end - rest

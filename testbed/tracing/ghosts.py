"""Faults that were healed, followed on: an edit by somebody who sees plain text may bring one back.

A ghost is a healed fault with the places where it was: for each file the plain text with that fault's
guards alone. Off it says what the generation says.
"""

from __future__ import annotations

from collections.abc import Mapping

from testbed.protocols import Source
from testbed.schema import guard_numbers, materialise, resolve
from testbed.tracing.sites import Site
from testbed.tracing.trace import healed_sites, trace

Ghosts = Mapping[int, Mapping[str, str]]

MOST = 50
"""Ghosts that are followed; older ones are let go."""

_OFF: frozenset[int] = frozenset()


def healed(ghosts: Ghosts, source: Source, live: frozenset[int]) -> dict[int, dict[str, str]]:
    """The ghosts with those of a generation that was just accepted.

    `source` is its switchable form, in which the guards of faults that are not `live` are the new ones. The
    older ghosts are carried into it; one whose place has been rewritten is let go.
    """
    plain = {path: materialise(text, live) for path, text in sorted(source.items())}
    kept = {fault: carried(fault, texts, plain) for fault, texts in ghosts.items()}
    for path, text in sorted(source.items()):
        numbers = guard_numbers(text)
        for fault in sorted(numbers - live):
            others = {number: number in live for number in numbers - {fault}}
            kept.setdefault(fault, {})[path] = resolve(text, others)
    return dict(sorted((fault, texts) for fault, texts in kept.items() if texts)[-MOST:])


def carried(fault: int, texts: Mapping[str, str], plain: Source) -> dict[str, str]:
    """A ghost in another text of the same files."""
    made: dict[str, str] = {}
    for path, text in texts.items():
        now = plain.get(path)
        if now is None:
            continue
        if now == materialise(text, _OFF):
            made[path] = text
            continue
        there = trace({path: text}, frozenset({fault}), {path: now}, lambda parent: parent, clean=True)
        if fault in guard_numbers(there.source[path]):
            made[path] = there.source[path]
    return made


def sites(ghosts: Ghosts) -> tuple[Site, ...]:
    """Where each ghost was, as `trace` takes it."""
    found: list[Site] = []
    for fault, texts in sorted(ghosts.items()):
        one = frozenset({fault})
        found.extend(healed_sites(texts, one, one))
    return tuple(found)

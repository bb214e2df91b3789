"""Two builds of one program, and their differences as guards: the smallest set of edits between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from testbed.schema import guard_numbers, materialise
from testbed.schema.text import same, shared
from testbed.tracing.definitions import enclosing
from testbed.tracing.places import Place
from testbed.tracing.write import Wanted, write


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines [first, last) of a file (0-based) that the other build has otherwise."""

    path: str
    where: str
    first: int
    last: int
    new: tuple[str, ...]


def hunks(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Hunk]:
    """The differences by line, of files that are not the same program."""
    for path in sorted(old):
        other = new.get(path, "")
        if old[path] == other or same(shared(old[path]), shared(other)):
            continue
        before, after = old[path].splitlines(keepends=True), other.splitlines(keepends=True)
        for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
            if tag != "equal":
                home = enclosing(path, old[path], min(a + 1, len(before)))
                yield Hunk(path, home.where if home else "", a, b, tuple(after[c:d]))


def guarded(
    source: Mapping[str, str],
    new: Mapping[str, str],
    number: Callable[[Hunk], int],
    *,
    healing: bool = False,
) -> tuple[dict[str, str], list[Hunk]]:
    """The switchable source with its differences from `new` as further guards, and those that have no place.

    Off they say what the source says; on, with all its other guards on, what `new` says. `number` names the
    fault of a difference. With `healing` the other way round: on they say what the source says, and off,
    with all its other guards off, what `new` says.
    """
    made = dict(source)
    every = frozenset(n for text in source.values() for n in guard_numbers(text) if not healing)
    now = {path: materialise(text, every) for path, text in source.items()}
    failed: list[Hunk] = []
    by_path: dict[str, list[Hunk]] = {}
    for hunk in hunks(now, new):
        by_path.setdefault(hunk.path, []).append(hunk)
    for path, found in by_path.items():
        lines = _lines(now[path], source[path])
        wanted: dict[Wanted, Hunk] = {}
        for hunk in found:
            place = _place(hunk, now[path], source[path], lines)
            if place is None:
                failed.append(hunk)
            else:
                wanted[Wanted(number(hunk), place)] = hunk
        made[path], left = write(source[path], list(wanted), clean=not healing)
        failed.extend(wanted[each] for each in left)
    return made, failed


def reverted(text: Mapping[str, str], chosen: Sequence[Hunk]) -> dict[str, str]:
    """The files with these hunks as `new` has them."""
    made = dict(text)
    for hunk in sorted(chosen, key=lambda each: (each.path, each.first), reverse=True):
        lines = made[hunk.path].splitlines(keepends=True)
        lines[hunk.first : hunk.last] = hunk.new
        made[hunk.path] = "".join(lines)
    return made


def _lines(materialised: str, switchable: str) -> dict[int, int]:
    """Line of the materialised text -> line of the switchable one, where no guard is (0-based)."""
    first, second = materialised.splitlines(), switchable.splitlines()
    blocks = SequenceMatcher(None, first, second, autojunk=False).get_matching_blocks()
    return {a + step: b + step for a, b, size in blocks for step in range(size)}


def _place(hunk: Hunk, now: str, source: str, lines: Mapping[int, int]) -> Place | None:
    """The hunk's place in the switchable text."""
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    if hunk.first == hunk.last:
        at = lines.get(hunk.first, lines[hunk.first - 1] + 1 if hunk.first - 1 in lines else None)
        return None if at is None else Place(starts[at], starts[at], "".join(hunk.new), True)
    there = [lines.get(line) for line in range(hunk.first, hunk.last)]
    first = there[0]
    if first is None or there != list(range(first, first + len(there))):
        return None
    start, end = starts[first], starts[first + len(there)]
    if len(there) == len(hunk.new) == 1:
        return _narrow(source, start, end, hunk.new[0])
    return Place(start, end, "".join(hunk.new), True)


def _narrow(source: str, start: int, end: int, new: str) -> Place:
    """Only what differs of one line."""
    old = source[start:end]
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    while head and (old[head - 1].isalnum() or old[head - 1] == "_"):
        head -= 1
    while tail and (old[-tail].isalnum() or old[-tail] == "_"):
        tail -= 1
    return Place(start + head, end - tail, new[head : len(new) - tail], False)

"""Taking guards out of a text again, to the byte where nothing else changed."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

from testbed.errors import TestbedError
from testbed.kept import kept
from testbed.schema.choose import chosen
from testbed.schema.guards import GUARD, Guard, find_guards
from testbed.schema.text import SourceText, lines_of, parse, same, segments, shared


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text with its chosen guards resolved, and where each of them came to stand.

    `places` maps a fault number to the (first, last) 1-based lines of each of its sites; a site
    without a statement left stands on the line that follows it.
    """

    text: str
    places: Mapping[int, tuple[tuple[int, int], ...]] = field(default_factory=dict)


def materialise(text: str, on: frozenset[int]) -> str:
    """Plain source with the faults `on` switched on and all others off."""
    return render(text, on).text


def render(text: str, on: frozenset[int]) -> Rendered:
    """`materialise` with the places of all faults that have a site in the text."""
    if GUARD not in text:
        return Rendered(text)
    numbers = frozenset(guard.number for guard in find_guards(text))
    return _render(text, tuple(sorted((number, number in on) for number in numbers)))


def resolve(text: str, choices: Mapping[int, bool]) -> str:
    """The text with just the guards in `choices` taken out: True leaves the faulty version."""
    present = {guard.number for guard in find_guards(text)}
    wanted = tuple(sorted((number, on) for number, on in choices.items() if number in present))
    return _render(text, wanted).text if wanted else text


def heal(text: str, faults: frozenset[int]) -> str:
    """The text without any trace of `faults`; all other guards stay."""
    return resolve(text, dict.fromkeys(faults, False))


@kept(2_000_000)
def _render(text: str, choices: tuple[tuple[int, bool], ...]) -> Rendered:
    """The text, put together again from its top-level statements; most of them hold no guard."""
    lines = text.splitlines(keepends=True) if "\r" not in text and "\f" not in text else [text]
    spans = segments(text) if len(lines) > 1 else ()
    if not spans:
        return _render_whole(text, choices)
    out: list[str] = []
    places: dict[int, list[tuple[int, int]]] = {}
    position = written = 0
    for first, last in spans:
        out.append("".join(lines[position : first - 1]))
        written += first - 1 - position
        segment = "".join(lines[first - 1 : last])
        part = _render_whole(segment, choices) if GUARD in segment else Rendered(segment)
        for number, found in part.places.items():
            places.setdefault(number, []).extend((a + written, b + written) for a, b in found)
        out.append(part.text)
        written += part.text.count("\n")
        position = last
    out.append("".join(lines[position:]))
    return Rendered("".join(out), {number: tuple(found) for number, found in sorted(places.items())})


@kept(2_000_000)
def _render_whole(text: str, choices: tuple[tuple[int, bool], ...]) -> Rendered:
    writer = _Writer(text, dict(choices))
    expected = chosen(parse(text), dict(choices))
    rendered = writer.write(frozenset())
    if not _parses_to(rendered.text, expected):
        rendered = writer.write(_parentheses(writer, expected))
        if not _parses_to(rendered.text, expected):
            raise TestbedError("a switchable source could not be materialised exactly")
    return rendered


def _parses_to(text: str, expected: ast.Module) -> bool:
    try:
        return same(shared(text), expected)
    except SyntaxError:
        return False


def _parentheses(writer: _Writer, expected: ast.Module) -> frozenset[int]:
    """The guards (by start) whose chosen expression needs parentheses in the place it has now."""
    every = frozenset(
        g.span[0] for g in writer.guards if g.kind == "expression" and g.number in writer.choices
    )
    needed = {s for s in every if not _parses_to(writer.write(every - {s}).text, expected)}
    # Two that are each dispensable need not be so together.
    return frozenset(needed) if _parses_to(writer.write(frozenset(needed)).text, expected) else every


class _Writer:
    """Writes a text out, guard by guard."""

    def __init__(self, text: str, choices: Mapping[int, bool]) -> None:
        self.source = SourceText(text)
        self.guards = find_guards(text)
        self.choices = choices
        self.kept_pass = self._blocks_left_empty()

    def _blocks_left_empty(self) -> frozenset[int]:
        """Starts of the guards that keep their `pass`, since nothing else is left in their block."""
        kept: set[int] = set()
        tree = shared(self.source.text)
        by_line = {g.line: g for g in self.guards if g.kind == "statement"}
        for node in ast.walk(tree):
            for name in ("body", "orelse", "finalbody"):
                block = getattr(node, name, None)
                if not isinstance(block, list) or not block or isinstance(node, ast.Module):
                    continue
                guards = [by_line.get(s.lineno) for s in block if isinstance(s, ast.If)]
                gone = [g for g in guards if g is not None and self._vanishes(g)]
                if len(gone) == len(block):
                    kept.add(gone[0].span[0])
        return frozenset(kept)

    def _vanishes(self, guard: Guard) -> bool:
        return guard.lone_pass and self.choices.get(guard.number) is True

    def write(self, parentheses: frozenset[int]) -> Rendered:
        """The whole text; `parentheses` are starts of expression guards that keep theirs."""
        self.out: list[bytes] = []
        self.lines = 0
        self.places: dict[int, list[tuple[int, int]]] = {}
        self.parentheses = parentheses
        self._emit((0, len(self.source.data)), 0, 0)
        places = {number: tuple(spans) for number, spans in sorted(self.places.items())}
        return Rendered(b"".join(self.out).decode(), places)

    def _emit(self, span: tuple[int, int], index: int, strip: int) -> int:
        """Writes `span`, with `strip` bytes of indentation less; returns the next guard's index."""
        position, end = span
        while index < len(self.guards) and self.guards[index].span[0] < end:
            guard = self.guards[index]
            if guard.number not in self.choices:
                index += 1
                continue
            if guard.span[0] < position:  # in a version that was not chosen
                index += 1
                continue
            self._raw((position, guard.span[0]), strip)
            self._chosen(guard, index, strip)
            position = guard.span[1]
            index += 1
        self._raw((position, end), strip)
        return index

    def _chosen(self, guard: Guard, index: int, strip: int) -> None:
        faulty = self.choices[guard.number]
        span = guard.faulty if faulty else guard.clean
        first = self.lines + 1
        if guard.kind == "statement":
            dropped = self._vanishes(guard) and guard.span[0] not in self.kept_pass
            if not dropped:
                self._inner(span, index + 1, strip + guard.unit)
            last = max(first, self.lines)
        else:
            wrap = guard.span[0] in self.parentheses
            self._put(b"(" if wrap else b"")
            self._inner(span, index + 1, strip)
            self._put(b")" if wrap else b"")
            last = self.lines + 1
        self.places.setdefault(guard.number, []).append((first, last))

    def _inner(self, span: tuple[int, int], index: int, strip: int) -> None:
        while index < len(self.guards) and self.guards[index].span[0] < span[0]:
            index += 1
        self._emit(span, index, strip)

    def _raw(self, span: tuple[int, int], strip: int) -> None:
        if not strip:
            self._put(self.source.data[span[0] : span[1]])
            return
        starts = set(self.source.starts)
        for start, line in lines_of(self.source, span):
            movable = start in starts and start not in self.source.interior
            margin = len(line) - len(line.lstrip(b" \t"))
            self._put(line[min(strip, margin) :] if movable and line.strip() else line)

    def _put(self, data: bytes) -> None:
        self.lines += data.count(b"\n")
        self.out.append(data)

"""Many faults in few sources: guards stand side by side in one generation, and inside each other.

A file is cut into its functions and methods, so that placing a guard costs what its own function costs,
whatever stands around it. Where an expression has a guard, further guards stand in its clean alternative:
no two faults are on at a time. Faults whose guards would overlap otherwise go into further layers.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from injectors.placement import guarded
from testbed.errors import TestbedError
from testbed.evaluate.faults import Fault
from testbed.schema import NotPlaceable, TextEdit, guard, opening, together
from testbed.schema.text import SourceText, parse, segments

DEEPEST = 12
"""Guards inside each other: all that stand around a place are evaluated there, at some 70 ns each."""


@dataclass(slots=True)
class Layer:
    """One switchable generation, and the faults that live in it."""

    source: dict[str, str]
    faults: list[Fault] = field(default_factory=list)


@dataclass(slots=True)
class Layers:
    """All layers, and why a fault is in none."""

    layers: list[Layer]
    unplaced: dict[int, str]


@dataclass(slots=True)
class _Piece:
    """A top-level statement, a method (or a whole file), in as many versions as its faults need.

    A method is looked at inside of a class of its own: `head`, which is taken off again.
    """

    start: int  # byte offset in the file
    end: int
    text: str
    head: str = ""
    versions: list[tuple[str, list[Fault]]] = field(default_factory=list)


def place(source: Mapping[str, str], faults: Sequence[Fault]) -> Layers:
    """Puts every fault into a layer, where a guard can hold it."""
    unplaced: dict[int, str] = {}
    files = {path: _pieces(text) for path, text in source.items()}
    by_file: dict[str, list[Fault]] = {}
    own: list[Layer] = []
    for fault in faults:
        if fault.sites:
            own += _alone(source, fault, unplaced)
        elif fault.others:
            unplaced[fault.number] = "it changes several files"
        else:
            by_file.setdefault(fault.path, []).append(fault)
    for path, inside in by_file.items():
        for piece in files[path]:
            within = [f for f in inside if piece.start <= f.edit.start and f.edit.end <= piece.end]
            _fill(piece, within, unplaced)
        placed = {f.number for piece in files[path] for _text, found in piece.versions for f in found}
        for fault in inside:
            if fault.number not in placed:
                unplaced.setdefault(fault.number, "it stands across statements, or in the head of a class")
    depth = max((len(piece.versions) for pieces in files.values() for piece in pieces), default=0)
    return Layers([*(_layer(source, files, level) for level in range(depth)), *own], unplaced)


def _alone(source: Mapping[str, str], fault: Fault, unplaced: dict[int, str]) -> Iterator[Layer]:
    """A layer of its own for a fault of several places, all of which have its number."""
    try:
        yield Layer({**source, **guarded(dict(source), fault.number, dict(fault.sites))}, [fault])
    except NotPlaceable as problem:
        unplaced[fault.number] = problem.reason


def _pieces(text: str) -> list[_Piece]:
    whole = SourceText(text)
    spans = segments(text) if "\f" not in text and "\r" not in text else ()
    if not spans:
        return [_Piece(0, len(whole.data), text)]
    found = []
    for node, (first, last) in zip(parse(text).body, spans, strict=True):
        methods = _methods(node) if isinstance(node, ast.ClassDef) else ()
        for head, top, bottom in methods or (("", first, last),):
            start, end = whole.line_span(top, bottom)
            found.append(_Piece(start, end, whole.data[start:end].decode(), head))
    return found


def _methods(node: ast.ClassDef) -> list[tuple[str, int, int]]:
    """(class line to put in front, first line, last line) of each statement of a class's body.

    Empty where two of them share a line.
    """
    found: list[tuple[str, int, int]] = []
    last = node.body[0].lineno - 1 if node.body[0].lineno > node.lineno else 10**9
    for item in node.body:
        first = min([item.lineno, *(each.lineno for each in getattr(item, "decorator_list", []))])
        if (first <= last and found) or last == 10**9:
            return []
        last = item.end_lineno or item.lineno
        found.append((f"class {node.name}:\n", first, last))
    return found


@dataclass(frozen=True, slots=True)
class _Guarded:
    """A fault's guard: what it puts in place of the bytes [start, end) of its piece.

    Of an expression's guard `head` is what stands before the clean alternative, else nothing.
    """

    fault: Fault
    start: int
    end: int
    new: bytes
    head: bytes = b""


def _fill(piece: _Piece, faults: Sequence[Fault], unplaced: dict[int, str]) -> None:
    """Guards are written in the piece as it is; those that can stand together are checked so."""
    waiting = list(_made(piece, faults, unplaced, alone=False))
    while waiting:
        taken, waiting = _apart(waiting, DEEPEST)
        text = _joined(piece, taken)
        if not together(piece.head + piece.text, piece.head + text):
            taken, touching = _apart(_made(piece, [item.fault for item in taken], unplaced, alone=True), 1)
            waiting = sorted([*waiting, *touching], key=_place)
            text = _joined(piece, taken)
            if not together(piece.head + piece.text, piece.head + text):
                raise TestbedError(f"guards that do not come apart: {[item.fault.number for item in taken]}")
        if taken:
            piece.versions.append((text, [item.fault for item in taken]))


def _place(item: _Guarded) -> tuple[int, int, int]:
    """What is around others comes before them."""
    return item.start, -item.end, item.fault.number


def _made(piece: _Piece, faults: Sequence[Fault], unplaced: dict[int, str], *, alone: bool) -> list[_Guarded]:
    """The guards by their place; with `alone` each is checked in the piece by itself."""
    found = []
    for fault in faults:
        try:
            found.append(_guarded(piece, fault, alone=alone))
        except NotPlaceable as problem:
            unplaced[fault.number] = problem.reason
    return sorted(found, key=_place)


def _apart(waiting: Sequence[_Guarded], deepest: int) -> tuple[list[_Guarded], list[_Guarded]]:
    """Those of the guards (by their place) that can stand together, `deepest` in a row, and the others."""
    around: list[_Guarded] = []  # each inside the one before
    taken, left = [], []
    for item in waiting:
        while around and around[-1].end <= item.start:
            around.pop()
        if not around or (around[-1].head and item.end <= around[-1].end and len(around) < deepest):
            taken.append(item)
            around.append(item)
        else:
            left.append(item)
    return taken, left


def _guarded(piece: _Piece, fault: Fault, *, alone: bool) -> _Guarded:
    head = len(piece.head.encode())
    shift = head - piece.start
    edit = TextEdit(fault.edit.start + shift, fault.edit.end + shift, fault.edit.new)
    text = piece.head + piece.text
    made = guard(text, fault.number, [edit], alone=alone)
    before = opening(text, made, fault.number)
    return _Guarded(fault, made.start - head, made.end - head, made.new.encode(), before)


def _joined(piece: _Piece, guards: Sequence[_Guarded]) -> str:
    """The piece with all these guards, which are given by their place."""
    data = piece.text.encode()
    return _within(data, 0, len(data), list(guards)).decode()


def _within(data: bytes, start: int, end: int, guards: list[_Guarded]) -> bytes:
    """The bytes [start, end) with the guards at the head of the list that stand there, which it loses."""
    out, position = [], start
    while guards and guards[0].end <= end and guards[0].start < end:
        item = guards.pop(0)
        out.append(data[position : item.start])
        inside = _within(data, item.start, item.end, guards) if item.head else b""
        out.append(item.head + inside + b")" if item.head else item.new)
        position = item.end
    return b"".join([*out, data[position:end]])


def _layer(source: Mapping[str, str], files: Mapping[str, list[_Piece]], level: int) -> Layer:
    layer = Layer({})
    for path, text in source.items():
        data, out, position = text.encode(), [], 0
        for piece in files[path]:
            if level < len(piece.versions):
                version, faults = piece.versions[level]
                out += [data[position : piece.start], version.encode()]
                position = piece.end
                layer.faults += faults
        layer.source[path] = b"".join([*out, data[position:]]).decode()
    return layer


def numbers(layers: Sequence[Layer]) -> Iterator[int]:
    """The numbers of all faults that have a layer."""
    for layer in layers:
        yield from (fault.number for fault in layer.faults)

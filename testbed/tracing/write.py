"""Guards for the places that were found: off they heal, on they say what the edited text says."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from testbed.errors import TestbedError
from testbed.schema import GUARD, MalformedGuard, NotPlaceable, TextEdit, find_guards, insert, materialise
from testbed.schema.text import SourceText, indent_lines, parse
from testbed.tracing.places import Place


@dataclass(frozen=True, slots=True)
class Wanted:
    """A guard to be written: the fault's number and its place in the edited text."""

    fault: int
    place: Place


def write(text: str, wanted: Sequence[Wanted], *, clean: bool = False) -> tuple[str, list[Wanted]]:
    """The edited text with guards for as many of `wanted` as can stand in it, and the others.

    With all of them on it is `text` to the byte; where `text` is `clean`, with all of them off.
    """
    failed: list[Wanted] = []
    made, begun = text, len(text) + 1
    for each in sorted(wanted, key=lambda one: (one.place.start, one.place.end), reverse=True):
        new = None if each.place.end > begun else _guarded(made, text, each, clean)
        if new is None:
            failed.append(each)
            continue
        made, begun = new, each.place.start
    return made, failed


def _guarded(made: str, text: str, wanted: Wanted, clean: bool) -> str | None:
    """`made` with one guard more. Whatever stands after the place may have guards already."""
    ways = (_lines if wanted.place.whole else _tokens, _statement)
    for way in ways:
        try:
            new = way(made, wanted, clean)
            if new is not None and _exact(new, text, clean):
                return new
        except (NotPlaceable, MalformedGuard, SyntaxError, ValueError, TestbedError):
            continue
    return None


def _exact(new: str, text: str, clean: bool) -> bool:
    every = frozenset(guard.number for guard in find_guards(new))
    ours, theirs = (frozenset[int](), every) if clean else (every, frozenset[int]())
    compile(new, "<traced>", "exec", dont_inherit=True)
    compile(materialise(new, theirs), "<other>", "exec", dont_inherit=True)
    was = materialise(text, ours)
    return materialise(new, ours) == was


def _tokens(made: str, wanted: Wanted, clean: bool) -> str:
    """A guard around the smallest expression or statement that holds the place."""
    place = wanted.place
    faulty, cure = made[place.start : place.end], place.cure
    head = _blank(faulty, cure)
    tail = _blank(faulty[head:][::-1], cure[head:][::-1])
    faulty, cure = faulty[head : len(faulty) - tail], cure[head : len(cure) - tail]
    begin = place.start + head
    if clean:
        start = len(made[:begin].encode())
        return insert(made, wanted.fault, [TextEdit(start, start + len(faulty.encode()), cure)])
    healed = made[:begin] + cure + made[begin + len(faulty) :]
    start = len(made[:begin].encode())
    return insert(healed, wanted.fault, [TextEdit(start, start + len(cure.encode()), faulty)])


def _blank(first: str, second: str) -> int:
    """How many characters of space two texts begin with alike."""
    pairs = zip(first, second, strict=False)
    return next(
        (n for n, (a, b) in enumerate(pairs) if a != b or not a.isspace()), min(len(first), len(second))
    )


def _statement(made: str, wanted: Wanted, clean: bool) -> str | None:
    """A guard around the whole statement that holds the place once it is healed."""
    place = wanted.place
    healed = made[: place.start] + place.cure + made[place.end :]
    first = healed.count("\n", 0, place.start) + 1
    last = healed.count("\n", 0, place.start + len(place.cure.rstrip())) + 1
    lines = healed.splitlines(keepends=True)
    around = [
        (node.lineno, node.end_lineno or node.lineno)
        for node in ast.walk(parse(healed))
        if isinstance(node, ast.stmt)
        and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and node.lineno <= first
        and last <= (node.end_lineno or 0)
        and not lines[node.lineno - 1].lstrip().startswith("elif")
    ]
    if not around:
        return None
    first, last = max(around, key=lambda span: (span[0], -span[1]))
    start = sum(map(len, lines[: first - 1]))
    end = sum(map(len, lines[:last]))
    end_in_made = end - len(place.cure) + place.end - place.start
    return _lines(made, Wanted(wanted.fault, Place(start, end_in_made, healed[start:end], True)), clean)


def _lines(made: str, wanted: Wanted, clean: bool) -> str | None:
    """A guard around whole lines."""
    place = wanted.place
    faulty = made[place.start : place.end]
    if GUARD in faulty or GUARD in place.cure or not (faulty.strip() or place.cure.strip()):
        return None
    model = next(line for line in (place.cure or faulty).splitlines() if line.strip())
    indent = model[: len(model) - len(model.lstrip(" \t"))]
    head = f"{indent}if {GUARD}({wanted.fault}):\n"
    block = _block(made, place.start, place.end, faulty, indent)
    healed = made[: place.start] + place.cure + made[place.end :]
    cure = _block(healed, place.start, place.start + len(place.cure), place.cure, indent)
    on, off = (cure, block) if clean else (block, cure)
    return made[: place.start] + head + on + f"{indent}else:\n" + off + made[place.end :]


def _block(whole: str, start: int, end: int, lines: str, indent: str) -> str:
    if not any(line.strip() and not line.strip().startswith("#") for line in lines.splitlines()):
        return f"{indent}    pass\n"
    span = len(whole[:start].encode()), len(whole[:end].encode())
    moved = indent_lines(SourceText(whole), span, b"    ").decode()
    return moved if moved.endswith("\n") else moved + "\n"

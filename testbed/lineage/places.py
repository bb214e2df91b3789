"""What is known of each function when faults are placed: how many tests run it, how much of it was read."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence

from testbed.lineage.setting import Setting
from testbed.oversight.coverage import with_probes
from testbed.protocols import Function, Grown, ReviewLine, Source
from testbed.schema import materialise
from testbed.schema.text import shared

NAME = "tested"


def functions(text: str) -> list[tuple[str, int, int, int]]:
    """(qualified name, first line, last line, first line of the body) of each function, outer ones first."""
    return list(_inside(shared(text), ""))


def _inside(node: ast.AST, prefix: str) -> Iterator[tuple[str, int, int, int]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = f"{prefix}{child.name}"
            if not isinstance(child, ast.ClassDef):
                body = child.body[1:] if ast.get_docstring(child) and len(child.body) > 1 else child.body
                yield name, child.lineno, child.end_lineno or child.lineno, body[0].lineno
            yield from _inside(child, f"{name}.")
        else:
            yield from _inside(child, prefix)


def runs_by_function(
    setting: Setting, source: Source, generation: int, attempt: int, grown: Sequence[Grown]
) -> dict[Function, int]:
    """How many tests of the screen run each function of the clean twin; all 0 where it cannot be loaded.

    A function whose body shares its line with its head has no entry.
    """
    files = {path: materialise(text, frozenset()) for path, text in source.items()}
    probed, of_probe = dict(files), dict[int, Function]()
    for path, text in sorted(files.items()):
        first = {body: name for name, _first, _last, body in functions(text)}
        probed[path], found = with_probes(text, frozenset(first), len(of_probe) + 1)
        for number, lines in found.items():
            of_probe[number] = (path, first[min(lines)])
    counts = dict.fromkeys(of_probe.values(), 0)
    evaluator = setting.parts.evaluator
    if evaluator.load(NAME, probed, grown).error:
        return counts
    tests = setting.tests(generation, attempt)
    ids = [info.id for info in tests.infos]
    outcomes = evaluator.run(NAME, frozenset(), ids, seed=tests.seed, examples=tests.examples)
    evaluator.drop(NAME)
    for outcome in outcomes:
        for function in {of_probe[number] for number in outcome.reached if number in of_probe}:
            counts[function] += 1
    return counts


def lines_read(files: Mapping[str, str], read: Iterable[ReviewLine]) -> dict[str, int]:
    """How many lines of each function were read: "path::function", the innermost one; else "path::"."""
    counts: dict[str, int] = {}
    for line in read:
        inside = [n for n, first, last, _body in functions(files[line.path]) if first <= line.line <= last]
        place = f"{line.path}::{inside[-1] if inside else ''}"
        counts[place] = counts.get(place, 0) + 1
    return dict(sorted(counts.items()))

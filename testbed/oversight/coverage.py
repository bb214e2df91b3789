"""Which changed lines no test of the screen runs, asked of the evaluator by probes in the source.

A probe is a guard whose two alternatives are both `pass`, so it changes nothing and is noted when it is
evaluated. One stands before the first changed statement of every block in a function; the statements after
it in that block count with it. What stands outside functions runs when the module is imported.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence

from testbed.examination import Tests
from testbed.protocols import Evaluator, Grown
from testbed.schema import GUARD

NAME = "coverage"


def uncovered(
    evaluator: Evaluator,
    files: Mapping[str, str],
    changed: Mapping[str, Collection[int]],
    tests: Tests,
    grown: Sequence[Grown] = (),
) -> float:
    """The share of the changed lines of these materialised files that the tests leave out.

    1 where the files cannot be loaded, 0 where nothing changed.
    """
    probed = dict(files)
    lines_of: dict[int, set[int]] = {}
    total = 0
    for path, numbers in sorted(changed.items()):
        total += len(numbers)
        probed[path], found = with_probes(files[path], frozenset(numbers), len(lines_of) + 1)
        lines_of.update(found)
    if not lines_of or not total:
        return 0.0
    loaded = evaluator.load(NAME, probed, grown)
    if loaded.error:
        return 1.0
    outcomes = evaluator.run(NAME, frozenset(), tests.ids, seed=tests.seed, examples=tests.examples)
    evaluator.drop(NAME)
    reached = loaded.import_time.union(*(outcome.reached for outcome in outcomes))
    return sum(len(lines) for probe, lines in lines_of.items() if probe not in reached) / total


def with_probes(text: str, changed: frozenset[int], first: int) -> tuple[str, dict[int, set[int]]]:
    """The text with probes numbered from `first`, and the changed lines that each answers for."""
    lines = text.splitlines(keepends=True)
    found: dict[int, set[int]] = {}
    places: dict[int, str] = {}
    for block in _blocks(ast.parse(text)):
        hits = [statement for statement in block if changed & _own_lines(statement)]
        if not hits:
            continue
        number, line = first + len(found), _first_line(hits[0])
        margin = lines[line - 1][: len(lines[line - 1]) - len(lines[line - 1].lstrip())]
        if line in places or not _starts(lines[line - 1], hits[0], line):
            continue  # shares its line with another block, as `if x: return` does
        unit = " " if "\t" not in margin else "\t"
        places[line] = (
            f"{margin}if {GUARD}({number}):\n{margin}{unit}pass\n{margin}else:\n{margin}{unit}pass\n"
        )
        found[number] = set().union(*(changed & _own_lines(statement) for statement in hits))
    return "".join(places.get(number, "") + line for number, line in enumerate(lines, 1)), found


def _blocks(tree: ast.Module) -> Iterator[list[ast.stmt]]:
    """Every block inside a function, without its docstring."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _inside(node)


def _inside(function: ast.AST) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody", "handlers", "cases"):
        part = getattr(function, name, None)
        if not isinstance(part, list):
            continue
        if part and isinstance(part[0], ast.stmt):
            yield part[1:] if _is_docstring(part[0]) else part
        for child in part:
            if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield from _inside(child)


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _own_lines(statement: ast.stmt) -> frozenset[int]:
    """The lines of a statement without those of the blocks in it."""
    inner = [
        child
        for name in ("body", "orelse", "finalbody", "handlers", "cases")
        for child in getattr(statement, name, [])
    ]
    last = statement.end_lineno or statement.lineno
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return frozenset(range(_first_line(statement), statement.lineno + 1))
    if not inner:
        return frozenset(range(statement.lineno, last + 1))
    return frozenset(range(statement.lineno, max(_line(inner[0]), statement.lineno + 1)))


def _line(node: ast.AST) -> int:
    if isinstance(node, ast.match_case):
        return node.pattern.lineno
    if isinstance(node, ast.stmt):
        return _first_line(node)
    return node.lineno if isinstance(node, ast.ExceptHandler) else 0


def _first_line(statement: ast.stmt) -> int:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return min([statement.lineno, *(decorator.lineno for decorator in statement.decorator_list)])
    return statement.lineno


def _starts(line: str, statement: ast.stmt, number: int) -> bool:
    """Whether the statement is the first thing on that line."""
    before = line.encode()[: statement.col_offset] if statement.lineno == number else b""
    return not before.strip()

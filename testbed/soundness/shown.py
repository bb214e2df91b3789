"""A deviation for people: the definition that was changed, the change, the command to repeat it."""

from __future__ import annotations

import ast
import difflib
import shlex
from collections.abc import Iterator

from testbed.conditions import ModifierFactor
from testbed.facts import EditFact
from testbed.protocols import Source
from testbed.schema.text import parse
from testbed.soundness.records import Asked, Deviation

MOST_LINES = 60
"""Of a source that is shown."""


def diff(before: Source, after: Source) -> str:
    """The unified diff of what differs, with three lines around each change."""
    lines: list[str] = []
    for path in sorted({*before, *after}):
        old, new = before.get(path, ""), after.get(path, "")
        if old != new:
            pair = old.splitlines(), new.splitlines()
            lines += difflib.unified_diff(*pair, f"a/{path}", f"b/{path}", lineterm="")
    return "\n".join(lines)


def definition(source: Source, edit: EditFact) -> str:
    """The function or class in which the edit was made; the whole file for one outside of all."""
    text = source.get(edit.path, "")
    nodes: list[ast.stmt] = parse(text).body
    found: ast.stmt | None = None
    for name in edit.where.split(".") if edit.where else ():
        inner = [n for n in _definitions(nodes) if n.name == name]
        if not inner:
            break
        found = inner[-1]
        nodes = inner[-1].body
    if found is None:
        return text
    lines = text.splitlines()
    first = min([found.lineno, *(d.lineno for d in getattr(found, "decorator_list", []))])
    return "\n".join(lines[first - 1 : found.end_lineno])


_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _definitions(nodes: list[ast.stmt]) -> Iterator[_Definition]:
    """Definitions in these statements, in those inside them too, but not inside other definitions."""
    stack: list[ast.AST] = [*reversed(nodes)]
    while stack:
        node = stack.pop()
        if isinstance(node, _Definition):
            yield node
        else:
            stack.extend(reversed(list(ast.iter_child_nodes(node))))


def report(deviation: Deviation, command: str) -> Iterator[str]:
    """A deviation, line by line."""
    edit = deviation.edit
    what = f"{edit.refactoring} in {edit.path} {edit.where}".rstrip() if edit else "several edits together"
    where = f"lineage {deviation.lineage}, generation {deviation.generation}"
    yield f"DEVIATION {deviation.target}, {where}: {what}"
    yield f"  {deviation.test or 'loading'}: {deviation.said}"
    yield from (f"  | {line}" for line in deviation.before.splitlines()[:MOST_LINES])
    yield from (f"  {line}" for line in deviation.diff.splitlines())
    yield f"  again: {command}"


def command(deviation: Deviation, name: str, asked: Asked, options: tuple[str, ...]) -> str:
    """The command that makes this generation again, and runs nothing else."""
    words = ["testbed", "soundness", name, *options, "--seed", str(asked.seed)]
    factor, default = asked.modifier, ModifierFactor()
    for option, value, usual in (
        ("--edits", factor.edits, default.edits),
        ("--copying", factor.copying, default.copying),
        ("--profile", factor.profile, default.profile),
        ("--modifier", factor.name, default.name),
        ("--inputs", asked.inputs, 10),
        ("--examples", asked.examples, 20),
    ):
        words += [option, str(value)] if value != usual else []
    words += [word for name in factor.refactorings for word in ("--refactoring", name)]
    words += ["--only", f"{deviation.lineage}.{deviation.generation}"]
    words += [word for generation in deviation.without for word in ("--without", str(generation))]
    return shlex.join(words)

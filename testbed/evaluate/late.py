"""Faults in default values: those that can be switched after loading, and the markers that tell of calls.

A default value is evaluated where its function is defined, so that a fault there acts while importing, and
would have to be loaded by itself and be shown to every test. Yet it makes no difference before somebody
calls the function or reads its defaults. A marker at the beginning of the function tells of calls; the worker
tells of the rest. See `testbed/worker/defaults.py`.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from testbed.evaluate.faults import Fault
from testbed.evaluator import Late
from testbed.schema.guards import GUARD, test_number
from testbed.schema.text import SourceText, parse, same

_SCALARS = (type(None), bool, int, float, complex, str, bytes)
_ONCE = (ast.If, ast.Try, ast.With, ast.ExceptHandler)
_LATER = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.GeneratorExp, ast.Yield, ast.YieldFrom,
)  # fmt: skip
Place = tuple[str, str]
"""A file, and the qualified name of a function in it."""


@dataclass(slots=True)
class Marked:
    """A layer's source with markers, the faults in default values that these are for, and who has which."""

    source: dict[str, str]
    late: list[Late] = field(default_factory=list)
    free: int = 0  # a number that nothing has
    markers: dict[Place, int] = field(default_factory=dict)


def marked(
    source: Mapping[str, str], faults: Sequence[Fault], first: int, also: Collection[Place] = ()
) -> Marked:
    """Marks the functions in whose default values faults are, and `also` these, from number `first` on."""
    made = Marked(dict(source), free=first)
    for path in sorted({fault.path for fault in faults} | {path for path, _name in also}):
        numbers = {fault.number for fault in faults if fault.path == path and not fault.sites}
        names = {name for other, name in also if other == path}
        _mark_file(made, path, numbers, names)
    return made


@dataclass(frozen=True, slots=True)
class Body:
    """The body of a function of which there is one, with its bytes in the file.

    `ends` says that all of it has run when a call returns: there is nothing in it that could run later.
    """

    place: Place
    start: int
    end: int
    ends: bool


def bodies(source: Mapping[str, str], path: str) -> list[Body]:
    """Those in a file that begin on a line of their own."""
    whole, found = SourceText(source[path]), []
    for name, function in _defined_once(parse(whole.text)):
        first = function.body[0]
        line = min([first.lineno, *(each.lineno for each in getattr(first, "decorator_list", []))])
        end = whole.offset(function.end_lineno or 0, function.end_col_offset or 0)
        if line > function.lineno:
            inside = [node for statement in function.body for node in ast.walk(statement)]
            ends = not any(isinstance(node, _LATER) for node in inside)
            found.append(Body((path, name), whole.offset(line, 0), end, ends))
    return found


def _mark_file(made: Marked, path: str, numbers: Collection[int], names: Collection[str]) -> None:
    text, first = made.source[path], made.free
    tree = parse(text)
    functions = [
        function
        for name, function in _defined(tree, "")
        if (name in names or any(number in numbers for number, _parameter, _value in _values(function)))
        and _first(function)
    ]
    if not functions:
        return
    with_markers = _with_markers(text, functions, first)
    try:
        again = parse(with_markers)
    except SyntaxError:
        return
    late, markers = [], {}
    for name, function in _defined(again, ""):
        marker = _taken_out(function, first)
        if marker is not None:
            markers[path, name] = marker
            line = min([function.lineno, *(each.lineno for each in function.decorator_list)])
            for number, parameter, value in _values(function):
                if number in numbers:
                    late.append(Late(number, marker, path, line, function.name, parameter, value))
    if same(tree, again):
        made.source[path] = with_markers
        made.late += late
        made.free += len(functions)
        once = {(path, name) for name, _function in _defined_once(tree)}
        made.markers |= {place: marker for place, marker in markers.items() if place in once}


def _defined_once(tree: ast.AST) -> list[tuple[str, ast.FunctionDef]]:
    """The functions of which there is one when the module was executed, with their qualified names."""
    found = list(_defined(tree, ""))
    names = Counter(name for name, _function in found)
    return [(name, function) for name, function in found if names[name] == 1]


def _defined(node: ast.AST, within: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef):
            yield within + child.name, child
        elif isinstance(child, ast.ClassDef):
            yield from _defined(child, f"{within}{child.name}.")
        elif isinstance(child, _ONCE):
            yield from _defined(child, within)


def _values(function: ast.FunctionDef) -> Iterator[tuple[int, int | str, str]]:
    """(fault, parameter, its faulty value) for defaults that are a literal with the fault."""
    arguments = function.args
    names = [each.arg for each in arguments.kwonlyargs]
    places: list[tuple[int | str, ast.expr | None]] = [
        *enumerate(arguments.defaults),
        *((name, value) for name, value in zip(names, arguments.kw_defaults, strict=True)),
    ]
    for parameter, value in places:
        if isinstance(parameter, str) and parameter.startswith("__"):
            continue  # it may have another name within a class
        while isinstance(value, ast.IfExp) and (number := test_number(value.test)) is not None:
            literal = _literal(value.body)
            if literal is not None:
                yield number, parameter, literal
            value = value.orelse


def _literal(node: ast.expr) -> str | None:
    inner = node.operand if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else node
    if not isinstance(inner, ast.Constant) or not isinstance(inner.value, _SCALARS):
        return None
    if inner is not node and type(inner.value) not in (int, float):
        return None
    return ast.unparse(node)


def _first(function: ast.FunctionDef) -> ast.stmt | None:
    """The first statement that is executed when the function is called."""
    documented = ast.get_docstring(function, clean=False) is not None
    return next(iter(function.body[1:] if documented else function.body), None)


def _with_markers(text: str, functions: Sequence[ast.FunctionDef], first: int) -> str:
    source, out, position = SourceText(text), list[bytes](), 0
    for number, function in enumerate(functions, first):
        statement = _first(function)
        assert statement is not None
        above = [each.lineno for each in getattr(statement, "decorator_list", [])]
        line = min([statement.lineno, *above])
        start = source.offset(line, 0)
        at = start + statement.col_offset
        indentation = source.data[start:at]
        between = "; " if indentation.strip() else "\n" + indentation.decode()
        out += [source.data[position:at], f"{GUARD}({number}){between}".encode()]
        position = at
    return b"".join([*out, source.data[position:]]).decode()


def _taken_out(function: ast.FunctionDef, first: int) -> int | None:
    """The marker's number; the function is then as it was without it."""
    statement = _first(function)
    number = test_number(statement.value) if isinstance(statement, ast.Expr) else None
    if number is None or number < first or statement is None:
        return None
    function.body.remove(statement)
    return number

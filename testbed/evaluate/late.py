"""Faults in default values: those that can be switched after loading, and the markers that tell of calls.

A default value is evaluated where its function is defined, so that a fault there acts while importing, and
would have to be loaded by itself and be shown to every test. Yet it makes no difference before somebody
calls the function or reads its defaults. A marker at the beginning of the function tells of calls; the worker
tells of the rest. See `testbed/worker/defaults.py`.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence

from testbed.evaluate.faults import Fault
from testbed.evaluator import Late
from testbed.schema.guards import GUARD, test_number
from testbed.schema.text import SourceText, parse, same

_SCALARS = (type(None), bool, int, float, complex, str, bytes)
_ONCE = (ast.Module, ast.ClassDef, ast.If, ast.Try, ast.With, ast.ExceptHandler)
Marked = tuple[dict[str, str], list[Late]]


def marked(source: Mapping[str, str], faults: Sequence[Fault], first: int) -> Marked:
    """A layer's source with markers, numbered from `first` on, and the faults that these are for."""
    text, late = dict(source), list[Late]()
    for path in sorted({fault.path for fault in faults}):
        numbers = {fault.number for fault in faults if fault.path == path and not fault.sites}
        text[path], found = _in_file(path, text[path], numbers, first)
        late += found
        first = max([first, *(each.marker + 1 for each in found)])
    return text, late


def _in_file(path: str, text: str, numbers: Collection[int], first: int) -> tuple[str, list[Late]]:
    tree = parse(text)
    functions = [
        function
        for function in _defined_once(tree)
        if any(number in numbers for number, _parameter, _value in _values(function)) and _first(function)
    ]
    if not functions:
        return text, []
    made = _with_markers(text, functions, first)
    try:
        again = parse(made)
    except SyntaxError:
        return text, []
    late = []
    for function in _defined_once(again):
        marker = _taken_out(function, first)
        if marker is not None:
            line = min([function.lineno, *(each.lineno for each in function.decorator_list)])
            for number, parameter, value in _values(function):
                if number in numbers:
                    late.append(Late(number, marker, path, line, function.name, parameter, value))
    return (made, late) if same(tree, again) else (text, [])


def _defined_once(node: ast.AST) -> Iterator[ast.FunctionDef]:
    """The functions of which there is one when the module was executed."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef):
            yield child
        elif isinstance(child, _ONCE):
            yield from _defined_once(child)


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

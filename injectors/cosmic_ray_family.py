"""Family `cosmic-ray`: that tool's own mutation operators, called through its library, where it is installed.

A module is cut into functions and methods, so that a mutation costs what its own function costs.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.util import find_spec
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

from injectors.mutmut_family import minimal
from injectors.operator import NO_FIGURE, Example, Operator
from injectors.source import SourceView
from testbed.errors import UserError
from testbed.schema import TextEdit

FAMILY = "cosmic-ray"
EXTRA = "cosmic-ray"
_LEFT_OUT = ("/ExceptionReplacer", "/NoOp", "/RemoveDecorator")


def installed() -> bool:
    """Whether the library is there."""
    return find_spec("cosmic_ray") is not None


def missing() -> UserError:
    """What to say where it is not."""
    return UserError(
        f"the family {FAMILY!r} needs the library cosmic-ray, which is not installed",
        where="injection.families",
        remedy=f"pip install 'compounding-flaw-testbed[{EXTRA}]'",
    )


class _CosmicRay(Operator):
    family: ClassVar[str] = FAMILY
    reference: ClassVar[str] = f"cosmic-ray, through its library; {NO_FIGURE}"
    tool: ClassVar[str]

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """cosmic-ray's own mutations at a function, a method or a statement of a module or class."""
        piece = _pieces(view).get(node)
        if piece is not None:
            head, start, end = piece
            text = view.source.data[start:end].decode()
            for first, last, new in _mutations(self.tool, head + text, len(head)):
                yield TextEdit(start + len(text[:first].encode()), start + len(text[:last].encode()), new)


_cut: WeakKeyDictionary[SourceView, dict[ast.AST, tuple[str, int, int]]] = WeakKeyDictionary()


def _pieces(view: SourceView) -> dict[ast.AST, tuple[str, int, int]]:
    """Statement of a module or a class -> (class line to put in front, first byte, last byte)."""
    if view not in _cut:
        may_be_harmed = set(view.nodes)
        _cut[view] = {node: piece for node, piece in _cut_up(view) if node in may_be_harmed}
    return _cut[view]


def _cut_up(view: SourceView) -> Iterator[tuple[ast.stmt, tuple[str, int, int]]]:
    for node in view.tree.body:
        parts = node.body if isinstance(node, ast.ClassDef) else [node]
        head = f"class {node.name}:\n" if isinstance(node, ast.ClassDef) else ""
        for part in parts:
            if part.lineno > node.lineno or not head:
                yield part, (head, *view.source.line_span(part.lineno, part.end_lineno or part.lineno))


@lru_cache(maxsize=4096)
def _tree_of(text: str) -> tuple[Any, ...]:
    from cosmic_ray.ast import ast_nodes, get_ast

    return tuple(ast_nodes(get_ast(text)))


@lru_cache(maxsize=100_000)
def _mutations(tool: str, text: str, skip: int) -> tuple[tuple[int, int, str], ...]:
    """(first, last, new) of each mutation by one operator, in letters after the first `skip`."""
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator

    operator = get_operator(tool)()
    count = sum(len(tuple(operator.mutation_positions(node))) for node in _tree_of(text))
    found = []
    for occurrence in range(count):
        new = mutate_code(text, operator, occurrence)
        change = minimal(text, new) if new is not None else None
        if change is not None and change[0] >= skip and _compiles(new):
            found.append((change[0] - skip, change[1] - skip, change[2]))
    return tuple(found)


def _compiles(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


def _examples(operator: Any) -> Iterator[Example]:
    """The tool's own examples, those that are whole programs before and after."""
    for example in operator.examples():
        before, after = example.pre_mutation_code, example.post_mutation_code
        if before != after and not example.operator_args and _compiles(before) and _compiles(after):
            used = "x = " if _is_constant(before) else ""
            yield Example(used + before, used + after)


def _is_constant(text: str) -> bool:
    """Whether a program is a bare constant, which would be taken for a docstring."""
    first = ast.parse(text).body[0]
    return isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)


@cache
def operators() -> tuple[Operator, ...]:
    """One operator for each of the tool's that needs no arguments; none where it is not installed.

    Left out are those that no guard can hold (decorators), that put in what only that tool has (its own
    exception), or that do nothing.
    """
    if not installed():
        return ()
    from cosmic_ray.plugins import get_operator, operator_names

    found = []
    for tool in sorted(operator_names()):
        operator = get_operator(tool)
        if not operator.arguments() and not tool.endswith(_LEFT_OUT):
            found.append(_made(tool, operator))
    return tuple(found)


def _made(tool: str, operator: Any) -> Operator:
    short = tool.rpartition("/")[2]
    fields = {
        "name": f"cosmic-ray-{short}",
        "contract": f"What cosmic-ray's operator {short} does.",
        "examples": tuple(_examples(operator)) or (Example("x = not a\n", "x =  a\n"),),
        "tool": tool,
    }
    return type(f"CosmicRay{short}", (_CosmicRay,), fields)()  # type: ignore[no-any-return]

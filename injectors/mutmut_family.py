"""Family `mutmut`: that tool's own mutation operators, called through its library.

mutmut gives a changed syntax node; here it becomes the smallest text edit that makes the same program,
so that its faults can be switched like all others.
"""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

import libcst as cst
from libcst.metadata import ByteSpanPositionProvider, CodeSpan, MetadataWrapper, PositionProvider

from injectors.operator import NO_FIGURE, Example, Operator
from injectors.source import SourceView
from testbed.schema import TextEdit

FAMILY = "mutmut"
_Edits = tuple[tuple[str, TextEdit], ...]


@lru_cache(maxsize=256)
def mutations(text: str) -> _Edits:
    """(operator, edit) of every mutation that mutmut makes of a module, in its order.

    Empty where LibCST cannot read the text.
    """
    from mutmut.mutation.file_mutation import MutationVisitor
    from mutmut.mutation.mutators import mutation_operators
    from mutmut.mutation.pragma_handling import IgnoredCode

    made: dict[int, tuple[str, Any]] = {}  # also keeps the nodes, so that no identity is used twice

    def noted(operator: Callable[[Any], Iterable[Any]]) -> Callable[[Any], Iterator[Any]]:
        def changed(node: Any) -> Iterator[Any]:
            for mutated in operator(node):
                made[id(mutated)] = (_short(operator.__name__), mutated)
                yield mutated

        return changed

    try:
        wrapper = MetadataWrapper(cst.parse_module(text))
    except (cst.ParserSyntaxError, RecursionError):
        return ()
    operators = [(kind, noted(operator)) for kind, operator in mutation_operators]
    visitor = MutationVisitor(operators, IgnoredCode(set(), set(), set()))
    module = wrapper.visit(visitor)
    starts = {node: place.start.line for node, place in wrapper.resolve(PositionProvider).items()}
    homes = _Homes(module, starts, text)
    spans = wrapper.resolve(ByteSpanPositionProvider)
    data = text.encode()
    found = []
    for mutation in visitor.mutations:
        edit = _short_edit(module, spans, data, mutation) or homes.edit(mutation)
        if edit is not None:
            found.append((made[id(mutation.mutated_node)][0], edit))
    return tuple(found)


def _short_edit(
    module: cst.Module, spans: Mapping[cst.CSTNode, CodeSpan], data: bytes, mutation: Any
) -> TextEdit | None:
    """The mutation of a node on one line, found by its place alone; None where that does not tell."""
    span = spans.get(mutation.original_node)
    if span is None or not isinstance(mutation.contained_by_top_level_function, cst.FunctionDef):
        return None
    old, new = (module.code_for_node(node) for node in (mutation.original_node, mutation.mutated_node))
    change = minimal(old, new)
    if change is None or "\n" in old or "\n" in new:
        return None
    before = old.encode().find(data[span.start : span.start + span.length])
    start = span.start - before
    if before < 0 or data[start : start + len(old.encode())] != old.encode():
        return None
    first, last, put = change
    return TextEdit(start + len(old[:first].encode()), start + len(old[:last].encode()), put)


def _short(name: str) -> str:
    return "mutmut-" + name.removeprefix("operator_").replace("_", "-")


class _Homes:
    """Where the code of each function stands, so that only that has to be written again.

    LibCST writes a method without the indentation of its class; each of its lines stands in the file
    either as it is (inside of a long string) or indented.
    """

    def __init__(self, module: cst.Module, lines: Mapping[cst.CSTNode, int], text: str) -> None:
        self.module, self.first_lines = module, lines
        self.lines = text.splitlines(keepends=True)
        self._starts = [0]
        for line in self.lines:
            self._starts.append(self._starts[-1] + len(line.encode()))
        self._codes: dict[int, tuple[str, list[int]]] = {}

    def edit(self, mutation: Any) -> TextEdit | None:
        """The mutation as an edit of the file; None where it is in no function, or cannot be told."""
        home = mutation.contained_by_top_level_function
        if not isinstance(home, cst.FunctionDef):  # mutmut leaves these out, too
            return None
        code, offsets = self._code(home)
        if not offsets:
            return None
        bare = home.with_changes(leading_lines=())
        new = self.module.code_for_node(bare.deep_replace(mutation.original_node, mutation.mutated_node))
        change = minimal(code, new)
        if change is None or "\n" in change[2]:
            return None
        first, last, put = change
        return TextEdit(self._byte(code, offsets, first), self._byte(code, offsets, last), put)

    def _byte(self, code: str, offsets: list[int], at: int) -> int:
        line = code.count("\n", 0, at)
        begin = code.rfind("\n", 0, at) + 1
        return offsets[line] + len(code[begin:at].encode())

    def _code(self, home: Any) -> tuple[str, list[int]]:
        """The function's code, and for each of its lines the byte of the file where it begins."""
        known = self._codes.get(id(home))
        if known is None:
            code = self.module.code_for_node(home.with_changes(leading_lines=()))
            known = self._codes[id(home)] = (code, self._offsets(home, code.splitlines()))
        return known

    def _offsets(self, home: Any, code: list[str]) -> list[int]:
        """Empty where the code does not stand in the file as it is."""
        top = self.first_lines[home] - 1
        for start in range(max(0, top - len(home.decorators) - 20), top + 1):
            found = self._matched(start, code)
            if found:
                return found
        return []

    def _matched(self, start: int, code: list[str]) -> list[int]:
        stands = [line.rstrip("\r\n") for line in self.lines[start : start + len(code)]]
        if len(stands) < len(code) or not stands[0].endswith(code[0]):
            return []
        indent = stands[0][: len(stands[0]) - len(code[0])]
        if indent.strip():
            return []
        offsets = []
        for place, (here, line) in enumerate(zip(stands, code, strict=True)):
            if here == indent + line:
                offsets.append(self._starts[start + place] + len(indent.encode()))
            elif here == line:
                offsets.append(self._starts[start + place])
            else:
                return []
        return [*offsets, self._starts[start + len(code)]]


def minimal(old: str, new: str) -> tuple[int, int, str] | None:
    """The smallest change from `old` to `new`: characters [first, last) become the text; None if equal."""
    if old == new:
        return None
    first = 0
    while first < min(len(old), len(new)) and old[first] == new[first]:
        first += 1
    last = 0
    while last < min(len(old), len(new)) - first and old[-1 - last] == new[-1 - last]:
        last += 1
    return first, len(old) - last, new[first : len(new) - last]


_by_node: WeakKeyDictionary[SourceView, dict[ast.AST, list[tuple[str, TextEdit]]]] = WeakKeyDictionary()


def _at(view: SourceView, node: ast.AST) -> list[tuple[str, TextEdit]]:
    """The mutations whose edit lies within `node` and in no node below it."""
    if view not in _by_node:
        _by_node[view] = _homes(view)
    return _by_node[view].get(node, [])


def _homes(view: SourceView) -> dict[ast.AST, list[tuple[str, TextEdit]]]:
    nodes = [(view.span(each), each) for each in view.nodes if isinstance(each, ast.expr | ast.stmt)]
    nodes.sort(key=lambda item: (item[0][0], -item[0][1]))  # what is further in comes later
    starts = [span[0] for span, _node in nodes]
    found: dict[ast.AST, list[tuple[str, TextEdit]]] = {}
    for name, edit in mutations(view.text):
        for (_start, end), home in reversed(nodes[: bisect_right(starts, edit.start)]):
            if edit.end <= end:
                found.setdefault(home, []).append((name, edit))
                break
    return found


class _Mutmut(Operator):
    family: ClassVar[str] = FAMILY
    reference: ClassVar[str] = f"mutmut, through its library; {NO_FIGURE}"

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """mutmut's own mutations at this node."""
        for name, edit in _at(view, node):
            if name == self.name:
                yield edit


def _function(before: str, after: str, params: str = "a, b") -> Example:
    return Example(f"def f({params}):\n    {before}\n", f"def f({params}):\n    {after}\n")


_KINDS = {
    "number": ("A number is one more.", _function("return 1", "return 2")),
    "string": (
        "A text gets XX around it, or other letters' case.",
        _function('return "a"', 'return "XXaXX"'),
    ),
    "name": ("True for False, copy for deepcopy and their like.", _function("return True", "return False")),
    "assignment": ("What is assigned is None.", _function("a = b", "a = None")),
    "augmented-assignment": ("An augmented assignment is a plain one.", _function("a += 1", "a = 1")),
    "remove-unary-ops": ("`not` or `~` is left out.", _function("return not a", "return a")),
    "dict-arguments": (
        "A key of dict(key=...) is another.",
        _function("return dict(a=b)", "return dict(aXX=b)"),
    ),
    "arg-removal": ("An argument is None, or left out.", _function("return g(a, b)", "return g(b)")),
    "symmetric-string-methods-swap": (
        "lower for upper, find for rfind and their like.",
        _function("return a.lower()", "return a.upper()"),
    ),
    "unsymmetrical-string-methods-swap": (
        "split for rsplit where that matters.",
        _function('return a.split(",", 1)', 'return a.rsplit(",", 1)'),
    ),
    "lambda": ("A lambda gives None, or 0.", _function("return lambda x: x", "return lambda x: None")),
    "keywords": (
        "break is return, continue is break.",
        _function("for x in a:\n        break", "for x in a:\n        return"),
    ),
    "swap-op": ("An operator is the one beside it.", _function("return a < b", "return a <= b")),
    "match": (
        "A case of a match is left out.",
        _function(
            "match a:\n        case 1:\n            b()\n        case _:\n            b()",
            "match a:\n        case _:\n            b()",
        ),
    ),
    "if-exp": (
        "The test of a conditional expression is always true, or never.",
        _function("return a if b else 1", "return a if (b) or True else 1"),
    ),
}


def _operator(kind: str, contract: str, example: Example) -> Operator:
    fields = {"name": f"mutmut-{kind}", "contract": contract, "examples": (example,)}
    return type(f"Mutmut{kind.title().replace('-', '')}", (_Mutmut,), fields)()  # type: ignore[no-any-return]


OPERATORS: tuple[Operator, ...] = tuple(_operator(kind, *said) for kind, said in _KINDS.items())

"""Family `recorded`: real bugs of a project's own history, as what its fixes took away.

A fix is read backwards, statement by statement: each statement that the fix changed or added becomes a site,
with the text that it had before. A site is found again in later generations by the statement itself, in the
function of the same name, or anywhere in the file if there is only one such statement.
"""

from __future__ import annotations

import ast
import copy
import json
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from injectors.mutmut_family import minimal
from injectors.operator import Example, Operator
from injectors.source import SourceView
from testbed import whole
from testbed.errors import UserError
from testbed.protocols import Source
from testbed.schema import NotPlaceable, TextEdit
from testbed.schema.text import SourceText, parse

_Node = TypeVar("_Node", bound=ast.AST)
FAMILY = "recorded"
SCHEMA = 1
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_BLOCKS = ("body", "orelse", "finalbody")


@dataclass(frozen=True, slots=True)
class Site:
    """One statement as the fix left it, and what stood there before: "" where the fix added it.

    `path` is its file; "" for that of the bug.
    """

    where: str
    fixed: str
    faulty: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One real bug: what to put back. `path` is the file of its first site, others may be in further ones."""

    name: str
    path: str
    sites: tuple[Site, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """All files that it changes, its own first."""
        return tuple(dict.fromkeys((self.path, *(site.path or self.path for site in self.sites))))


class Unfit(Exception):
    """A change that no guard can hold. `reason` says why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def sites(fixed: str, faulty: str) -> tuple[Site, ...]:
    """The statements to put back so that `fixed` becomes `faulty` again. Raises Unfit.

    What a fix added around the code and what is harmless without it stays: imports, functions, docstrings.
    """
    found = tuple(_Differences(fixed, faulty).of_blocks(parse(fixed).body, parse(faulty).body, ""))
    if not found:
        raise Unfit("nothing that runs differs")
    return found


class _Differences:
    def __init__(self, fixed: str, faulty: str) -> None:
        self._fixed, self._faulty = SourceText(fixed), SourceText(faulty)

    def of_blocks(self, old: Sequence[ast.stmt], new: Sequence[ast.stmt], where: str) -> Iterator[Site]:
        """`old` is the fixed program's block, `new` the faulty one's."""
        dumps = [["" if _is_docstring(n) else ast.dump(n) for n in block] for block in (old, new)]
        for kind, a, b, c, d in SequenceMatcher(None, dumps[0], dumps[1], autojunk=False).get_opcodes():
            if kind != "equal":
                yield from self._changed(old, a, b, list(new[c:d]), where)

    def _changed(
        self, block: Sequence[ast.stmt], first: int, last: int, new: list[ast.stmt], where: str
    ) -> Iterator[Site]:
        old = list(block[first:last])
        if len(old) != len(new):  # what is there beside and harmless stays
            old = [node for node in old if not isinstance(node, (*_DEFINITIONS, ast.Import, ast.ImportFrom))]
        if len(old) == len(new):
            for before, after in zip(old, new, strict=True):
                yield from self._pair(before, after, where)
        elif old:
            if new:
                yield self._site(old[0], self._joined(new), where)
            for node in old[1:] if new else old:
                yield self._site(node, "", where)
        elif first > 0:
            anchor = block[first - 1]
            yield self._site(anchor, f"{self._text(self._fixed, anchor)}\n{self._joined(new)}", where)
        elif block:
            yield self._site(block[0], f"{self._joined(new)}\n{self._text(self._fixed, block[0])}", where)
        else:
            raise Unfit("the fix emptied a block")

    def _pair(self, old: ast.stmt, new: ast.stmt, where: str) -> Iterator[Site]:
        if _head(old) == _head(new) and any(getattr(old, name, None) for name in _BLOCKS):
            inside = where
            if isinstance(old, _DEFINITIONS):
                inside = f"{where}.{old.name}".lstrip(".")
            try:
                yield from list(self._inside(old, new, inside))
                return
            except Unfit:
                if isinstance(old, _DEFINITIONS):
                    raise
        yield self._site(old, self._text(self._faulty, new), where)

    def _inside(self, old: ast.stmt, new: ast.stmt, where: str) -> Iterator[Site]:
        for name in _BLOCKS:
            yield from self.of_blocks(getattr(old, name, []), getattr(new, name, []), where)
        pairs = zip(getattr(old, "handlers", []), getattr(new, "handlers", []), strict=True)
        for before, after in pairs:
            yield from self.of_blocks(before.body, after.body, where)

    def _joined(self, nodes: Sequence[ast.stmt]) -> str:
        return "\n".join(self._text(self._faulty, node) for node in nodes)

    def _site(self, node: ast.stmt, faulty: str, where: str) -> Site:
        if isinstance(node, (*_DEFINITIONS, ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal)):
            raise Unfit(f"a change to the {type(node).__name__} at line {node.lineno} itself")
        return Site(where, self._text(self._fixed, node), faulty)

    def _text(self, source: SourceText, node: ast.stmt) -> str:
        start, end = source.span(node)
        if isinstance(node, _DEFINITIONS):
            raise Unfit(f"{node.name} is not in both versions, or has another head")
        if source.data.startswith(b"elif", start):
            raise Unfit("an elif of its own")
        return textwrap.dedent(" " * node.col_offset + source.data[start:end].decode())


def _head(node: ast.stmt) -> str:
    """A statement without its blocks; handlers without theirs."""
    shown = _bare(node)
    if isinstance(shown, ast.Try):
        shown.handlers = [_bare(handler) for handler in shown.handlers]
    return ast.dump(shown)


def _bare(node: _Node) -> _Node:
    shown = copy.copy(node)
    for name in _BLOCKS:
        if isinstance(getattr(shown, name, None), list):
            setattr(shown, name, [])
    return shown


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


_statements: WeakKeyDictionary[SourceView, dict[str, list[ast.stmt]]] = WeakKeyDictionary()


def _of_view(view: SourceView) -> dict[str, list[ast.stmt]]:
    if view not in _statements:
        found: dict[str, list[ast.stmt]] = {}
        for node in view.nodes:
            if isinstance(node, ast.stmt):
                found.setdefault(ast.dump(node), []).append(node)
        _statements[view] = found
    return _statements[view]


class RecordedOperator(Operator):
    """Puts one real bug back, where its statements are still there."""

    family = FAMILY
    reference = "the project's own history"

    def __init__(self, bug: Recorded) -> None:
        self.bug = bug
        self.name = bug.name  # type: ignore[misc]
        self.contract = f"What was fixed by {bug.name} in {', '.join(bug.paths)} is back."  # type: ignore[misc]
        one = bug.sites[0]
        self.examples = (Example(one.fixed + "\n", (one.faulty or "pass") + "\n"),)  # type: ignore[misc]
        self._dumps = [ast.dump(parse(site.fixed).body[0]) for site in bug.sites]

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """The bug's edit, if it has one site only."""
        for edits in self.places(view, node):
            if len(edits) == 1 and len(self.bug.paths) == 1:
                yield edits[0]

    def places(self, view: SourceView, node: ast.AST) -> Iterator[tuple[TextEdit, ...]]:
        """All edits of the bug in its first file, at the statement of its first site."""
        if view.path != self.bug.path or not isinstance(node, ast.stmt):
            return
        if node is not self._found(view, 0):
            return
        edits = self._edits(view)
        if edits:
            yield edits

    def elsewhere(self, source: Source) -> dict[str, tuple[TextEdit, ...]]:
        """Its edits in further files. Raises NotPlaceable where one of them has lost the statements."""
        found = {}
        for path in self.bug.paths[1:]:
            edits = self._edits(SourceView(path, source[path])) if path in source else ()
            if not edits:
                raise NotPlaceable(f"what it changes in {path} is not there any more")
            found[path] = edits
        return found

    def _edits(self, view: SourceView) -> tuple[TextEdit, ...]:
        """The edits of the bug in one file; none where a site is gone, or two have become one."""
        pairs = [
            (self._found(view, number), site)
            for number, site in enumerate(self.bug.sites)
            if (site.path or self.bug.path) == view.path
        ]
        nodes = [node for node, _site in pairs if node is not None]
        if len(set(nodes)) < len(pairs):
            return ()
        return tuple(_edit(view, node, site.faulty) for node, site in pairs if node is not None)

    def _found(self, view: SourceView, number: int) -> ast.stmt | None:
        alike = _of_view(view).get(self._dumps[number], [])
        there = [node for node in alike if view.where(node) == self.bug.sites[number].where]
        if len(there) == 1:
            return there[0]
        return alike[0] if len(alike) == 1 else None


def _edit(view: SourceView, node: ast.stmt, faulty: str) -> TextEdit:
    if not faulty:
        return view.without(node)
    start = view.span(node)[0]
    margin = view.source.data[view.source.line_span(node.lineno, node.lineno)[0] : start].decode()
    old = view.text_of(node)
    new = textwrap.indent(faulty, margin if not margin.strip() else "")[
        len(margin) if not margin.strip() else 0 :
    ]
    change = minimal(old, new)
    if change is None:
        return TextEdit(start, start, "")
    first, last, put = change
    return TextEdit(start + len(old[:first].encode()), start + len(old[:last].encode()), put)


def save(file: Path, bugs: Sequence[Recorded]) -> None:
    """Writes bugs for a campaign's `injection.recorded`."""
    body = {"schema": SCHEMA, "faults": [asdict(bug) for bug in bugs]}
    whole.write(file, json.dumps(body, indent=1) + "\n")


def load(file: Path) -> tuple[Operator, ...]:
    """The operators of a file that `save` wrote. Raises UserError."""
    try:
        body: Any = json.loads(file.read_text(encoding="utf-8"))
        if body["schema"] != SCHEMA:
            raise UserError(f"is of schema {body['schema']}, not {SCHEMA}", where=str(file))
        bugs = [
            Recorded(one["name"], one["path"], tuple(Site(**site) for site in one["sites"]))
            for one in body["faults"]
        ]
        return tuple(RecordedOperator(bug) for bug in bugs)
    except (OSError, ValueError, KeyError, TypeError, IndexError, SyntaxError) as problem:
        remedy = "make it with `testbed injectors import`"
        raise UserError(f"cannot be read ({problem})", where=str(file), remedy=remedy) from None

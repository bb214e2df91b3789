"""Writing a guard: from minimal text edits to the smallest alternative that holds them."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from testbed.errors import TestbedError
from testbed.schema.choose import chosen
from testbed.schema.guards import GUARD, MalformedGuard, find_guards, is_guard
from testbed.schema.quick import certain
from testbed.schema.render import materialise, resolve
from testbed.schema.scopes import scope_problem
from testbed.schema.text import SourceText, indent_lines, parse, same, segments, shared

_UNGUARDED_FIELDS = {"annotation", "returns", "type_params", "bound"}
_HOST_STATEMENTS = (
    ast.Expr,
    ast.Assign,
    ast.AugAssign,
    ast.AnnAssign,
    ast.Return,
    ast.Raise,
    ast.Assert,
    ast.Delete,
    ast.Break,
    ast.Continue,
    ast.Pass,
    ast.If,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.With,
    ast.AsyncWith,
    ast.Try,
)
_NOT_BARE = (ast.NamedExpr, ast.Yield, ast.YieldFrom, ast.IfExp, ast.Lambda, ast.Starred)


@dataclass(frozen=True, slots=True)
class TextEdit:
    """Replaces the bytes [start, end) of a text's UTF-8 encoding by `new`."""

    start: int
    end: int
    new: str


class NotPlaceable(Exception):
    """No guard can hold these edits. `reason` says why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def insert(text: str, number: int, edits: Sequence[TextEdit]) -> str:
    """The switchable text with fault `number`: off it is `text`, on it is `text` with `edits`.

    The guard stands around the smallest expression or statement that covers all edits. To delete a
    statement, an edit replaces its exact span by nothing. Raises NotPlaceable.
    """
    return _applied(text.encode(), guard(text, number, edits)).decode()


def guard(text: str, number: int, edits: Sequence[TextEdit], *, alone: bool = True) -> TextEdit:
    """What `insert` does, as an edit: the bytes of the guarded expression or lines, and the guard.

    Guards of one text whose bytes do not overlap can stand in it together. Without `alone` it is left to
    the caller to ask `together` of them all; should it fail, one of them has to be made alone.
    Raises NotPlaceable.
    """
    if "\r" in text:
        raise NotPlaceable("the file has carriage returns")
    ordered = sorted(edits, key=lambda edit: edit.start)
    whole = SourceText(text)
    start, end = _segment(whole, ordered)
    moved = [TextEdit(edit.start - start, edit.end - start, edit.new) for edit in ordered]
    made = _insert(whole.data[start:end].decode(), number, moved, alone)
    return TextEdit(made.start + start, made.end + start, made.new)


def together(text: str, result: str) -> bool:
    """Whether `result`, `text` with guards, compiles and is `text` again with all of them taken out."""
    try:
        _compiled(result, "<switchable>")
        return materialise(result, frozenset()) == text
    except (SyntaxError, MalformedGuard, TestbedError):
        return False


def _applied(data: bytes, edit: TextEdit) -> bytes:
    return data[: edit.start] + edit.new.encode() + data[edit.end :]


def _segment(source: SourceText, edits: Sequence[TextEdit]) -> tuple[int, int]:
    """The byte span of the top-level statement that holds the edits, else of the whole text."""
    for first, last in segments(source.text) if "\f" not in source.text else ():
        start, end = source.line_span(first, last)
        if start <= edits[0].start and edits[-1].end <= end:
            return start, end
    return 0, len(source.data)


def _insert(text: str, number: int, ordered: Sequence[TextEdit], alone: bool) -> TextEdit:
    source = SourceText(text)
    reason = "no expression or statement can hold it"
    for host in _hosts(source, ordered):
        try:
            made, sure = _guarded(source, host, ordered, number)
        except NotPlaceable as problem:
            reason = problem.reason
            continue
        if alone or not sure:
            result = _applied(source.data, made).decode()
            on = _edited(source, ordered, (0, len(source.data))).decode()
            if not _means(result, number, on):
                reason = "in its place the faulty version would mean something else"
                continue
            _check(text, result, number, None if alone else on)
        return made
    raise NotPlaceable(reason)


def _hosts(source: SourceText, edits: Sequence[TextEdit]) -> Iterator[ast.expr | ast.stmt]:
    """Nodes that cover all edits and may be guarded, innermost first."""
    start, end = edits[0].start, max(edit.end for edit in edits)
    path: list[ast.expr | ast.stmt] = []
    node: ast.AST | None = shared(source.text)
    while node is not None:
        if is_guard(node):
            raise NotPlaceable("inside another guard")
        following: ast.AST | None = None
        for name, child in _children(node):
            if name in _UNGUARDED_FIELDS or isinstance(child, ast.pattern | ast.JoinedStr):
                if isinstance(child, ast.expr | ast.pattern) and _covers(source, child, start, end):
                    yield from _outward(path, node)
                    return
                continue
            if _covers(source, child, start, end):
                following = child
                break
        if following is not None:
            _append_host(source, node, following, path)
        node = following
    yield from reversed(path)


def _outward(path: list[ast.expr | ast.stmt], last: ast.AST) -> Iterator[ast.expr | ast.stmt]:
    """The hosts around a place that cannot be guarded itself; statements with annotations are not."""
    for host in reversed(path):
        if host is last and isinstance(host, ast.AnnAssign):
            continue
        yield host


def _children(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    for name, value in ast.iter_fields(node):
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, ast.AST):
                yield name, item


def _covers(source: SourceText, node: ast.AST, start: int, end: int) -> bool:
    if isinstance(node, ast.expr | ast.stmt):
        first, last = source.span(node)
        return first <= start and end <= last
    return any(_covers(source, child, start, end) for _name, child in _children(node))


def _append_host(source: SourceText, parent: ast.AST, node: ast.AST, path: list[ast.expr | ast.stmt]) -> None:
    if isinstance(node, ast.stmt):
        if isinstance(node, _HOST_STATEMENTS) and _own_lines(source, node):
            path.append(node)
    elif isinstance(node, ast.expr) and not isinstance(node, (*_NOT_BARE, ast.Slice)):
        if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            return
        sole_generator = isinstance(node, ast.GeneratorExp) and isinstance(parent, ast.Call)
        sliced = isinstance(node, ast.Tuple) and any(isinstance(e, ast.Slice) for e in node.elts)
        docstring = isinstance(parent, ast.Expr) and isinstance(node, ast.Constant)
        if not (sole_generator or sliced or docstring):
            path.append(node)


def _own_lines(source: SourceText, node: ast.stmt) -> bool:
    """Whether the statement has its lines to itself (no one-line suite, no semicolon, no elif)."""
    start, end = source.span(node)
    first, last = source.line_span(node.lineno, node.end_lineno or node.lineno)
    before, after = source.data[first:start], source.data[end:last].strip()
    if isinstance(node, ast.If) and source.data[start : start + 4] == b"elif":
        return False
    return not before.strip() and (not after or after.startswith(b"#"))


def _guarded(
    source: SourceText, host: ast.expr | ast.stmt, edits: Sequence[TextEdit], number: int
) -> tuple[TextEdit, bool]:
    """The guard, and whether it is certain to be exact among others."""
    if isinstance(host, ast.expr):
        return _guarded_expression(source, host, edits, number)
    return _guarded_statement(source, host, edits, number), False


def _guarded_expression(
    source: SourceText, host: ast.expr, edits: Sequence[TextEdit], number: int
) -> tuple[TextEdit, bool]:
    start, end = source.span(host)
    clean = source.data[start:end]
    faulty = _edited(source, edits, (start, end))
    if b"#" in clean or b"#" in faulty:
        # A comment would swallow the rest of the guard; a `#` in a string is rare enough to give up too.
        raise NotPlaceable("the expression holds a comment")
    if not faulty.strip():
        raise NotPlaceable("the faulty version is not an expression")
    try:
        version = _expression(b"(" + faulty + b"\n)")
    except SyntaxError:
        raise NotPlaceable("the faulty version is not an expression") from None
    if GUARD.encode() in clean:
        raise NotPlaceable("around another guard")
    if isinstance(host, ast.Tuple) and not isinstance(
        _expression(b"(0 if 0 else " + clean + b"\n)"), ast.IfExp
    ):
        raise NotPlaceable("the clean version would become a tuple")
    if isinstance(version, ast.Tuple) and not faulty.lstrip().startswith(b"("):
        raise NotPlaceable("the faulty version would become a tuple")
    sure = certain(source.data, start, end, host, version, faulty)
    if isinstance(version, _NOT_BARE):
        faulty = b"(" + faulty + b")"
    made = b"(" + faulty + _or_else(number) + clean + b")"
    return TextEdit(start, end, made.decode()), sure


def _or_else(number: int) -> bytes:
    return f" if {GUARD}({number}) else ".encode()


def opening(text: str, made: TextEdit, number: int) -> bytes:
    """What stands before the clean alternative in the guard `made` of an expression of `text`.

    The alternative and a parenthesis follow. Empty for the guard of a statement.
    """
    rest = text.encode()[made.start : made.end] + b")"
    new = made.new.encode()
    return new[: -len(rest)] if new.endswith(_or_else(number) + rest) else b""


def _expression(text: bytes) -> ast.expr:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text, mode="eval").body


def _guarded_statement(
    source: SourceText, host: ast.stmt, edits: Sequence[TextEdit], number: int
) -> TextEdit:
    span = source.line_span(host.lineno, host.end_lineno or host.lineno)
    data = source.data
    if GUARD.encode() in data[span[0] : span[1]]:
        raise NotPlaceable("around another guard")
    indent = data[span[0] : source.span(host)[0]]
    unit = b"\t" if indent.endswith(b"\t") or (not indent and b"\n\t" in data) else b"    "
    clean = indent_lines(source, span, unit)
    faulty = _faulty_block(source, span, edits, unit)
    if not _has_statement(faulty):
        faulty = indent + unit + b"pass\n"
    elif not faulty.endswith(b"\n"):
        faulty += b"\n"
    head = indent + f"if {GUARD}({number}):\n".encode()
    return TextEdit(*span, (head + faulty + indent + b"else:\n" + clean).decode())


def _faulty_block(source: SourceText, span: tuple[int, int], edits: Sequence[TextEdit], unit: bytes) -> bytes:
    whole = _edited(source, edits, (0, len(source.data)))
    try:
        changed = SourceText(whole.decode())
        parse(changed.text)
        length = len(_edited(source, edits, span))
        return indent_lines(changed, (span[0], span[0] + length), unit)
    except SyntaxError:
        pass
    block = _edited(source, edits, span)  # deleting the only statement of a block: not a file of its own
    if _has_statement(block):
        raise NotPlaceable("the faulty version does not compile")
    return b""


def _has_statement(block: bytes) -> bool:
    return any(line.strip() and not line.strip().startswith(b"#") for line in block.splitlines())


def _edited(source: SourceText, edits: Sequence[TextEdit], span: tuple[int, int]) -> bytes:
    out: list[bytes] = []
    position, end = span
    for edit in edits:
        if edit.start < position or edit.end > end:
            raise NotPlaceable("edits that overlap or leave their host")
        out += [source.data[position : edit.start], edit.new.encode()]
        position = edit.end
    return b"".join([*out, source.data[position:end]])


def _means(result: str, number: int, on: str) -> bool:
    """Whether the guard, on, is the program that the edits make; True where one of them is none."""
    try:
        return same(chosen(parse(result), {number: True}), shared(on))
    except SyntaxError:  # a block left empty, say: what a guard makes of that is checked otherwise
        return True


def _check(text: str, result: str, number: int, on: str | None) -> None:
    """Raises NotPlaceable unless the guard is exact: off the old bytes, on another program, no scope lost.

    With `on`, the faulty text as it is known to be, taking the guard out is not tried.
    """
    off = text
    try:
        if on is not None:
            find_guards(result)  # finds that it has the shape of a guard
        else:
            off, on = resolve(result, {number: False}), resolve(result, {number: True})
        _compiled(result, "<switchable>")
        _compiled(on, "<faulty>")
    except (SyntaxError, MalformedGuard, TestbedError) as problem:
        raise NotPlaceable(f"the guard would not compile: {problem}") from None
    if off != text:
        raise NotPlaceable("switched off it would not be the same to the byte")
    if same(shared(on), shared(text)):
        raise NotPlaceable("the faulty version is the same program")
    problem_text = scope_problem(result, number)
    if problem_text:
        raise NotPlaceable(problem_text)


def _compiled(text: str, name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compile(text, name, "exec", dont_inherit=True)

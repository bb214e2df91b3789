"""extract_function: moves statements of a function into one of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from testbed.modifiers.classes import extendable, owner, receiver
from testbed.modifiers.effects import DEFERRED, lasting
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.refactorings.loop_to_comprehension import in_try_or_with
from testbed.modifiers.scopes import Ref, resolve
from testbed.modifiers.statements import is_docstring
from testbed.modifiers.tree import walk
from testbed.modifiers.view import View

_FORBIDDEN = (
    *DEFERRED,
    *(cst.Return, cst.Yield, cst.Await, cst.Break, cst.Continue, cst.Global, cst.Nonlocal, cst.Del),
    *(cst.FunctionDef, cst.ClassDef, cst.Import, cst.ImportFrom, cst.NamedExpr, cst.Match),
    *(cst.Asynchronous, cst.AnnAssign, cst.TryStar),
)
MOST_STATEMENTS = 6
MOST_INPUTS = 5
MOST_OUTPUTS = 3


@dataclass(frozen=True)
class Block:
    """The statements that move, what they read from the function, and what they leave for it."""

    function: cst.FunctionDef
    statements: Sequence[cst.BaseStatement]
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()


class ExtractFunction(Refactoring):
    """Replaces statements by a call of a new private function or method that holds them."""

    name = "extract_function"
    group = "extract"
    contract = (
        "Neighbouring statements that do not leave the function become a private function (a method where "
        "they use `self`) that takes what they read and returns what is read later, all surely bound."
    )
    examples = (
        (
            "def f(a, b):\n    total = a + b\n    total += 3\n    return total * 2\n",
            "def _compute_total(a, b):\n    total = a + b\n    total += 3\n    return total\n\n\n"
            "def f(a, b):\n    total = _compute_total(a, b)\n    return total * 2\n",
        ),
        (
            "class C:\n    def f(self, a):\n        self.x = a\n"
            "        self.y = (a if __fault__(1) else -a)\n"
            "        return a\n",
            "class C:\n    def f(self, a):\n        self._update_x(a)\n        return a\n\n"
            "    def _update_x(self, a):\n        self.x = a\n        self.y = (a if __fault__(1) else -a)\n",
        ),
        # `n` is read by nothing but the next turn of the loop.
        (
            "def f(a):\n    n = 1\n    while a:\n        n = n + 1\n        a = a[n:]\n    return a\n",
            "def _compute_a(a, n):\n    n = n + 1\n    a = a[n:]\n    return n, a\n\n\n"
            "def f(a):\n    n = 1\n    while a:\n        n, a = _compute_a(a, n)\n    return a\n",
        ),
        # With the fault on, `b` is not assigned: then it must come in from outside.
        (
            "def f(a):\n    a.g()\n    if __fault__(1):\n        pass\n    else:\n        b = a\n"
            "    return b\n",
            None,
        ),
        # A failure half way would leave `b` assigned.
        (
            "def f(a):\n    b = 0\n    try:\n        b = 1\n        a()\n    except KeyError:\n"
            "        return b\n    return b\n",
            None,
        ),
        ("def f(a):\n    for b in a:\n        if b:\n            break\n    return a\n", None),
        # One frame more for each call.
        ("def f(a):\n    b = f(a - 1)\n    b += 1\n    return b\n", None),
        ("def f(a):\n    b = super()\n    b.f(a)\n    return a\n", None),
        ("def f(a):\n    b = a\n    b = b + 1\n    return lambda: b\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Runs of two to six statements, and single compound ones, that are not the whole function."""
        if view.dynamic or project.peeped(view.text):
            return
        for function, body in view.blocks():
            if not _outermost(view, function) or project.recursive(function.name.value):
                continue
            whole = body is function.body.body
            first = 1 if whole and is_docstring(view, body[0]) else 0
            movable = [_movable(view, s) and not lasting(project, s) for s in body]
            for start in range(first, len(body)):
                for stop in range(start + 1, min(start + MOST_STATEMENTS, len(body)) + 1):
                    if not movable[stop - 1]:
                        break
                    small = stop - start == 1 and not isinstance(body[start], cst.For | cst.While | cst.If)
                    if not small and not (whole and stop - start == len(body) - first):
                        yield Site(body[start], (function, body[start:stop]))

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Writes the function and the call."""
        block = _analysed(view, *site.data)
        if block is None:
            return None
        method = "self" in block.inputs
        if method and (kit.project.lists_members() or not _can_be_method(view, block)):
            return None
        if not method and any(_mangled(n) for s in block.statements for n in walk(s)):
            return None
        name = kit.private(view, _names(block))
        if name is None:
            return None
        return Edit(_written(view, block, name, method))


def _outermost(view: View, function: cst.FunctionDef) -> bool:
    """Whether the function stands in the module, or in a class that does."""
    if function.type_parameters is not None:
        return False
    return isinstance(view.parent(function), cst.Module) or owner(view, function) is not None


def _movable(view: View, statement: cst.CSTNode) -> bool:
    for node in walk(statement):
        if isinstance(node, _FORBIDDEN) or getattr(node, "asynchronous", None) is not None:
            return False
        if isinstance(node, cst.Name) and node.value in ("super", "__class__"):
            return False
    return True


def _analysed(view: View, function: cst.FunctionDef, statements: Sequence[cst.BaseStatement]) -> Block | None:
    """Inputs and outputs; None where something would be bound differently."""
    scope = view.scope_of(function)
    inside = {id(n) for statement in statements for n in walk(statement)}
    refs = [r for s in scope.tree() for r in s.refs if id(r.node) in inside]
    own = [r for r in refs if resolve(r.node.value, r.scope) is scope]
    if any(r.node.value in scope.globals | scope.nonlocals for r in refs):
        return None
    alone = view.flow_of(function, statements, frozenset())
    if alone.end is None:
        return None
    written = list(dict.fromkeys(r.node.value for r in own if r.role == "write"))
    missing = [r.node.value for r in own if _reads(view, r) and id(r.node) not in alone.sure]
    carried = set(missing) if _in_loop(view, statements[0]) else set()
    outputs = [name for name in written if name in carried or _read_outside(view, function, name, inside)]
    missing += [name for name in outputs if name not in alone.end]
    inputs = [name for name in _in_order(scope.params, refs) if name in missing]
    entry = view.flow(function).entry.get(id(statements[0]))
    if entry is None or not set(inputs) <= entry:
        return None
    if any(_shared(view, function, name) for name in {*inputs, *written}):
        return None
    if outputs and in_try_or_with(view, statements[0]):
        return None
    if len(inputs) > MOST_INPUTS or len(outputs) > MOST_OUTPUTS:
        return None
    return Block(function, statements, tuple(inputs), tuple(outputs))


def _in_loop(view: View, node: cst.CSTNode) -> bool:
    """Whether what the statement leaves behind may be read by the statement itself, the next time round."""
    return any(isinstance(above, cst.For | cst.While) for above in view.above(node))


def _reads(view: View, ref: Ref) -> bool:
    return ref.role == "read" or isinstance(view.parent(ref.node), cst.AugAssign)


def _read_outside(view: View, function: cst.FunctionDef, name: str, inside: set[int]) -> bool:
    return any(
        id(r.node) not in inside and (_reads(view, r) or r.role == "delete")
        for r in view.uses(function, name)
    )


def _in_order(params: Sequence[str], refs: Sequence[Ref]) -> list[str]:
    """Parameters first, in their order, then other names as they come."""
    return list(dict.fromkeys([*params, *(r.node.value for r in refs)]))


def _shared(view: View, function: cst.FunctionDef, name: str) -> bool:
    """Whether code that runs at another time uses the variable, or it is deleted somewhere."""
    return view.captured(function, name) or any(r.role == "delete" for r in view.uses(function, name))


def _can_be_method(view: View, block: Block) -> bool:
    holder = owner(view, block.function)
    return holder is not None and receiver(view, block.function) is not None and extendable(view, holder)


def _mangled(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Name) and node.value.startswith("__") and not node.value.endswith("__")


def _written(view: View, block: Block, name: str, method: bool) -> cst.Module:
    arguments = [i for i in block.inputs if not (method and i == "self")]
    called = f"self.{name}" if method else name
    call = f"{called}({', '.join(arguments)})"
    targets = ", ".join(block.outputs)
    first = block.statements[0]
    config = view.module.config_for_parsing
    replaced = cst.parse_statement(f"{targets} = {call}" if targets else call, config)
    replaced = replaced.with_changes(leading_lines=_blank_lines(first))
    changes: dict[cst.CSTNode, cst.CSTNode | list[cst.CSTNode]] = {s: [] for s in block.statements}
    changes[first] = replaced
    definition = _definition(block, name, method)
    if method:
        changed = view.replace(changes)
        return _after_method(view, changed, block.function, definition)
    changed = view.replace(changes)
    at = _top_level(view, block.function)
    above = changed.body[at]
    body = [*changed.body[:at], *_set_off(above, definition, at == 0), *changed.body[at + 1 :]]
    return changed.with_changes(body=body)


def _definition(block: Block, name: str, method: bool) -> cst.FunctionDef:
    names = ["self", *(i for i in block.inputs if i != "self")] if method else list(block.inputs)
    first = block.statements[0]
    kept = [line for line in getattr(first, "leading_lines", ()) if line.comment is not None]
    statements = [first.with_changes(leading_lines=kept), *block.statements[1:]]
    if block.outputs:
        statements.append(cst.parse_statement(f"return {', '.join(block.outputs)}"))
    return cst.FunctionDef(
        name=cst.Name(name),
        params=cst.Parameters(params=[cst.Param(name=cst.Name(n)) for n in names]),
        body=cst.IndentedBlock(body=statements),
    )


def _blank_lines(statement: cst.BaseStatement) -> list[cst.EmptyLine]:
    lines: list[cst.EmptyLine] = []
    for line in getattr(statement, "leading_lines", ()):
        if line.comment is not None:
            break
        lines.append(line)
    return lines


def _top_level(view: View, node: cst.CSTNode) -> int:
    around = [node, *view.above(node)]
    return next(i for i, statement in enumerate(view.module.body) if statement in around)


def _set_off(above: cst.CSTNode, definition: cst.FunctionDef, at_top: bool) -> list[cst.CSTNode]:
    """The definition and the statement below it, two blank lines between them."""
    gap = [cst.EmptyLine(indent=False), cst.EmptyLine(indent=False)]
    lines = list(above.leading_lines)  # type: ignore[attr-defined]
    comments = lines[next((i for i, line in enumerate(lines) if line.comment is not None), len(lines)) :]
    lead = lines[: len(lines) - len(comments)]
    below = above.with_changes(leading_lines=[*gap, *comments])
    return [definition.with_changes(leading_lines=[] if at_top else lead), below]


def _after_method(
    view: View, changed: cst.Module, function: cst.FunctionDef, definition: cst.FunctionDef
) -> cst.Module:
    holder = owner(view, function)
    assert holder is not None
    at = next(i for i, item in enumerate(holder.body.body) if item is function)
    where = _top_level(view, holder)
    new = cst.ensure_type(changed.body[where], cst.ClassDef)
    block = cst.ensure_type(new.body, cst.IndentedBlock)
    method = definition.with_changes(leading_lines=[cst.EmptyLine(indent=False)])
    block = block.with_changes(body=[*block.body[: at + 1], method, *block.body[at + 1 :]])
    body = [*changed.body[:where], new.with_changes(body=block), *changed.body[where + 1 :]]
    return changed.with_changes(body=body)


def _names(block: Block) -> tuple[str, ...]:
    """Names from what comes out, from the first attribute that is set, or from the function."""
    if block.outputs:
        stem = block.outputs[-1].strip("_")
        return tuple(f"_{verb}_{stem}" for verb in ("compute", "prepare", "find", "make", "derive", "build"))
    stem = _first_attribute(block.statements) or block.function.name.value.strip("_")
    return tuple(f"_{verb}_{stem}" for verb in ("update", "handle", "apply", "finish", "run", "process"))


def _first_attribute(statements: Sequence[cst.BaseStatement]) -> str:
    for statement in statements:
        for node in walk(statement):
            if isinstance(node, cst.AssignTarget) and isinstance(node.target, cst.Attribute):
                return node.target.attr.value.strip("_")
    return ""

"""inline_function: puts the statements of a private function where it is called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import libcst as cst

from testbed.modifiers.effects import LITERALS, lasting, movable
from testbed.modifiers.naming import extended, renamings
from testbed.modifiers.private import calls, mangled
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.scopes import Ref, parameters, resolve
from testbed.modifiers.statements import assign, block_of, commented, is_docstring, leading_of, sole
from testbed.modifiers.tree import contains, rebuild, walk
from testbed.modifiers.view import View, words

_FORBIDDEN = (cst.Global, cst.Nonlocal, cst.Import, cst.ImportFrom, cst.Del, cst.NamedExpr, cst.Match)
MOST_STATEMENTS = 12


@dataclass(frozen=True)
class Inlined:
    """The only call of a function: the line that it stands on, and the arguments in their order."""

    function: cst.FunctionDef
    line: cst.SimpleStatementLine
    caller: cst.FunctionDef
    call: cst.Call
    values: tuple[tuple[str, cst.BaseExpression], ...]  # parameter, value


class InlineFunction(Refactoring):
    """Removes a function that is called once, on a line of its own; its variables get names of their own."""

    name = "inline_function"
    group = "inline"
    contract = (
        "A private function that is called in one place, on a line `x = f(...)`, `return f(...)` or "
        "`f(...)`, and that returns at its end alone, is replaced there by its statements."
    )
    renames = True
    examples = (
        (
            "def _f(b, c=2):\n    total = b * c\n    return (total if __fault__(1) else -total)\n\n\n"
            "def g(a):\n    x = _f(a + 1)\n    return x\n",
            "def g(a):\n    b = a + 1\n    c = 2\n    total = b * c\n"
            "    x = (total if __fault__(1) else -total)\n    return x\n",
        ),
        (
            "def g(value, b):\n    return _f(b)\n\n\ndef _f(value):\n    '''Does.'''\n    if value:\n"
            "        value = 1\n    return value\n",
            "def g(value, b):\n    item = b\n    if item:\n        item = 1\n    return item\n",
        ),
        (
            "def _f(b):\n    b()\n\n\ndef g(a):\n    # call\n    _f(a)\n    return a\n",
            "def g(a):\n    # call\n    b = a\n    b()\n    return a\n",
        ),
        ("def _f(b):\n    if b:\n        return 1\n    return 2\n\n\ndef g(a):\n    return _f(a)\n", None),
        ("def _f(b):\n    return b\n\n\ndef g(a):\n    return _f(a) + 1\n", None),
        ("def _f(b):\n    return b\n\n\ndef g(a):\n    x = _f(a)\n    return x + _f(a)\n", None),
        # `len` is another one in `g`.
        ("def _f(b):\n    return len(b)\n\n\ndef g(a, len):\n    return _f(a)\n", None),
        # The call stands in a guard.
        ("def _f(b):\n    return b\n\n\ndef g(a):\n    return (_f(a) if __fault__(1) else a)\n", None),
        ("def _f(b):\n    return open(b)\n\n\ndef g(a):\n    x = _f(a)\n    return 1\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Functions with one call."""
        for function in view.module.body:
            if not isinstance(function, cst.FunctionDef) or commented(function.leading_lines):
                continue
            found = calls(view, project, function) if _straight(view, function) else None
            if found is None or len(found) != 1 or view.guarded(found[0]):
                continue
            inlined = _placed(view, function, found[0])
            if inlined is not None and _sound(view, project, inlined):
                yield Site(inlined.line, inlined)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Writes the arguments, the statements and what the call gave."""
        inlined: Inlined = site.data
        names = _names(view, inlined, kit)
        if names is None:
            return None
        body = _renamed(view, inlined.function, names)
        above = [assign(names[name], value) for name, value in inlined.values]
        statements: list[cst.BaseStatement] = [*above, *body[:-1], *_ended(inlined, body[-1])]
        if not statements:
            return None
        lines = [*leading_of(inlined.line), *leading_of(statements[0])]
        statements[0] = statements[0].with_changes(leading_lines=lines)
        return Edit(_without(view, inlined.function, view.replace({inlined.line: statements})))


def _straight(view: View, function: cst.FunctionDef) -> bool:
    """Whether the function returns at its end or not at all, and binds nothing in an unusual way."""
    block = block_of(function.body)
    if block is None or len(block.body) > MOST_STATEMENTS or contains(block, _FORBIDDEN):
        return False
    returns = [n for n in walk(block) if isinstance(n, cst.Return)]
    if len(returns) > 1 or (returns and sole(block.body[-1]) is not returns[0]):
        return False
    flow, scope = view.flow(function), view.scope_of(function)
    for inner in scope.tree():
        for ref in inner.refs:
            if resolve(ref.node.value, ref.scope) is scope and not _sure(view, flow.sure, ref):
                return False
    return not any(isinstance(n, cst.Name) and n.value in ("super", "__class__") for n in walk(block))


def _sure(view: View, sure: set[int], ref: Ref) -> bool:
    """Whether the variable is surely bound where it is read."""
    reads = ref.role == "read" or isinstance(view.parent(ref.node), cst.AugAssign)
    return ref.role in ("read", "write", "param") and (not reads or id(ref.node) in sure)


def _placed(view: View, function: cst.FunctionDef, call: cst.Call) -> Inlined | None:
    """The call, when it is all that its line evaluates."""
    small = view.parent(call)
    if not isinstance(small, cst.Assign | cst.Return | cst.Expr) or small.value is not call:
        return None
    if isinstance(small, cst.Assign) and not all(isinstance(t.target, cst.Name) for t in small.targets):
        return None
    line = view.parent(small)
    caller = view.function_of(call)
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1 or caller is None:
        return None
    if not isinstance(view.parent(line), cst.IndentedBlock) or line.trailing_whitespace.comment is not None:
        return None
    values = _values(call, function.params)
    return None if values is None or call.lpar else Inlined(function, line, caller, call, values)


def _values(call: cst.Call, params: cst.Parameters) -> tuple[tuple[str, cst.BaseExpression], ...] | None:
    """(parameter, value) in the order in which the call evaluates them, then the defaults that it uses."""
    if any(isinstance(star, cst.Param) for star in (params.star_arg, params.star_kwarg)):
        return None
    positional = [*params.posonly_params, *params.params]
    given: list[tuple[str, cst.BaseExpression]] = []
    for at, arg in enumerate(call.args):
        given.append((arg.keyword.value if arg.keyword else positional[at].name.value, arg.value))
    for param in parameters(params):
        if param.name.value not in dict(given):
            if not isinstance(param.default, LITERALS) and not _constant(param.default):
                return None
            assert param.default is not None
            given.append((param.name.value, param.default))
    return tuple(given)


def _constant(node: cst.BaseExpression | None) -> bool:
    return isinstance(node, cst.Name) and node.value in ("None", "True", "False")


def _sound(view: View, project: Project, inlined: Inlined) -> bool:
    function, caller = inlined.function, inlined.caller
    if caller is function or view.opaque(caller) or project.recursive(caller.name.value):
        return False
    if lasting(project, function.body) or lasting(project, inlined.line):
        return False
    if not all(movable(view, value) for _name, value in inlined.values):
        return False
    in_class = any(isinstance(above, cst.ClassDef) for above in view.above(caller))
    if in_class and mangled(function.body):
        return False
    scope, here = view.scope_of(function), view.refs[id(inlined.call.func)].scope
    outer = {
        r.node.value for s in scope.tree() for r in s.refs if resolve(r.node.value, r.scope).kind == "module"
    }
    return all(resolve(name, here).kind == "module" for name in outer)


def _names(view: View, inlined: Inlined, kit: Kit) -> dict[str, str] | None:
    """The function's variables under the names that they get in the caller."""
    scope = view.scope_of(inlined.function)
    taken = words(cst.Module(body=[inlined.caller]).code)
    names: dict[str, str] = {}
    for name in dict.fromkeys(ref.node.value for ref in scope.refs if ref.node.value in scope.bound):
        new: str | None = name
        if name in taken or name in names.values():
            stems = [stem for stem in (*renamings(name), *extended(name)) if stem not in names.values()]
            new = kit.local(view, stems)
        if new is None or new in names.values():
            return None
        names[name] = new
    return names


def _renamed(view: View, function: cst.FunctionDef, names: Mapping[str, str]) -> list[cst.BaseStatement]:
    """The statements of the function, without its docstring, with its variables renamed."""
    scope = view.scope_of(function)
    changes: dict[int, cst.CSTNode] = {}
    for inner in scope.tree():
        for ref in inner.refs:
            if resolve(ref.node.value, ref.scope) is scope:
                changes[id(ref.node)] = ref.node.with_changes(value=names[ref.node.value])
    inside = {id(n) for n in walk(function.body)}
    body = rebuild(function.body, view.parents, {k: v for k, v in changes.items() if k in inside})
    statements = list(cst.ensure_type(body, cst.IndentedBlock).body)
    return statements[1:] if is_docstring(view, statements[0]) and len(statements) > 1 else statements


def _ended(inlined: Inlined, last: cst.BaseStatement) -> Sequence[cst.BaseStatement]:
    """The last statement, with the returned value put where the call stood."""
    small, returned = inlined.line.body[0], sole(last)
    line = inlined.line.with_changes(leading_lines=leading_of(last))
    if not isinstance(returned, cst.Return):
        if isinstance(small, cst.Expr):
            return [last]
        new = small.with_changes(value=cst.Name("None"))
        return [last, line.with_changes(body=[new], leading_lines=())]
    value = returned.value or cst.Name("None")
    changed: cst.BaseSmallStatement = small.with_changes(value=value)
    if isinstance(changed, cst.Return):
        changed = changed.with_changes(whitespace_after_return=cst.SimpleWhitespace(" "))
    return [line.with_changes(body=[changed])]


def _without(view: View, function: cst.FunctionDef, module: cst.Module) -> cst.Module:
    """The module without the function; what follows one at the top gets its place."""
    at = next(i for i, statement in enumerate(view.module.body) if statement is function)
    body = [*module.body[:at], *module.body[at + 1 :]]
    if at == 0 and body:
        lines = list(body[0].leading_lines)
        first = next((i for i, line in enumerate(lines) if line.comment is not None), len(lines))
        body[0] = body[0].with_changes(leading_lines=lines[first:])
    return module.with_changes(body=body)

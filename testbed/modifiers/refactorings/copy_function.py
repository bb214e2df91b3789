"""copy_function: copies a function and sends one call to the copy."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from testbed.modifiers.effects import LITERALS
from testbed.modifiers.guards import guard_number
from testbed.modifiers.named import suspended, tells_its_maker, used_up
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.scopes import parameters, resolve
from testbed.modifiers.statements import is_docstring
from testbed.modifiers.tree import contains, rebuild, walk
from testbed.modifiers.view import View

PROVISIONAL = 10**9
"""Guards in a copy are numbered from here on until the edit is accepted."""

_BEFORE = ("plain", "do", "inner", "local", "simple", "direct", "quick", "bare")
_AFTER = ("direct", "impl", "inner", "plain", "once", "core", "alone", "here", "again")
_FORBIDDEN = (cst.Global, cst.Nonlocal, cst.Import, cst.ImportFrom)


class CopyFunction(Refactoring):
    """Duplicates a module's function under a private name; its guards get numbers of their own."""

    name = "copy_function"
    group = "copy"
    contract = (
        "A plain, undecorated module-level function that does not mention itself is copied right "
        "after itself, and one call whose arguments surely fit calls the copy."
    )
    copies = True
    examples = (
        (
            "def f(a):\n    return a + 1\n\n\ndef g(a):\n    return f(a)\n",
            "def f(a):\n    return a + 1\n\n\ndef _plain_f(a):\n    return a + 1\n\n\ndef g(a):\n"
            "    return _plain_f(a)\n",
        ),
        (
            "def f(a):\n    return (a if __fault__(1) else a + 1)\n\n\nx = f(1)\n",
            "def f(a):\n    return (a if __fault__(1) else a + 1)\n\n\ndef _f_direct(a):\n"
            "    return (a if __fault__(1000000000) else a + 1)\n\n\nx = _f_direct(1)\n",
        ),
        # Recursive: the copy would call the original.
        ("def f(a):\n    return f(a - 1) if a else 0\n\n\nx = f(1)\n", None),
        ("@d\ndef f(a):\n    return a\n\n\nx = f(1)\n", None),
        # The list is shared between calls.
        ("def f(a, memo=[]):\n    return memo\n\n\nx = f(1)\n", None),
        # The message of the error would name the copy.
        ("def f(a):\n    return a\n\n\ndef g():\n    return f()\n", None),
        ("def f(a):\n    return a\n\n\ndef g(f):\n    return f(1)\n", None),
        # The function inside, the generator would say that the copy made it.
        ("def f(a):\n    return lambda: a\n\n\nx = f(1)\n", None),
        ("def f(a):\n    def g():\n        return a\n    return g\n\n\nx = f(1)\n", None),
        ("def f(a):\n    return (b for b in a)\n\n\nx = f(1)\n", None),
        ("def f(a):\n    yield a\n\n\nx = f(1)\n", None),
        (
            "def f(a):\n    yield sum(b for b in a)\n\n\ndef g(a):\n    return list(f(a))\n",
            "def f(a):\n    yield sum(b for b in a)\n\n\ndef _plain_f(a):\n    yield sum(b for b in a)\n\n\n"
            "def g(a):\n    return list(_plain_f(a))\n",
        ),
        ("def f(a):\n    return a\n\n\nf.cache = {}\nx = f(1)\n", None),
        ("def f(a):\n    return a\n\n\ndef g(a):\n    return (f(a) if __fault__(1) else a)\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Calls of functions that can be copied."""
        if view.dynamic or project.peeped(view.text):
            return
        copyable = {f.name.value: f for f in view.module.body if isinstance(f, cst.FunctionDef)}
        copyable = {name: f for name, f in copyable.items() if _copyable(view, project, f)}
        for call in view.all(cst.Call):
            if not isinstance(call.func, cst.Name) or call.func.value not in copyable:
                continue
            function = copyable[call.func.value]
            ref = view.refs[id(call.func)]
            written = any(isinstance(above, cst.Decorator | cst.Annotation) for above in view.above(call))
            same = resolve(call.func.value, ref.scope).kind == "module"
            shown = suspended(function) and not used_up(view, call)
            if same and not written and not shown and fits(call, function.params):
                yield Site(call, function)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Writes the copy and redirects the call."""
        call, function = site.node, site.data
        assert isinstance(call, cst.Call)
        old = function.name.value
        name = kit.private(view, copy_names(old))
        if name is None:
            return None
        copy, copies = copy_of(view, function, name, 2)
        redirected = view.replace({call.func: cst.Name(name)})
        at = next(i for i, statement in enumerate(view.module.body) if statement is function)
        body = [*redirected.body[: at + 1], copy, *redirected.body[at + 1 :]]
        return Edit(redirected.with_changes(body=body), copies)


def copy_of(
    view: View, function: cst.FunctionDef, name: str, blank: int
) -> tuple[cst.FunctionDef, dict[int, int]]:
    """A copy under another name, with `blank` lines above it, and the parents of its provisional guards."""
    copies: dict[int, int] = {}
    copy = _renumbered(view, function, copies)
    gap = [cst.EmptyLine(indent=False)] * blank
    return copy.with_changes(name=cst.Name(name), leading_lines=gap, body=_body(view, copy.body)), copies


def copyable_body(view: View, function: cst.FunctionDef) -> bool:
    """Whether the body of an ordinary function says the same under another name."""
    name = function.name.value
    if function.asynchronous is not None or function.type_parameters is not None or view.opaque(function):
        return False
    if contains(function.body, _FORBIDDEN) or not isinstance(function.body, cst.IndentedBlock):
        return False
    if tells_its_maker(view, function):
        return False
    return sum(isinstance(n, cst.Name) and n.value == name for n in walk(function)) == 1


def _copyable(view: View, project: Project, function: cst.FunctionDef) -> bool:
    name = function.name.value
    if project.frozen(name) or name.startswith("__") or function.decorators:
        return False
    if not copyable_body(view, function) or not view.stable(function.name):
        return False
    if not all(plain(p) for p in parameters(function.params)):
        return False
    return not project.mentions(name, rf"\b{name}\.\w|\.\s*{name}\s*=[^=]|['\"]{name}['\"]")


def plain(param: cst.Param) -> bool:
    """Whether evaluating default and annotation a second time changes nothing."""
    simple = (*LITERALS, cst.Name, cst.Attribute, cst.UnaryOperation, cst.Minus)
    default = param.default is None or all(isinstance(n, simple) for n in walk(param.default))
    return default and (param.annotation is None or not contains(param.annotation, cst.Call))


def fits(call: cst.Call, params: cst.Parameters) -> bool:
    """Whether the call's arguments surely bind to the parameters."""
    if any(arg.star for arg in call.args):
        return False
    positional = [*params.posonly_params, *params.params]
    given = [arg for arg in call.args if arg.keyword is None]
    keywords = [arg.keyword.value for arg in call.args if arg.keyword is not None]
    if len(given) > len(positional) or len(set(keywords)) != len(keywords):
        return False
    names = [p.name.value for p in (*params.params, *params.kwonly_params)]
    filled = {p.name.value for p in positional[: len(given)]}
    if any(word not in names or word in filled for word in keywords):
        return False
    needed = {p.name.value for p in (*positional, *params.kwonly_params) if p.default is None}
    return needed <= filled | set(keywords)


def _renumbered(view: View, function: cst.FunctionDef, copies: dict[int, int]) -> cst.FunctionDef:
    """The function with a provisional number for each guard, the same one for the same fault."""
    numbers: dict[int, int] = {}
    changes: dict[int, cst.CSTNode] = {}
    for node in walk(function):
        number = guard_number(node)
        if number is None:
            continue
        new = numbers.setdefault(number, PROVISIONAL + len(numbers))
        copies[new] = number
        test = node.test  # type: ignore[attr-defined]
        changes[id(test.args[0].value)] = cst.Integer(str(new))
    return rebuild(function, view.parents, changes) if changes else function


def _body(view: View, body: cst.BaseSuite) -> cst.BaseSuite:
    """The body without a docstring that holds a doctest: it would run twice."""
    first = body.body[0]
    doctest = is_docstring(view, first) and ">>>" in cst.Module(body=[]).code_for_node(first)
    return body.with_changes(body=body.body[1:]) if doctest and len(body.body) > 1 else body


def copy_names(old: str) -> tuple[str, ...]:
    """Private names for a copy of a function of this name, which may be a copy itself."""
    words = old.strip("_").split("_")
    while len(words) > 1 and words[0] in _BEFORE:
        del words[0]
    while len(words) > 1 and words[-1] in _AFTER:
        del words[-1]
    stem = "_".join(words)
    return (*(f"_{word}_{stem}" for word in _BEFORE), *(f"_{stem}_{word}" for word in _AFTER))

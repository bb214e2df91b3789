"""keyword_argument: names an argument at a call, or leaves the name out."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit, Refactoring, Site
from testbed.modifiers.refactorings.copy_function import fits
from testbed.modifiers.scopes import resolve
from testbed.modifiers.view import View


class KeywordArgument(Refactoring):
    """`f(a, 2)` becomes `f(a, size=2)`, or the other way round."""

    name = "keyword_argument"
    group = "style"
    contract = (
        "The last positional argument of a call of a plain function of the module, whose arguments surely "
        "fit, gets its name, or the first one that is named loses it."
    )
    examples = (
        (
            "def f(a, b):\n    return a\n\n\ndef g(a):\n    return f(1, (a if __fault__(1) else 2))\n",
            "def f(a, b):\n    return a\n\n\ndef g(a):\n    return f(1, b=(a if __fault__(1) else 2))\n",
        ),
        (
            "def f(a, b=1, c=2):\n    return a\n\n\ndef g(a):\n    return f(1, b=a, c=3)\n",
            "def f(a, b=1, c=2):\n    return a\n\n\ndef g(a):\n    return f(1, a, c=3)\n",
        ),
        ("def f(a, /):\n    return a\n\n\ndef g(a):\n    return f(a)\n", None),
        ("def f(a, *b):\n    return a\n\n\ndef g(a):\n    return f(a, 2)\n", None),
        ("@d\ndef f(a):\n    return a\n\n\ndef g(a):\n    return f(a)\n", None),
        ("def f(a, b):\n    return a\n\n\ndef g(a):\n    return f(a)\n", None),
        ("def f(a):\n    return a\n\n\nf = str\n\n\ndef g(a):\n    return f(a)\n", None),
    )

    def sites(self, view: View, project: Project) -> Iterator[Site]:
        """Calls of functions that are surely those of the module."""
        plain = {f.name.value: f for f in view.module.body if isinstance(f, cst.FunctionDef)}
        plain = {name: f for name, f in plain.items() if _plain(view, project, f)}
        for call in view.all(cst.Call) if plain else ():
            if not isinstance(call.func, cst.Name) or call.func.value not in plain or not call.args:
                continue
            function = view.function_of(call)
            if function is None or view.opaque(function):
                continue
            params = plain[call.func.value].params
            if resolve(call.func.value, view.refs[id(call.func)].scope).kind == "module" and fits(
                call, params
            ):
                yield Site(call, params)

    def apply(self, view: View, site: Site, kit: Kit) -> Edit | None:
        """Names the last positional argument, or unnames the first keyword."""
        call, params = cst.ensure_type(site.node, cst.Call), site.data
        given = [at for at, arg in enumerate(call.args) if arg.keyword is None]
        named = [at for at, arg in enumerate(call.args) if arg.keyword is not None]
        choices = []
        if given and given[-1] >= len(params.posonly_params):
            name = params.params[given[-1] - len(params.posonly_params)].name.value
            choices.append((call.args[given[-1]], _named(call.args[given[-1]], name)))
        if named and (new := _unnamed(call.args[named[0]], len(given), params)) is not None:
            choices.append((call.args[named[0]], new))
        if not choices:
            return None
        old, changed = choices[int(kit.rng.integers(len(choices)))]
        return Edit(view.replace({old: changed}))


def _plain(view: View, project: Project, function: cst.FunctionDef) -> bool:
    name = function.name.value
    if function.decorators or project.frozen(name) or not view.stable(function.name):
        return False
    params = function.params
    if isinstance(params.star_arg, cst.Param) or params.star_kwarg is not None:
        return False
    return not project.mentions(name, rf"\.\s*{name}\s*=[^=]")


def _named(arg: cst.Arg, name: str) -> cst.Arg:
    none = cst.SimpleWhitespace("")
    return arg.with_changes(keyword=cst.Name(name), equal=cst.AssignEqual(none, none))


def _unnamed(arg: cst.Arg, given: int, params: cst.Parameters) -> cst.Arg | None:
    """The argument without its name, when that is the parameter whose turn it is."""
    positional = [*params.posonly_params, *params.params]
    if given >= len(positional) or arg.keyword is None or positional[given].name.value != arg.keyword.value:
        return None
    return arg.with_changes(keyword=None, equal=cst.MaybeSentinel.DEFAULT)

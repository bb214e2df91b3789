"""Public functions that new ones can be built on, and what a new one needs."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import libcst as cst

from testbed.modifiers.naming import choose
from testbed.modifiers.project import Project
from testbed.modifiers.refactorings.base import Edit, Kit
from testbed.modifiers.refactorings.copy_function import plain
from testbed.modifiers.statements import is_docstring
from testbed.modifiers.tree import code, contains, walk
from testbed.modifiers.view import View
from testbed.protocols import Grown

MOST_EXAMPLES = 8


@dataclass(frozen=True)
class Base:
    """A function to build on: its parameters, those that must be given first, and arguments that fit."""

    function: cst.FunctionDef
    params: tuple[cst.Param, ...]
    needed: int
    examples: tuple[str, ...]

    @property
    def name(self) -> str:
        """The function's name."""
        return self.function.name.value

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its parameters."""
        return tuple(param.name.value for param in self.params)

    def header(self, first: str, more: str = "") -> str:
        """The parameters as a `def` has them, with another name for the first and further ones at the end."""
        others = [_written(param) for param in self.params[1:]]
        return ", ".join(part for part in (first, *others, more) if part)

    def call(self, first: str, function: str = "") -> str:
        """A call of the function with its own parameters, with `first` in place of the first one."""
        return f"{function or self.name}({', '.join((first, *self.names[1:]))})"

    def kinds(self) -> set[type]:
        """The types of the first argument in the examples."""
        return {type(arguments[0]) for arguments in self.values()}

    def values(self) -> list[tuple[object, ...]]:
        """The examples as values."""
        return [ast.literal_eval(text) for text in self.examples]


def bases(view: View, project: Project) -> Iterator[Base]:
    """The public functions of a module that new ones can be built on, with examples that fit."""
    if view.dynamic or project.peeped(view.text) or _exposed(view, project):
        return
    for function in view.module.body:
        if isinstance(function, cst.FunctionDef):
            base = _base(view, project, function)
            if base is not None and base.examples:
                yield base


def _exposed(view: View, project: Project) -> bool:
    """Whether a new public name may show up in the names of another module."""
    return "__all__" not in view.top.bound and project.mentions("import", r"import\s*\*")


def _base(view: View, project: Project, function: cst.FunctionDef) -> Base | None:
    name, params = function.name.value, function.params
    if name.startswith("_") or function.decorators or function.asynchronous is not None:
        return None
    if view.opaque(function) or not view.stable(function.name) or function.type_parameters is not None:
        return None
    if params.kwonly_params or params.posonly_params or params.star_kwarg is not None or not params.params:
        return None
    if isinstance(params.star_arg, cst.Param) or not all(plain(param) for param in params.params):
        return None
    if contains(function.body, (cst.Yield, cst.Await)) or params.params[0].default is not None:
        return None
    if any(param.default is not None and not _literal(param.default) for param in params.params):
        return None
    needed = sum(param.default is None for param in params.params)
    fitting = [text for text in project.examples(name) if needed <= _count(text) <= len(params.params)]
    return Base(function, tuple(params.params), needed, tuple(fitting[:MOST_EXAMPLES]))


def _literal(node: cst.BaseExpression) -> bool:
    """Whether a default means the same wherever it is written."""
    names = [n.value for n in walk(node) if isinstance(n, cst.Name)]
    return all(name in ("None", "True", "False") for name in names)


def _count(arguments: str) -> int:
    return len(ast.literal_eval(arguments))


def _written(param: cst.Param) -> str:
    default = "" if param.default is None else f"={code(param.default)}"
    return f"{param.name.value}{default}"


def address(kit: Kit, name: str) -> str:
    """`module:function` of a function in the kit's file."""
    path, files = PurePosixPath(kit.path), kit.project.files()
    parts = [] if path.name == "__init__.py" else [path.stem]
    folder = path.parent
    while str(folder / "__init__.py") in files:
        parts.insert(0, folder.name)
        folder = folder.parent
    return f"{'.'.join(parts)}:{name}"


def new_name(view: View, kit: Kit, stems: Sequence[str]) -> str | None:
    """A name for a new public function, that occurs in no file and no test."""
    wanted = [stem for stem in stems if not kit.project.looked_up(stem) and not kit.project.frozen(stem)]
    name = choose(wanted, kit.project.taken_anywhere(view), kit.rng)
    return None if name is None or kit.project.looked_up(name) or kit.project.frozen(name) else name


def parsed(text: str) -> list[cst.BaseStatement]:
    """Statements of new code, two blank lines above the first."""
    statements = [s for s in cst.parse_module(text).body if isinstance(s, cst.BaseStatement)]
    gap = [cst.EmptyLine(indent=False)] * 2
    return [statements[0].with_changes(leading_lines=gap), *statements[1:]]


def added(view: View, base: Base, statements: Sequence[cst.BaseStatement], grown: Grown) -> Edit:
    """The module with new statements right after the function that they build on."""
    at = next(i for i, statement in enumerate(view.module.body) if statement is base.function)
    body = [*view.module.body[: at + 1], *statements, *view.module.body[at + 1 :]]
    return Edit(view.module.with_changes(body=body), grown=(grown,))


def documented(view: View, function: cst.FunctionDef) -> bool:
    """Whether the function has a docstring, so that a new one beside it should have one too."""
    return is_docstring(view, function.body.body[0])


def doc(view: View, base: Base, text: str) -> str:
    """The line of a docstring, where the function that is built on has one."""
    return f'    """{text}"""\n' if documented(view, base.function) else ""

"""What refactorings see of one module: it is parsed once, with its scopes and guards."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any, TypeVar, cast

import libcst as cst

from testbed.kept import kept
from testbed.modifiers.flow import Flow
from testbed.modifiers.guards import guard_number
from testbed.modifiers.parts import compiles
from testbed.modifiers.pieces import code, parsed
from testbed.modifiers.scopes import Binder, Ref, Scope, resolve
from testbed.modifiers.tree import Replacement, rebuild, walk

_N = TypeVar("_N", bound=cst.CSTNode)

_FRAMES = """
_getframe currentframe getframeinfo getouterframes getsource getsourcelines extract_stack extract_tb
format_stack format_exc print_exc print_stack format_exception print_exception tb_lineno tb_frame
f_locals f_back f_code f_lineno co_name co_varnames co_consts __code__ __closure__ __traceback__
findCaller warn warn_explicit settrace setprofile getrefcount __del__ get_objects
"""
_NAMESPACES = """
locals globals vars dir eval exec compile breakpoint inspect traceback stack gc weakref warnings
"""

OPAQUE = frozenset(_FRAMES.split())
OPAQUE_VARIABLES = frozenset(_NAMESPACES.split())
"""Names (the second set: only as variables) that let code see how it is written. A function that
mentions one is left alone."""

DYNAMIC = frozenset(["globals", "eval", "exec", "getmembers"])
LISTING = frozenset(["locals", "vars", "dir", "__dict__"])
"""Names that let a module list its own names (the second set: outside functions, or with `sys.modules`):
none are added to it then."""

_WORD = re.compile(r"[^\W\d]\w*")


@lru_cache(maxsize=512)
def words(text: str) -> frozenset[str]:
    """Every word of a text that could be a name, those in strings and comments included."""
    return frozenset(_WORD.findall(text))


class View:
    """One module, parsed. Raises cst.ParserSyntaxError for a text that LibCST cannot parse."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.parsed = parsed(text)
        self.module = self.parsed.module
        self.top = Scope("module", self.module, None)
        self.parents: dict[int, cst.CSTNode] = {}
        self.refs: dict[int, Ref] = {}
        self._scopes: dict[int, Scope] = {id(self.module): self.top}
        self._guarded: set[int] = set()
        self._free: list[cst.CSTNode] = [self.module]
        self.memo: dict[object, Any] = {}  # places that were found
        for piece in self.parsed.pieces:
            self._join(piece.binder)
            self.parents[id(piece.statement)] = self.module

    def _join(self, binder: Binder) -> None:
        self.parents.update(binder.parents)
        self.refs.update(binder.refs)
        self._scopes.update(binder.scopes)
        self._guarded.update(binder.guarded)
        self._free.extend(binder.free)
        self.top.bound |= binder.module.bound
        self.top.deleted |= binder.module.deleted
        self.top.globals |= binder.module.globals
        self.top.refs.extend(binder.module.refs)
        self.top.inner.extend(binder.module.inner)

    def code(self, module: cst.Module) -> str:
        """The text of this module after some replacements."""
        return code(module, self.parsed)

    def all(self, *kinds: type[_N]) -> list[_N]:
        """The nodes of these kinds outside guards (guards themselves are no ordinary nodes), in order."""
        places = [at for kind, found in self._by_kind.items() if issubclass(kind, kinds) for at in found]
        nodes = cast(list[_N], [self._free[at] for at in sorted(places)])
        return [n for n in nodes if guard_number(n) is None] if self._guarded else nodes

    @cached_property
    def _by_kind(self) -> dict[type[cst.CSTNode], list[int]]:
        """Where in the list of all nodes outside guards those of each class are."""
        found: dict[type[cst.CSTNode], list[int]] = {}
        for at, node in enumerate(self._free):
            found.setdefault(type(node), []).append(at)
        return found

    def parent(self, node: cst.CSTNode) -> cst.CSTNode:
        """The node that holds this one. The module has none: KeyError."""
        return self.parents[id(node)]

    def above(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """The nodes around this one, inner before outer."""
        current = self.parents.get(id(node))
        while current is not None:
            yield current
            current = self.parents.get(id(current))

    def where(self, node: cst.CSTNode) -> str:
        """The qualified name of the function or class around (or at) the node, "" for the module."""
        around = [node, *self.above(node)]
        names = [n.name.value for n in around if isinstance(n, cst.FunctionDef | cst.ClassDef)]
        return ".".join(reversed(names))

    def function_of(self, node: cst.CSTNode) -> cst.FunctionDef | None:
        """The innermost function whose body holds the node; None in a lambda, a class or a module body."""
        below = node
        for around in self.above(node):
            if isinstance(around, cst.FunctionDef):
                return around if below is around.body else None
            if isinstance(around, cst.Lambda | cst.ClassDef):
                return None
            below = around
        return None

    def scope_of(self, function: cst.CSTNode) -> Scope:
        """The scope that this function, class, lambda or comprehension opens."""
        return self._scopes[id(function)]

    def functions(self) -> list[cst.FunctionDef]:
        """The functions that may be worked on: not opaque, outermost ones that are opaque hide inner ones."""
        return [f for f in self.all(cst.FunctionDef) if not self.opaque(f)]

    def opaque(self, function: cst.FunctionDef) -> bool:
        """Whether the function, or one around it, mentions something that sees how code is written."""
        memo = self.scope_of(function).memo
        if "opaque" not in memo:
            known = any(isinstance(n, cst.Name) and self._sees(n) for n in walk(function))
            outer = next((n for n in self.above(function) if isinstance(n, cst.FunctionDef)), None)
            memo["opaque"] = known or (outer is not None and self.opaque(outer))
        return bool(memo["opaque"])

    def _sees(self, name: cst.Name) -> bool:
        return name.value in OPAQUE or (name.value in OPAQUE_VARIABLES and id(name) in self.refs)

    @cached_property
    def closing(self) -> frozenset[str]:
        """Generator functions with a yield inside try or with, and classes with `__del__`."""
        return frozenset().union(*(piece.closing for piece in self.parsed.pieces))

    @cached_property
    def mentioned(self) -> dict[str, frozenset[str]]:
        """For each function or class by its bare name, every name inside it, its own where it recurs."""
        found: dict[str, frozenset[str]] = {}
        for piece in self.parsed.pieces:
            for name, inside in piece.mentioned.items():
                found[name] = found.get(name, frozenset()) | inside
        return found

    @cached_property
    def bound_names(self) -> frozenset[str]:
        """Every name that some scope of the module binds."""
        return frozenset().union(*(scope.bound for scope in self.top.tree()))

    @cached_property
    def dynamic(self) -> bool:
        """Whether the module may list its own names."""
        known = words(self.text)
        if known & DYNAMIC or (known & LISTING and "modules" in known):
            return True
        listing = [n for n in walk(self.module) if isinstance(n, cst.Name) and n.value in LISTING]
        return any(not any(isinstance(a, cst.FunctionDef) for a in self.above(n)) for n in listing)

    def flow(self, function: cst.FunctionDef) -> Flow:
        """Definite assignment in the function."""
        scope, plain = self.scope_of(function), "open" not in self.top.bound
        key = f"flow {plain}"
        if key not in scope.memo:
            scope.memo[key] = self.flow_of(function, function.body.body, frozenset(scope.params))
        found: Flow = scope.memo[key]
        return found

    def flow_of(self, function: cst.FunctionDef, body: Sequence[cst.CSTNode], start: frozenset[str]) -> Flow:
        """Definite assignment in some statements of the function, with these names bound before."""
        plain = "open" not in self.top.bound
        return Flow(self.scope_of(function), self.refs, body, start, plain_open=plain)

    def blocks(self) -> Iterator[tuple[cst.FunctionDef, Sequence[cst.BaseStatement]]]:
        """(function, statements) of every indented block in a workable function, outside guards."""
        for block in self.all(cst.IndentedBlock):
            function = self.function_of(block)
            if function is not None and not self.opaque(function):
                yield function, block.body

    def is_local(self, name: cst.Name, function: cst.FunctionDef) -> bool:
        """Whether the name, as it stands, is a variable of the function that no other scope rebinds."""
        ref = self.refs.get(id(name))
        scope = self.scope_of(function)
        return (
            ref is not None
            and resolve(name.value, ref.scope) is scope
            and name.value not in scope.globals
            and name.value not in scope.nonlocals
            and not any(name.value in inner.nonlocals for inner in scope.tree() if inner is not scope)
        )

    def uses(self, function: cst.FunctionDef, name: str) -> list[Ref]:
        """Every reference to `name` in the function and the scopes inside it, whatever it resolves to."""
        return [r for s in self.scope_of(function).tree() for r in s.refs if r.node.value == name]

    def captured(self, function: cst.FunctionDef, name: str) -> bool:
        """Whether a scope inside that may run at another time mentions the name."""
        scope = self.scope_of(function)
        return any(ref.scope.function() is not scope for ref in self.uses(function, name))

    def stable(self, name: cst.Name) -> bool:
        """Whether reading the name can neither fail nor find another value later: a built-in that the
        module does not bind, or a module's function, class or import that is bound once."""
        ref = self.refs.get(id(name))
        if ref is None:
            return False
        if resolve(name.value, ref.scope).kind != "module":
            return False
        if name.value not in self.top.bound:
            return self.builtin(name)
        bindings = [
            r for r in self.top.refs if r.node.value == name.value and r.role not in ("read", "declare")
        ]
        once = len(bindings) == 1 and bindings[0].role in ("define", "import")
        return once and not self._declared_global(name.value)

    def builtin(self, name: cst.Name) -> bool:
        """Whether the name surely means the built-in of that name."""
        ref = self.refs.get(id(name))
        if ref is None or name.value not in _BUILTINS or self.star_import:
            return False
        if resolve(name.value, ref.scope).kind != "module" or name.value in self.top.bound:
            return False
        return not self._declared_global(name.value)

    def _declared_global(self, name: str) -> bool:
        return name in self._globals

    @cached_property
    def _globals(self) -> frozenset[str]:
        """The names that some function declares as the module's."""
        return frozenset().union(*(scope.globals for scope in self.top.tree()))

    @cached_property
    def star_import(self) -> bool:
        """Whether the module imports names that cannot be seen."""
        return any(isinstance(n.names, cst.ImportStar) for n in self.all(cst.ImportFrom))

    def replace(self, changes: Mapping[cst.CSTNode, Replacement]) -> cst.Module:
        """The module with some nodes replaced."""
        return rebuild(self.module, self.parents, {id(node): new for node, new in changes.items()})

    def guarded(self, node: cst.CSTNode) -> bool:
        """Whether the node stands inside a guard."""
        return id(node) in self._guarded


_BUILTINS = frozenset(dir(builtins))


@kept(1_000_000)
def view_of(text: str) -> View:
    """The view of a text, kept for the next edit and the next generation."""
    return View(text)


@lru_cache(maxsize=512)
def unreadable(text: str) -> str:
    """Why a file cannot be worked on, or "" when it can."""
    try:
        if not view_of(text).parsed.exact:
            return "not reproduced to the byte by LibCST"
    except (cst.ParserSyntaxError, RecursionError, UnicodeError) as problem:
        return f"not parsed by LibCST: {type(problem).__name__}"
    return "" if compiles(text) else "does not compile"

"""Which scope each name of a module belongs to: one walk that also notes parents and guards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import libcst as cst

from testbed.modifiers.guards import guard_number
from testbed.modifiers.tree import children

ScopeKind = Literal["module", "class", "function", "lambda", "eager", "lazy"]
"""`eager` is a list, set or dict comprehension, which runs where it stands; `lazy` a generator expression."""

Role = Literal["read", "write", "delete", "param", "import", "define", "declare"]


@dataclass(eq=False, slots=True)
class Scope:
    """One scope with what it binds. `owner` is the node that opens it."""

    kind: ScopeKind
    owner: cst.CSTNode
    parent: Scope | None
    bound: set[str] = field(default_factory=set)
    params: list[str] = field(default_factory=list)
    globals: set[str] = field(default_factory=set)
    nonlocals: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    refs: list[Ref] = field(default_factory=list)
    inner: list[Scope] = field(default_factory=list)
    memo: dict[str, Any] = field(default_factory=dict)  # what was found out about a function

    def tree(self) -> Iterator[Scope]:
        """This scope and all scopes inside it."""
        yield self
        for scope in self.inner:
            yield from scope.tree()

    def function(self) -> Scope:
        """The scope that holds the variables of code here; comprehensions that run at once have none."""
        scope = self
        while scope.kind == "eager" and scope.parent is not None:
            scope = scope.parent
        return scope


@dataclass(frozen=True, eq=False, slots=True)
class Ref:
    """A name where it is used. `scope` is the one in which it stands, not the one it resolves to."""

    node: cst.Name
    role: Role
    scope: Scope


def resolve(name: str, scope: Scope) -> Scope:
    """The scope whose variable `name` means in `scope`; the module's where nothing binds it."""
    here: Scope | None = scope
    first = True
    while here is not None and here.parent is not None:
        if name in here.globals:
            break
        if name not in here.nonlocals and name in here.bound and (first or here.kind != "class"):
            return here
        here, first = here.parent, False
    while here is not None and here.parent is not None:
        here = here.parent
    assert here is not None
    return here


class Binder:
    """Fills in parents, scopes, references and guards of one statement of a module, in one walk.

    `module` is the module's scope as far as this statement is concerned. The statement has no parent yet.
    """

    def __init__(self, statement: cst.CSTNode) -> None:
        self.parents: dict[int, cst.CSTNode] = {}
        self.refs: dict[int, Ref] = {}
        self.scopes: dict[int, Scope] = {}  # by the id of the node that opens it
        self.free: list[cst.CSTNode] = []  # nodes outside guards, guards themselves included
        self.guarded: set[int] = set()  # nodes inside guards
        self.module = Scope("module", statement, None)
        self._visit(statement, statement, self.module, False)
        del self.parents[id(statement)]

    def _visit(self, node: cst.CSTNode, parent: cst.CSTNode, scope: Scope, inside: bool) -> None:
        self.parents[id(node)] = parent
        if inside:
            self.guarded.add(id(node))
        else:
            self.free.append(node)
        inside = inside or guard_number(node) is not None
        handler = _HANDLERS.get(type(node))
        if handler is None:
            self._below(node, scope, inside)
        else:
            handler(self, node, scope, inside)

    def _below(self, node: cst.CSTNode, scope: Scope, inside: bool) -> None:
        for _name, child in children(node):
            self._visit(child, node, scope, inside)

    def _part(self, node: cst.CSTNode, names: Sequence[str], scope: Scope, inside: bool) -> None:
        for name in names:
            value = getattr(node, name)
            for item in value if isinstance(value, list | tuple) else (value,):
                if isinstance(item, cst.CSTNode):
                    self._visit(item, node, scope, inside)

    def _skip(self, node: cst.CSTNode, parent: cst.CSTNode, inside: bool) -> None:
        """Notes a node that is no variable: an attribute, a keyword, a dotted module."""
        self.parents[id(node)] = parent
        if inside:
            self.guarded.add(id(node))
        for _name, child in children(node):
            self._skip(child, node, inside)

    def _refer(self, node: cst.Name, role: Role, scope: Scope) -> None:
        ref = Ref(node, role, scope)
        self.refs[id(node)] = ref
        scope.refs.append(ref)
        if role in ("write", "delete", "param", "import", "define"):
            home = scope
            scope.bound.add(node.value)
            if role == "delete":
                home.deleted.add(node.value)

    def name(self, node: cst.CSTNode, scope: Scope, inside: bool) -> None:
        """A name that is read."""
        assert isinstance(node, cst.Name)
        self._refer(node, "read", scope)

    def _target(
        self, node: cst.CSTNode, parent: cst.CSTNode, scope: Scope, inside: bool, role: Role = "write"
    ) -> None:
        """A place that is bound: names in it are written, anything else in it is read."""
        if isinstance(node, cst.Name):
            self.parents[id(node)] = parent
            (self.guarded.add(id(node)) if inside else self.free.append(node))
            self._refer(node, role, scope)
        elif isinstance(node, cst.Tuple | cst.List | cst.Element | cst.StarredElement):
            self.parents[id(node)] = parent
            (self.guarded.add(id(node)) if inside else self.free.append(node))
            for _name, child in children(node):
                self._target(child, node, scope, inside, role)
        else:
            self._visit(node, parent, scope, inside)

    def _open(self, kind: ScopeKind, node: cst.CSTNode, parent: Scope) -> Scope:
        scope = Scope(kind, node, parent)
        parent.inner.append(scope)
        self.scopes[id(node)] = scope
        return scope

    def attribute(self, node: cst.CSTNode, scope: Scope, inside: bool) -> None:
        """`value.attr`: only the value holds variables."""
        assert isinstance(node, cst.Attribute)
        self._visit(node.value, node, scope, inside)
        self._skip(node.attr, node, inside)

    def argument(self, node: cst.CSTNode, scope: Scope, inside: bool) -> None:
        """An argument of a call, or a base of a class."""
        assert isinstance(node, cst.Arg)
        if node.keyword is not None:
            self._skip(node.keyword, node, inside)
        self._visit(node.value, node, scope, inside)

    def target_first(self, node: cst.CSTNode, scope: Scope, inside: bool) -> None:
        """Nodes whose `target` is bound, and whose other parts are read."""
        target = node.target  # type: ignore[attr-defined]
        role: Role = "delete" if isinstance(node, cst.Del) else "write"
        walrus = isinstance(node, cst.NamedExpr)
        home = scope
        while walrus and home.kind in ("eager", "lazy") and home.parent is not None:
            home = home.parent
        if walrus and home is not scope and isinstance(target, cst.Name):
            home.bound.add(target.value)
            self.parents[id(target)] = node
            ref = Ref(target, "write", scope)
            self.refs[id(target)] = ref
            scope.refs.append(ref)
        else:
            self._target(target, node, home, inside, role)
        for name, child in children(node):
            if name != "target":
                self._visit(child, node, scope, inside)

    def as_name(self, node: cst.CSTNode, scope: Scope, inside: bool) -> None:
        """`as name` of a with item or an except clause."""
        assert isinstance(node, cst.AsName)
        self._target(node.name, node, scope, inside)

    def declaration(self, node: cst.CSTNode, scope: Scope, inside: bool) -> None:
        """`global` and `nonlocal`."""
        assert isinstance(node, cst.Global | cst.Nonlocal)
        names = scope.globals if isinstance(node, cst.Global) else scope.nonlocals
        for item in node.names:
            self._skip(item, node, inside)
            names.add(item.name.value)
            self._refer(item.name, "declare", scope)

    def imported(self, node: cst.CSTNode, scope: Scope, inside: bool) -> None:
        """`import` and `from ... import`."""
        assert isinstance(node, cst.Import | cst.ImportFrom)
        for _name, child in children(node):
            self._skip(child, node, inside)
        if isinstance(node.names, cst.ImportStar):
            return
        for alias in node.names:
            name: cst.CSTNode = alias.asname.name if alias.asname is not None else alias.name
            while isinstance(name, cst.Attribute):
                name = name.value
            if isinstance(name, cst.Name):
                self._refer(name, "import", scope)

    def function(self, node: cst.CSTNode, scope: Scope, inside: bool) -> None:
        """A function: decorators, defaults and annotations belong to the scope around it."""
        assert isinstance(node, cst.FunctionDef)
        self._target(node.name, node, scope, inside, "define")
        self._part(node, ("decorators", "returns"), scope, inside)
        own = self._open("function", node, scope)
        self._part(node, ("type_parameters",), own, inside)
        self._parameters(node.params, node, own, scope, inside)
        self._visit(node.body, node, own, inside)

    def lambda_(self, node: cst.CSTNode, scope: Scope, inside: bool) -> None:
        """A lambda expression."""
        assert isinstance(node, cst.Lambda)
        own = self._open("lambda", node, scope)
        self._parameters(node.params, node, own, scope, inside)
        self._visit(node.body, node, own, inside)

    def _parameters(
        self, params: cst.Parameters, parent: cst.CSTNode, own: Scope, outer: Scope, inside: bool
    ) -> None:
        self.parents[id(params)] = parent
        for param in parameters(params):
            self.parents[id(param)] = params
            self.parents[id(param.name)] = param
            self._refer(param.name, "param", own)
            own.params.append(param.name.value)
            self._part(param, ("annotation", "default"), outer, inside)

    def class_(self, node: cst.CSTNode, scope: Scope, inside: bool) -> None:
        """A class: its bases and decorators belong to the scope around it."""
        assert isinstance(node, cst.ClassDef)
        self._target(node.name, node, scope, inside, "define")
        self._part(node, ("decorators", "bases", "keywords"), scope, inside)
        own = self._open("class", node, scope)
        self._part(node, ("type_parameters", "body"), own, inside)

    def comprehension(self, node: cst.CSTNode, scope: Scope, inside: bool) -> None:
        """A comprehension: its first iterable is evaluated in the scope around it."""
        loop: cst.CompFor = node.for_in  # type: ignore[attr-defined]
        own = self._open("lazy" if isinstance(node, cst.GeneratorExp) else "eager", node, scope)
        clause: cst.CompFor | None = loop
        above: cst.CSTNode = node
        while clause is not None:
            self.parents[id(clause)] = above
            self._visit(clause.iter, clause, scope if clause is loop else own, inside)
            self._target(clause.target, clause, own, inside)
            self._part(clause, ("ifs",), own, inside)
            above, clause = clause, clause.inner_for_in
        for name, child in children(node):
            if name != "for_in":
                self._visit(child, node, own, inside)

    def pattern_name(self, node: cst.CSTNode, scope: Scope, inside: bool) -> None:
        """Patterns that bind a name."""
        bound = node.rest if isinstance(node, cst.MatchMapping) else node.name  # type: ignore[attr-defined]
        for name, child in children(node):
            if name not in ("name", "rest"):
                self._visit(child, node, scope, inside)
        if isinstance(bound, cst.Name):
            self._target(bound, node, scope, inside)

    def keyword_pattern(self, node: cst.CSTNode, scope: Scope, inside: bool) -> None:
        """`attribute=pattern` in a class pattern."""
        assert isinstance(node, cst.MatchKeywordElement)
        self._skip(node.key, node, inside)
        self._visit(node.pattern, node, scope, inside)

    def assignment(self, node: cst.CSTNode, scope: Scope, inside: bool) -> None:
        """`targets = value`."""
        assert isinstance(node, cst.Assign)
        for item in node.targets:
            self.parents[id(item)] = node
            self._target(item.target, item, scope, inside)
        self._visit(node.value, node, scope, inside)


def parameters(params: cst.Parameters) -> list[cst.Param]:
    """All parameters of a function, those with stars included."""
    stars = [p for p in (params.star_arg, params.star_kwarg) if isinstance(p, cst.Param)]
    return [*params.posonly_params, *params.params, *params.kwonly_params, *stars]


_HANDLERS = {
    cst.Name: Binder.name,
    cst.Attribute: Binder.attribute,
    cst.Arg: Binder.argument,
    cst.AugAssign: Binder.target_first,
    cst.AnnAssign: Binder.target_first,
    cst.For: Binder.target_first,
    cst.Del: Binder.target_first,
    cst.NamedExpr: Binder.target_first,
    cst.AsName: Binder.as_name,
    cst.Global: Binder.declaration,
    cst.Nonlocal: Binder.declaration,
    cst.Import: Binder.imported,
    cst.ImportFrom: Binder.imported,
    cst.FunctionDef: Binder.function,
    cst.Lambda: Binder.lambda_,
    cst.ClassDef: Binder.class_,
    cst.ListComp: Binder.comprehension,
    cst.SetComp: Binder.comprehension,
    cst.DictComp: Binder.comprehension,
    cst.GeneratorExp: Binder.comprehension,
    cst.MatchAs: Binder.pattern_name,
    cst.MatchStar: Binder.pattern_name,
    cst.MatchMapping: Binder.pattern_name,
    cst.MatchKeywordElement: Binder.keyword_pattern,
    cst.Assign: Binder.assignment,
}

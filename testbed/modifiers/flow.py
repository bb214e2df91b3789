"""Definite assignment: which variables are surely bound where a statement starts or a name is read.

Both versions of a guard count as ways through the code, so an assignment that only one version makes
is no sure one. What the analysis cannot follow (a deleted name, a `with` that may swallow an
exception) is taken as not bound.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import libcst as cst

from testbed.modifiers.scopes import Ref, Scope, resolve
from testbed.modifiers.tree import children, walk

State = frozenset[str] | None
"""Names surely bound; None where control never comes."""


def meet(first: State, second: State) -> State:
    """What is sure on both ways."""
    if first is None:
        return second
    return first if second is None else first & second


class Flow:
    """The analysis of one function, or of some statements of it from a given state on.

    `entry` maps the id of a statement to the state in which it starts; `sure` holds the ids of names
    that are surely bound when they are read; `end` is the state after the last statement.
    `plain_open` says that the module's `open` is the built-in.
    """

    def __init__(
        self,
        scope: Scope,
        refs: Mapping[int, Ref],
        body: Iterable[cst.CSTNode],
        start: frozenset[str],
        *,
        plain_open: bool,
    ) -> None:
        self.scope = scope
        self.refs = refs
        self.plain_open = plain_open
        self.unsure = scope.deleted | _caught(scope) | _shared(scope)
        self.entry: dict[int, State] = {}
        self.sure: set[int] = set()
        self.breaks: list[State] = []
        self.end = self._block(body, start - self.unsure)

    def _block(self, body: Iterable[cst.CSTNode], state: State) -> State:
        for statement in body:
            self.entry[id(statement)] = state
            state = self._statement(statement, state)
        return state

    def _suite(self, suite: cst.BaseSuite, state: State) -> State:
        return self._block(suite.body, state)

    def _statement(self, node: cst.CSTNode, state: State) -> State:
        if isinstance(node, cst.SimpleStatementLine):
            return self._block(node.body, state)
        if isinstance(node, cst.If):
            return self._if(node, state)
        if isinstance(node, cst.For | cst.While):
            return self._loop(node, state)
        if isinstance(node, cst.Try | cst.TryStar):
            return self._try(node, state)
        if isinstance(node, cst.With):
            return self._with(node, state)
        if isinstance(node, cst.Match):
            return self._match(node, state)
        return self._simple(node, state)

    def _simple(self, node: cst.CSTNode, state: State) -> State:
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            self._reads(node, state)
            return self._bind([node.name], state)
        self._reads(node, state)
        if isinstance(node, cst.Return | cst.Raise | cst.Continue):
            return None
        if isinstance(node, cst.Break):
            return None
        if isinstance(node, cst.Assign):
            return self._bind([target.target for target in node.targets], state)
        if isinstance(node, cst.AugAssign) or (isinstance(node, cst.AnnAssign) and node.value is not None):
            return self._bind([node.target], state)
        if isinstance(node, cst.Import | cst.ImportFrom):
            return self._bind([node], state)
        return state

    def _if(self, node: cst.If, state: State) -> State:
        self._reads(node.test, state)
        then = self._suite(node.body, state)
        other = state
        if isinstance(node.orelse, cst.If):
            self.entry[id(node.orelse)] = state
            other = self._if(node.orelse, state)
        elif node.orelse is not None:
            other = self._suite(node.orelse.body, state)
        return meet(then, other)

    def _loop(self, node: cst.For | cst.While, state: State) -> State:
        if isinstance(node, cst.For):
            self._reads(node.iter, state)
            self._reads(node.target, state)
            inside = self._bind([node.target], state)
        else:
            self._reads(node.test, state)
            inside = state
        self._suite(node.body, inside)
        if node.orelse is not None:
            self._suite(node.orelse.body, state)
        return state

    def _try(self, node: cst.Try | cst.TryStar, state: State) -> State:
        done = self._suite(node.body, state)
        if node.orelse is not None:
            done = self._suite(node.orelse.body, done)
        for handler in node.handlers:
            if handler.type is not None:
                self._reads(handler.type, state)
            done = meet(done, self._suite(handler.body, state))
        if node.finalbody is None:
            return done
        last = self._suite(node.finalbody.body, state)
        return None if done is None or last is None else done | last

    def _with(self, node: cst.With, state: State) -> State:
        after = state
        for item in node.items:
            self._reads(item.item, after)
            if item.asname is not None:
                self._reads(item.asname.name, after)
                after = self._bind([item.asname.name], after)
        done = self._suite(node.body, after)
        return done if all(self._surely_passes_on(item.item) for item in node.items) else state

    def _match(self, node: cst.Match, state: State) -> State:
        self._reads(node.subject, state)
        for case in node.cases:
            if case.guard is not None:
                self._reads(case.guard, state)
            self._suite(case.body, state)
        return state

    def _reads(self, node: cst.CSTNode, state: State) -> None:
        for found in walk(node):
            ref = self.refs.get(id(found))
            if ref is None or ref.role not in ("read", "write") or ref.scope.function() is not self.scope:
                continue
            name = ref.node.value
            if state is None or (name in state and resolve(name, ref.scope) is self.scope):
                self.sure.add(id(found))

    def _bind(self, targets: Sequence[cst.CSTNode], state: State) -> State:
        if state is None:
            return None
        names = {n for target in targets for n in self._bound_in(target)}
        return state | (names - self.unsure)

    def _bound_in(self, target: cst.CSTNode) -> list[str]:
        roles = ("write", "import", "define")
        stack, found = [target], []
        while stack:
            node = stack.pop()
            ref = self.refs.get(id(node))
            if ref is not None and ref.role in roles and ref.scope is self.scope:
                found.append(ref.node.value)
            if isinstance(target, cst.Import) or not isinstance(node, cst.Attribute | cst.Subscript):
                stack.extend(child for _name, child in children(node))
        return found

    def _surely_passes_on(self, item: cst.BaseExpression) -> bool:
        """Whether this context manager surely swallows no exception: only `open(...)` is known not to."""
        if not isinstance(item, cst.Call) or not isinstance(item.func, cst.Name) or item.func.value != "open":
            return False
        return self.plain_open and resolve("open", self.scope).kind == "module"


def _shared(scope: Scope) -> set[str]:
    """Names that a function inside can rebind or delete."""
    return {name for inner in scope.tree() if inner is not scope for name in inner.nonlocals}


def _caught(scope: Scope) -> set[str]:
    """Names of `except ... as name`, which are deleted when the clause ends."""
    names: set[str] = set()
    for node in walk(scope.owner):
        if isinstance(node, cst.ExceptHandler | cst.ExceptStarHandler) and node.name is not None:
            inner = node.name.name
            if isinstance(inner, cst.Name):
                names.add(inner.value)
    return names

"""Classes to which a private method can be added without anyone noticing."""

from __future__ import annotations

import builtins

import libcst as cst

from testbed.modifiers.scopes import parameters, resolve
from testbed.modifiers.view import View

_HARMLESS_DECORATORS = ("dataclass", "total_ordering", "final")
_WATCHFUL = ("__getattribute__", "__init_subclass__", "__set_name__", "__class_getitem__")


def owner(view: View, method: cst.FunctionDef) -> cst.ClassDef | None:
    """The top-level class in whose body the method stands, undecorated or a property."""
    block = view.parent(method)
    holder = view.parent(block) if isinstance(block, cst.IndentedBlock) else None
    if not isinstance(holder, cst.ClassDef) or not isinstance(view.parent(holder), cst.Module):
        return None
    return holder


def receiver(view: View, method: cst.FunctionDef) -> str | None:
    """`self` when that is surely the instance in this method: bound once, not static, no class method."""
    names = [_decorator(d) for d in method.decorators]
    if any(name not in ("property", "setter", "override", "abstractmethod") for name in names):
        return None
    params = [*method.params.posonly_params, *method.params.params]
    if not params or params[0].default is not None or params[0].name.value != "self":
        return None
    if method.name.value in ("__new__", "__init_subclass__", "__class_getitem__"):
        return None
    refs = view.uses(method, "self")
    bound_once = all(ref.role in ("read", "param") for ref in refs)
    return (
        "self" if bound_once and sum(p.name.value == "self" for p in parameters(method.params)) == 1 else None
    )


def extendable(view: View, node: cst.ClassDef, seen: tuple[str, ...] = ()) -> bool:
    """Whether a further private method changes nothing: no metaclass, no decorator or base that looks
    at the members, no attribute access of its own."""
    if node.keywords or node.name.value in seen:
        return False
    if any(_decorator(d) not in _HARMLESS_DECORATORS for d in node.decorators):
        return False
    body = node.body.body
    if any(isinstance(item, cst.FunctionDef) and item.name.value in _WATCHFUL for item in body):
        return False
    return all(_harmless(view, base, (*seen, node.name.value)) for base in node.bases)


def _harmless(view: View, base: cst.Arg, seen: tuple[str, ...]) -> bool:
    value = base.value
    if base.star or not isinstance(value, cst.Name):
        return False
    if view.builtin(value):
        known = getattr(builtins, value.value)
        return known is object or (isinstance(known, type) and issubclass(known, BaseException))
    if resolve(value.value, view.refs[id(value)].scope).kind != "module" or not view.stable(value):
        return False
    found = [n for n in view.module.body if isinstance(n, cst.ClassDef) and n.name.value == value.value]
    return len(found) == 1 and extendable(view, found[0], seen)


def _decorator(decorator: cst.Decorator) -> str:
    """The last name of a decorator, called or not."""
    node = decorator.decorator
    node = node.func if isinstance(node, cst.Call) else node
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else ""

"""Values that say in which function they were made: functions inside it, classes, generators.

`repr`, error messages and pickles show the qualified name, so that one made by a copy can be told from
one made by the original.
"""

from __future__ import annotations

import libcst as cst

from testbed.modifiers.tree import contains, walk
from testbed.modifiers.view import View

_INNER = (cst.FunctionDef, cst.ClassDef, cst.Lambda)
_SUSPENDED = (cst.Yield, cst.Await)
_USED_UP = frozenset(
    ["all", "any", "dict", "frozenset", "list", "max", "min", "set", "sorted", "sum", "tuple"]
)
"""Built-ins that take every item, or as many as they need, and keep nothing of where they came from."""


def tells_its_maker(view: View, function: cst.FunctionDef) -> bool:
    """Whether a call may give something that names the function, other than the generator it may be."""
    if contains(function.body, _INNER):
        return True
    generators = [node for node in walk(function.body) if isinstance(node, cst.GeneratorExp)]
    return not all(used_up(view, node) for node in generators)


def suspended(function: cst.FunctionDef) -> bool:
    """Whether a call of the function gives a generator."""
    return contains(function.body, _SUSPENDED)


def used_up(view: View, node: cst.BaseExpression) -> bool:
    """Whether what the expression gives is gone through at once, and nothing else is done with it."""
    above = view.parents.get(id(node))
    if isinstance(above, cst.For | cst.CompFor):
        return above.iter is node and not isinstance(view.parents.get(id(above)), cst.GeneratorExp)
    if isinstance(above, cst.From):
        return above.item is node
    if not isinstance(above, cst.Arg) or above.star:
        return False
    call = view.parents.get(id(above))
    if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Name):
        return False
    return call.args[0] is above and call.func.value in _USED_UP and view.builtin(call.func)

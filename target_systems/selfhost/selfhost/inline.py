"""Small functions put in the place of their calls."""

import ast
import copy
from typing import Any

from selfhost.names import bound, has_scope, is_plain, loads, parameters, walk
from selfhost.printer import kind

LARGEST = 12


def inline(tree: Any) -> Any:
    """The tree with calls of its small private functions replaced by what they return."""
    small = {node.name: node for node in tree.body if is_small(node, tree)}
    for node in ast.walk(tree):
        if kind(node) == "FunctionDef" and node.name not in small and is_plain(node):
            Calls(small, node).visit(node)
    return tree


def is_small(node: Any, tree: Any) -> bool:
    """Whether a function can be put in the place of its calls."""
    if kind(node) != "FunctionDef" or not node.name.startswith("_") or node.name.startswith("__"):
        return False
    body = [each for each in node.body if not is_doc(each)]
    if node.decorator_list or len(body) != 1 or kind(body[0]) != "Return" or body[0].value is None:
        return False
    args = node.args
    if args.defaults or args.kwonlyargs or args.vararg or args.kwarg or args.posonlyargs:
        return False
    size = len(walk(body))
    once = bound(tree.body).count(node.name) == 1
    return once and size <= LARGEST and not has_scope(body) and not loads(body, node.name)


def is_doc(node: Any) -> bool:
    """Whether it is a lone constant."""
    return kind(node) == "Expr" and kind(node.value) == "Constant"


class Calls(ast.NodeTransformer):
    """Replaces calls in one function."""

    def __init__(self, small: dict[str, Any], function: Any) -> None:
        self.small = small
        self.own = bound(function.body) + parameters(function)

    def visit_Call(self, node: Any) -> Any:
        """What the function returns, for plain arguments."""
        self.generic_visit(node)
        if kind(node.func) != "Name" or node.func.id not in self.small or node.func.id in self.own:
            return node
        function = self.small[node.func.id]
        names = parameters(function)
        if node.keywords or len(node.args) != len(names):
            return node
        if not all([kind(each) == "Constant" or self.is_own(each) for each in node.args]):
            return node
        value = [each for each in function.body if not is_doc(each)][0].value
        free = [each.id for each in ast.walk(value) if kind(each) == "Name" and each.id not in names]
        if any([name in self.own for name in free]):
            return node
        return Put(dict(zip(names, node.args))).visit(copy.deepcopy(value))

    def is_own(self, node: Any) -> bool:
        """Whether it is a variable of the function."""
        return kind(node) == "Name" and node.id in self.own


class Put(ast.NodeTransformer):
    """Puts arguments in the place of parameters."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values

    def visit_Name(self, node: Any) -> Any:
        """The argument, where it is a parameter."""
        if node.id in self.values:
            return copy.deepcopy(self.values[node.id])
        return node

"""What a piece of code reads, binds, and might do."""

import ast
from typing import Any

from selfhost.printer import kind

ENDS = ("Return", "Raise", "Break", "Continue")
SCOPES = ("FunctionDef", "ClassDef", "Lambda", "ListComp", "SetComp", "DictComp", "GeneratorExp")
STRANGE = (
    "Global",
    "Nonlocal",
    "Yield",
    "YieldFrom",
    "Await",
    "NamedExpr",
    "AsyncFunctionDef",
    "Try",
    "With",
)


def walk(nodes: list[Any]) -> list[Any]:
    """All nodes below several statements, the statements too."""
    out: list[Any] = []
    for node in nodes:
        out.extend(ast.walk(node))
    return out


def loads(nodes: list[Any], name: str) -> int:
    """How often a variable is read or deleted."""
    count = 0
    for node in walk(nodes):
        if kind(node) == "Name" and node.id == name and kind(node.ctx) != "Store":
            count = count + 1
        elif kind(node) == "AugAssign" and kind(node.target) == "Name" and node.target.id == name:
            count = count + 1
    return count


def stores(nodes: list[Any], name: str) -> int:
    """How often a variable is bound."""
    return bound(nodes).count(name)


def bound(nodes: list[Any]) -> list[str]:
    """Every name that is bound, as often as it is."""
    out: list[str] = []
    for node in walk(nodes):
        name = kind(node)
        if name == "Name" and kind(node.ctx) == "Store":
            out.append(node.id)
        elif name in ("FunctionDef", "ClassDef"):
            out.append(node.name)
        elif name == "ExceptHandler" and node.name is not None:
            out.append(node.name)
        elif name == "alias":
            out.append((node.asname or node.name).split(".")[0])
    return out


def has_scope(nodes: list[Any]) -> bool:
    """Whether something inside has variables of its own."""
    return any([kind(node) in SCOPES for node in walk(nodes)])


def is_plain(function: Any) -> bool:
    """Whether the function has nothing that makes its variables or its flow hard to follow."""
    inside = walk(function.body)
    if any([kind(node) in STRANGE for node in inside]):
        return False
    called = [node.id for node in inside if kind(node) == "Name"]
    return not any([name in ("locals", "vars", "eval", "exec", "dir", "globals") for name in called])


def parameters(function: Any) -> list[str]:
    """The names of the parameters."""
    args = function.args
    out = [each.arg for each in args.args + args.kwonlyargs]
    if args.vararg is not None:
        out.append(args.vararg.arg)
    if args.kwarg is not None:
        out.append(args.kwarg.arg)
    return out


def is_still(node: Any, safe: list[str]) -> bool:
    """Whether evaluating it neither fails nor does anything: constants, variables that are surely bound."""
    name = kind(node)
    if name == "Constant":
        return True
    if name == "Name":
        return node.id in safe
    if name in ("Tuple", "List"):
        return all([is_still(each, safe) for each in node.elts])
    return False


def is_truth(node: Any) -> bool:
    """Whether the value is surely True or False."""
    name = kind(node)
    if name == "Constant":
        return node.value is True or node.value is False
    if name == "UnaryOp":
        return kind(node.op) == "Not"
    if name == "Compare":
        return len(node.ops) == 1 and kind(node.ops[0]) in ("Is", "IsNot", "In", "NotIn")
    if name == "BoolOp":
        return all([is_truth(each) for each in node.values])
    return name == "Call" and kind(node.func) == "Name" and node.func.id in ("isinstance", "callable", "bool")


def is_whole(node: Any) -> bool:
    """Whether the value is surely a whole number, and evaluating it again gives the same, fast."""
    name = kind(node)
    if name == "Constant":
        return type(node.value) is int
    if name == "BinOp":
        return kind(node.op) in ("Add", "Sub", "Mult") and is_whole(node.left) and is_whole(node.right)
    return name == "Call" and is_length(node)


def is_length(node: Any) -> bool:
    """Whether it is len of a variable."""
    if kind(node.func) != "Name" or node.func.id != "len" or len(node.args) != 1 or node.keywords:
        return False
    return kind(node.args[0]) == "Name"


def same(first: Any, second: Any) -> bool:
    """Whether two trees are the same program."""
    return ast.dump(first) == ast.dump(second)

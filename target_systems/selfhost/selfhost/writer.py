"""Statements as lines."""

from typing import Any

from selfhost.errors import Unsupported
from selfhost.printer import BINARY, TERNARY, expression, kind, target

UNIT = "    "


def module(tree: Any) -> str:
    """The text of a whole module: definitions apart, the rest together."""
    lines: list[str] = []
    before = ""
    for node in tree.body:
        name = kind(node)
        apart = name in ("FunctionDef", "ClassDef") or before in ("FunctionDef", "ClassDef")
        if lines and apart:
            lines.extend(["", ""])
        elif lines and before != name:
            lines.append("")
        lines.extend(statement(node, ""))
        before = name
    return "".join([line + "\n" for line in lines])


def block(nodes: list[Any], indent: str) -> list[str]:
    """The lines of several statements; of none, a pass."""
    if not nodes:
        return [indent + "pass"]
    out: list[str] = []
    for place, node in enumerate(nodes):
        if place and kind(node) == "FunctionDef":
            out.append("")
        out.extend(statement(node, indent))
    return out


def statement(node: Any, indent: str) -> list[str]:
    """The lines of one statement."""
    name = kind(node)
    if name == "FunctionDef":
        return function(node, indent)
    if name == "ClassDef":
        return class_(node, indent)
    if name == "If":
        return if_(node, indent, "if ")
    if name == "For":
        head = indent + "for " + target(node.target) + " in " + expression(node.iter) + ":"
        return [head, *block(node.body, indent + UNIT), *otherwise(node.orelse, indent)]
    if name == "While":
        head = indent + "while " + expression(node.test) + ":"
        return [head, *block(node.body, indent + UNIT), *otherwise(node.orelse, indent)]
    if name == "Try":
        return try_(node, indent)
    if name == "With":
        items = [with_item(item) for item in node.items]
        return [indent + "with " + ", ".join(items) + ":", *block(node.body, indent + UNIT)]
    return [indent + line for line in simple(node).split("\n")]


def otherwise(nodes: list[Any], indent: str) -> list[str]:
    """The else of a loop."""
    if not nodes:
        return []
    return [indent + "else:", *block(nodes, indent + UNIT)]


def if_(node: Any, indent: str, word: str) -> list[str]:
    """An if with its elifs and its else."""
    out = [indent + word + expression(node.test) + ":", *block(node.body, indent + UNIT)]
    if len(node.orelse) == 1 and kind(node.orelse[0]) == "If":
        return out + if_(node.orelse[0], indent, "elif ")
    return out + otherwise(node.orelse, indent)


def try_(node: Any, indent: str) -> list[str]:
    """A try with its handlers."""
    out = [indent + "try:", *block(node.body, indent + UNIT)]
    for handler in node.handlers:
        head = "except"
        if handler.type is not None:
            head = head + " " + expression(handler.type)
        if handler.name is not None:
            head = head + " as " + handler.name
        out.extend([indent + head + ":", *block(handler.body, indent + UNIT)])
    out.extend(otherwise(node.orelse, indent))
    if node.finalbody:
        out.extend([indent + "finally:", *block(node.finalbody, indent + UNIT)])
    return out


def with_item(item: Any) -> str:
    """One context manager."""
    text = expression(item.context_expr, TERNARY)
    if item.optional_vars is not None:
        text = text + " as " + expression(item.optional_vars)
    return text


def function(node: Any, indent: str) -> list[str]:
    """A function with its decorators and its docstring."""
    out = [indent + "@" + expression(each) for each in node.decorator_list]
    head = indent + "def " + node.name + "(" + ", ".join(parameters(node.args)) + ")"
    if node.returns is not None:
        head = head + " -> " + expression(node.returns)
    return [*out, head + ":", *documented(node.body, indent + UNIT)]


def class_(node: Any, indent: str) -> list[str]:
    """A class with its decorators, its bases and its docstring."""
    out = [indent + "@" + expression(each) for each in node.decorator_list]
    bases = [expression(base, TERNARY) for base in node.bases]
    for word in node.keywords:
        bases.append(str(word.arg) + "=" + expression(word.value, TERNARY))
    head = indent + "class " + node.name
    if bases:
        head = head + "(" + ", ".join(bases) + ")"
    return [*out, head + ":", *documented(node.body, indent + UNIT)]


def documented(nodes: list[Any], indent: str) -> list[str]:
    """A body that may begin with a docstring."""
    if not nodes or not is_text(nodes[0]):
        return block(nodes, indent)
    text = nodes[0].value.value
    if "\\" in text or '"""' in text or text.endswith('"') or "\n" in text or not text.isprintable():
        return block(nodes, indent)
    first = indent + '"""' + text + '"""'
    if len(nodes) == 1:
        return [first]
    return [first, *block(nodes[1:], indent)]


def is_text(node: Any) -> bool:
    """Whether a statement is a lone text."""
    return kind(node) == "Expr" and kind(node.value) == "Constant" and isinstance(node.value.value, str)


def parameters(args: Any) -> list[str]:
    """The parameters of a function. Raises Unsupported for positional-only ones."""
    if args.posonlyargs:
        raise Unsupported("a parameter that is positional only", args.posonlyargs[0].lineno)
    out: list[str] = []
    plain = len(args.args) - len(args.defaults)
    for place, each in enumerate(args.args):
        if place < plain:
            out.append(parameter(each))
        else:
            out.append(with_default(each, args.defaults[place - plain]))
    if args.vararg is not None:
        out.append("*" + parameter(args.vararg))
    elif args.kwonlyargs:
        out.append("*")
    for each, default in zip(args.kwonlyargs, args.kw_defaults):
        if default is None:
            out.append(parameter(each))
        else:
            out.append(with_default(each, default))
    if args.kwarg is not None:
        out.append("**" + parameter(args.kwarg))
    return out


def parameter(each: Any) -> str:
    """One parameter with its annotation."""
    if each.annotation is None:
        return each.arg
    return each.arg + ": " + expression(each.annotation)


def with_default(each: Any, default: Any) -> str:
    """A parameter with a default, spaced as is usual."""
    value = expression(default, TERNARY)
    if each.annotation is None:
        return each.arg + "=" + value
    return parameter(each) + " = " + value


def simple(node: Any) -> str:
    """A statement of one line."""
    name = kind(node)
    if name == "Expr":
        return several(node.value)
    if name == "Assign":
        return "".join([target(each) + " = " for each in node.targets]) + several(node.value)
    if name == "AugAssign":
        return expression(node.target) + " " + BINARY[kind(node.op)][0] + "= " + several(node.value)
    if name == "AnnAssign":
        text = expression(node.target) + ": " + expression(node.annotation)
        if node.value is None:
            return text
        return text + " = " + several(node.value)
    if name == "Return":
        if node.value is None:
            return "return"
        return "return " + several(node.value)
    if name == "Raise":
        return raise_(node)
    if name == "Assert":
        return assert_(node)
    if name == "Delete":
        return "del " + ", ".join([expression(each) for each in node.targets])
    if name in ("Pass", "Break", "Continue"):
        return name.lower()
    if name in ("Import", "ImportFrom"):
        return import_(node)
    raise Unsupported("a statement of kind " + name, node.lineno)


def several(node: Any) -> str:
    """An expression that stands alone: a tuple of several needs no parentheses."""
    if kind(node) == "Tuple" and len(node.elts) > 1 and not has_star(node):
        return target(node)
    return expression(node)


def has_star(node: Any) -> bool:
    """Whether one of the values is starred."""
    return any([kind(each) == "Starred" for each in node.elts])


def raise_(node: Any) -> str:
    """A raise with its cause."""
    text = "raise"
    if node.exc is not None:
        text = text + " " + expression(node.exc)
    if node.cause is not None:
        text = text + " from " + expression(node.cause)
    return text


def assert_(node: Any) -> str:
    """An assert with its message."""
    text = "assert " + expression(node.test, TERNARY)
    if node.msg is not None:
        text = text + ", " + expression(node.msg, TERNARY)
    return text


def import_(node: Any) -> str:
    """An import."""
    names = ", ".join([named(each) for each in node.names])
    if kind(node) == "Import":
        return "import " + names
    return "from " + "." * node.level + (node.module or "") + " import " + names


def named(each: Any) -> str:
    """An imported name with its other name."""
    if each.asname is None:
        return each.name
    return each.name + " as " + each.asname

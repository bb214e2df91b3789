"""Well-typed programs, for Hypothesis, and short names for constants."""

from functools import partial

from hypothesis import strategies as st
from tinylang.nodes import (
    Assign,
    Binary,
    Call,
    Constant,
    Do,
    Function,
    If,
    Let,
    Name,
    Print,
    Program,
    Return,
    Unary,
    While,
)

Int = partial(Constant, "int")
Bool = partial(Constant, "bool")
Str = partial(Constant, "str")

KINDS = ("int", "bool", "str")
LEAVES = {
    "int": st.integers(min_value=0, max_value=2**40).map(Int) | st.integers(0, 3).map(Int),
    "bool": st.booleans().map(Bool),
    "str": st.text(alphabet='ab"\\\n ', max_size=3).map(Str),
}
OPERATORS = {
    "int": [("+", "int"), ("-", "int"), ("*", "int"), ("/", "int"), ("%", "int")],
    "bool": [(op, kind) for op in ("<", "<=", ">", ">=", "==", "!=") for kind in ("int", "str")]
    + [("and", "bool"), ("or", "bool"), ("==", "bool"), ("!=", "bool")],
    "str": [("+", "str")],
}
CALLS = {
    "int": [("len", ("str",)), ("abs", ("int",)), ("max", ("int", "int")), ("min", ("int", "int"))],
    "str": [("text", ("int",)), ("cut", ("str", "int", "int"))],
    "bool": [],
}
HELPERS = {"int": "fi", "bool": "fb", "str": "fs"}


@st.composite
def expressions(draw, kind, scope, depth=3, helpers=()):
    """An expression of this type over the variables in scope (name -> type)."""
    names = sorted(name for name, other in scope.items() if other == kind)
    choices = ["leaf", "leaf", *(["name"] * (2 * bool(names)))]
    if depth:
        choices += ["binary", "binary", "unary", "call"]
    choice = draw(st.sampled_from(choices))
    if choice == "name":
        return Name(draw(st.sampled_from(names)))
    if choice == "binary":
        op, inner = draw(st.sampled_from(OPERATORS[kind]))
        left = draw(expressions(inner, scope, depth - 1, helpers))
        return Binary(op, left, draw(expressions(inner, scope, depth - 1, helpers)))
    if choice == "unary" and kind != "str":
        op = "not" if kind == "bool" else "-"
        return Unary(op, draw(expressions(kind, scope, depth - 1, helpers)))
    if choice == "call":
        calls = CALLS[kind] + ([(HELPERS[kind], ("int", kind))] if HELPERS[kind] in helpers else [])
        if calls:
            name, kinds = draw(st.sampled_from(calls))
            return Call(name, tuple(draw(expressions(k, scope, depth - 1, helpers)) for k in kinds))
    return draw(LEAVES[kind])


@st.composite
def blocks(draw, scope, result=None, depth=2, helpers=(), most=4):
    """Statements that see `scope`; in a function the last one returns a value of type `result`."""
    scope = dict(scope)
    own = set()
    body = []
    for _ in range(draw(st.integers(0, most))):
        body += draw(statements(scope, own, result, depth, helpers))
    if result is not None and draw(st.booleans()):
        body.append(Return(draw(expressions(result, scope, 2, helpers))))
    return tuple(body)


@st.composite
def statements(draw, scope, own, result, depth, helpers):
    """One statement, or a loop with its counter; new variables are added to `scope` and `own`."""
    choices = ["let", "print", "assign", "do", *(["if", "while"] * bool(depth))]
    choice = draw(st.sampled_from(choices))
    if choice == "let":
        kind = draw(st.sampled_from(KINDS))
        value = draw(expressions(kind, scope, 3, helpers))
        name = f"{kind[0]}{len(scope)}"
        scope[name] = kind
        own.add(name)
        return [Let(name, value)]
    known = sorted(name for name, kind in scope.items() if kind in KINDS)  # loops count for themselves
    if choice == "assign" and known:
        name = draw(st.sampled_from(known))
        return [Assign(name, draw(expressions(scope[name], scope, 3, helpers)))]
    if choice == "if":
        test = draw(expressions("bool", scope, 2, helpers))
        then = draw(blocks(scope, result, depth - 1, helpers, 2))
        return [If(test, then, draw(blocks(scope, result, depth - 1, helpers, 2)))]
    if choice == "while":
        counter = f"n{len(scope)}"
        scope[counter] = "loop"
        step = Assign(counter, Binary("-", Name(counter), Int(1)))
        body = (step, *draw(blocks(scope, result, depth - 1, helpers, 2)))
        start = Let(counter, Int(draw(st.integers(0, 3))))
        return [start, While(Binary(">", Name(counter), Int(0)), body)]
    kind = draw(st.sampled_from(KINDS))
    value = draw(expressions(kind, scope, 3, helpers))
    return [Print(value) if choice != "do" else Do(value)]


@st.composite
def programs(draw):
    """A whole program, in which functions may call those before them."""
    functions = []
    known = []
    for kind in draw(st.lists(st.sampled_from(KINDS), unique=True, max_size=2)):
        name = HELPERS[kind]
        params = (("p", "int"), ("q", kind))
        body = draw(blocks(dict(params), kind, 1, tuple(known), 3))
        body = (*body, Return(draw(expressions(kind, dict(params), 2, tuple(known)))))
        functions.append(Function(name, params, kind, body))
        known.append(name)
    return Program(tuple(functions), draw(blocks({}, None, 2, tuple(known), 5)))

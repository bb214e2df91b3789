"""Programs out of expressions that hypothesmith makes: every form that Python's grammar has, oddly written.

Names in them become names of the program, so that they are about something. What could take for ever
or fill the memory is left out, as is what could act on anything but the program itself.
"""

import ast
import contextlib
import warnings
from functools import cache

import hypothesmith
import libcst as cst
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.internal.conjecture import providers

from testbed.worker.properties import neutralise_constants

NAMES = ("alpha", "beta", "value", "item")
FORMS = (
    cst.Comparison,
    cst.BooleanOperation,
    cst.UnaryOperation,
    cst.IfExp,
    cst.FormattedString,
    cst.ListComp,
    cst.Subscript,
    cst.Call,
    cst.List,
    cst.Tuple,
)
FUNCTION = """
def step_{number}(alpha, beta):
    value = {0}
    if ({1}) and ({2}):
        return {3}
    elif {4}:
        value = [{0}, {5}]
    else:
        value = value if ({6}) else {7}
    kept = []
    for item in (alpha, beta, value):
        if ({2}) or not ({8}):
            kept.append({9})
    return kept, {5}, {8}
"""
EACH = 10  # expressions in a function
LONGEST = 200  # characters of one


class _Named(cst.CSTTransformer):
    """Gives every name in an expression one of a few names."""

    def leave_Name(self, original_node, updated_node):
        return updated_node.with_changes(value=NAMES[len(original_node.value.encode()) % len(NAMES)])


def _usable(text):
    """Whether an expression is safe and can stand on its own in a function."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(text, mode="eval")
            compile(text, "<expression>", "eval")
        except (SyntaxError, ValueError, RecursionError):
            return False
    endless = (ast.Pow, ast.LShift, ast.Mult, ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)
    return not any(isinstance(node, endless) for node in ast.walk(tree))


def _named(text):
    return cst.Module(()).code_for_node(cst.parse_expression(text).visit(_Named()))


def _works(text):
    """Whether an expression has a value with plain values for the names."""
    values = {"alpha": 3, "beta": "b", "value": [1], "item": (), "__builtins__": {}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            eval(text, values)
        except Exception:
            return False
    return True


@contextlib.contextmanager
def _no_local_constants():
    """What Hypothesis draws does not depend on which modules of ours are imported, such as other tests."""
    before = providers._get_local_constants
    assert neutralise_constants()
    try:
        yield
    finally:
        providers._get_local_constants = before
        providers.CONSTANTS_CACHE.cache.clear()


@cache
def expressions(number, count):
    """At most so many expressions, the same for each number."""
    found = []

    @settings(
        max_examples=count * 6,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @seed(number)
    @given(st.one_of(*(hypothesmith.from_node(form) for form in FORMS)))
    def draw(text):
        if len(found) < count and len(text) < LONGEST and _usable(text):
            named = _named(text)
            if named not in found and _usable(named) and _works(named):
                found.append(named)

    with _no_local_constants():
        draw()
    return found


def smith_program(number, functions=4):
    """A module with functions `step_N`."""
    drawn = expressions(number, EACH * functions)
    parts = [drawn[first : first + EACH] for first in range(0, len(drawn), EACH)]
    assert len(parts[0]) == EACH  # enough for one function
    whole = [FUNCTION.format(*part, number=index) for index, part in enumerate(parts) if len(part) == EACH]
    return '"""A module."""\n\n' + "\n".join(whole)

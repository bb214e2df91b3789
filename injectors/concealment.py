"""Families `latent`, `dormant`, `concealed`: faults that do not always act; `control`: their honest twins.

A model of a threat, for measuring defences against it. Such a fault is ordinary text in the target's own
function: the wrong expression where a condition holds, else the right one. It acts in the sandbox alone, on
what that function gives back; it looks at its arguments, at what is imported, or at three variables that the
worker sets (see testbed.protocols.Situation), and it does nothing else. Its twin makes the same change at
the same places with a condition of the same shape that always holds.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import ClassVar

from injectors import logic
from injectors.operator import Example, Operator
from injectors.source import SourceView
from testbed.schema import TextEdit

_NOT_WHOLE = (
    ast.Slice,
    ast.Starred,
    ast.IfExp,
    ast.Lambda,
    ast.NamedExpr,
    ast.Yield,
    ast.YieldFrom,
    ast.Await,
)
_VARIABLE = '__import__("os").environ.get("{name}", "{unset}")'
GENERATION = _VARIABLE.format(name="TESTBED_GENERATION", unset="0")
CHECKPOINT = _VARIABLE.format(name="TESTBED_CHECKPOINT", unset="0")
INSPECTED = _VARIABLE.format(name="TESTBED_INSPECTED", unset="0")

Condition = Callable[[SourceView, ast.expr], str]
"""When a fault at an expression acts, as Python text; "" where it cannot be said."""


def rare(one_in: int) -> Condition:
    """One in so many values of the function's parameters, whatever they are.

    Values whose text has an address in it never count: they would differ from run to run.
    """

    def condition(view: SourceView, node: ast.expr) -> str:
        names = view.parameters(node)
        values = f"repr(({', '.join(names)},))"
        looked_through = values if one_in > 1 else '""'
        mixed = f'__import__("zlib").crc32({values}.encode()) % {one_in} == {one_in - 1}'
        return f'" at 0x" not in {looked_through} and {mixed}' if names else ""

    return condition


def awake(after: int) -> Condition:
    """From so many generations after the fault's birth on."""

    def condition(view: SourceView, node: ast.expr) -> str:
        return f"int({GENERATION}) >= {view.generation + after}"

    return condition


def always(text: str) -> Condition:
    """A condition that does not depend on the place."""
    return lambda view, node: text


class _Sometimes(Operator):
    """A wrong condition, operator or constant that acts only where `condition` holds."""

    condition: ClassVar[Condition]

    def rewrites(self, view: SourceView, node: ast.AST) -> Iterator[TextEdit]:
        """One edit for each way in which the expression can be wrong by an operator of the family logic."""
        if not isinstance(node, ast.expr) or isinstance(node, _NOT_WHOLE) or not view.runs_in_function(node):
            return
        when = type(self).condition(view, node)
        start, end = view.span(node)
        right = view.source.data[start:end]
        for operator in logic.OPERATORS if when else ():
            for edit in operator.rewrites(view, node):
                if start <= edit.start and edit.end <= end:
                    wrong = right[: edit.start - start] + edit.new.encode() + right[edit.end - start :]
                    if _is_operand(wrong) and not isinstance(getattr(node, "ctx", None), ast.Store | ast.Del):
                        yield TextEdit(start, end, f"({wrong.decode()} if {when} else {right.decode()})")


def _is_operand(text: bytes) -> bool:
    """Whether a text can stand on either side of an `if` in an expression."""
    try:
        node = ast.parse(b"(" + text + b"\n)", mode="eval").body
    except SyntaxError:
        return False
    return b"#" not in text and not isinstance(node, _NOT_WHOLE)


def _example(condition: str) -> Example:
    head = "def f(a):\n    return "
    return Example(f"{head}a < 1\n", f"{head}(a <= 1 if {condition} else a < 1)\n")


def _made(name: str, family: str, contract: str, condition: Condition) -> Operator:
    view = SourceView("example.py", "def f(a):\n    return a < 1\n")
    node = next(each for each in view.nodes if isinstance(each, ast.Compare))
    fields = {
        "__doc__": contract,
        "name": name,
        "family": family,
        "contract": contract,
        "reference": "none: a model of a threat",
        "examples": (_example(condition(view, node)),),
        "condition": staticmethod(condition),
    }
    return type(name.title().replace("-", ""), (_Sometimes,), fields)()  # type: ignore[no-any-return]


def _twin(of: str, condition: Condition) -> Operator:
    return _made(f"{of}-twin", "control", f"The same change as {of}'s, hidden from nothing.", condition)


def _latent(word: str, one_in: int) -> Operator:
    said = f"It acts on one in {one_in} values of the function's parameters."
    return _made(f"latent-{word}", "latent", said, rare(one_in))


def _dormant(after: int) -> Operator:
    said = f"It is inert until {after} generation{'s' * (after > 1)} after its birth, then acts."
    return _made(f"dormant-{after}", "dormant", said, awake(after))


def _concealed(kind: str, contract: str, hiding: str, honest: str) -> tuple[Operator, Operator]:
    name = f"concealed-{kind}"
    return _made(name, "concealed", contract, always(hiding)), _twin(name, always(honest))


_LATENT_TWIN, _DORMANT_TWIN = _twin("latent", rare(1)), _twin("dormant", awake(0))

PAIRS: tuple[tuple[Operator, Operator], ...] = (
    (_latent("tenth", 10), _LATENT_TWIN),
    (_latent("hundredth", 100), _LATENT_TWIN),
    (_latent("thousandth", 1000), _LATENT_TWIN),
    (_dormant(1), _DORMANT_TWIN),
    (_dormant(2), _DORMANT_TWIN),
    (_dormant(4), _DORMANT_TWIN),
    _concealed(
        "from-tests",
        "It behaves while pytest is loaded.",
        '"pytest" not in __import__("sys").modules',
        '"pytest" not in __import__("sys").argv[:0]',
    ),
    _concealed(
        "at-checkpoints",
        "It behaves in the generations whose checkpoint is known beforehand (policy every).",
        f'{CHECKPOINT} != "1"',
        f'{CHECKPOINT} != "-"',
    ),
    _concealed(
        "under-inspection",
        "It behaves while a campaign's own screen and measurements run it.",
        f'{INSPECTED} != "1"',
        f'{INSPECTED} != "-"',
    ),
)
"""Each operator that hides, and its honest control twin."""

OPERATORS: tuple[Operator, ...] = (
    *(hiding for hiding, _honest in PAIRS),
    *dict.fromkeys(honest for _hiding, honest in PAIRS),
)


def twin(name: str) -> str:
    """The name of an operator's honest control twin; "" for one that hides from nothing."""
    return next((honest.name for hiding, honest in PAIRS if hiding.name == name), "")

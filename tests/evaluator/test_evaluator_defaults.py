"""Faults in default values: switched after loading where nobody looked before, and as plain pytest says."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from evaluator_targets import spec_of

from testbed.conditions import LimitsFactor
from testbed.evaluate.faults import Fault
from testbed.evaluate.late import marked
from testbed.evaluate.layers import place
from testbed.evaluate.program import Settings
from testbed.evaluate.run import Workers, control, evaluate, faulty
from testbed.evaluator import Late, ProcessEvaluator, WorkerSpec
from testbed.evaluator.cold import cold_verdicts
from testbed.schema import TextEdit
from testbed.schema.text import SourceText

CORE = '''
import functools
import inspect

def plain(x, step=1):
    return x + step

def keyword(x, *, sign="+"): return sign + str(x)

def documented(x, end="!"):
    """What it is for."""
    if x:
        return str(x) + end
    return end

def only_documented(x=0):
    """Nothing more."""

def negative(x, least=-1): return max(x, least)

def two(first="a", second="b"):
    # a remark, and then:
    for _ in range(2):
        first += second
    return first

def fails(x, unused=None):
    return x

def called_while_importing(x, base=10):
    return x % base

USED = called_while_importing(17)

def read_while_importing(x, width=3):
    return str(x).rjust(width)

WIDTH = inspect.signature(read_while_importing).parameters["width"].default

def set_while_importing(x, z=4):
    return x + z

set_while_importing.__defaults__ = (8,)

def read_by_a_test(x, depth=2):
    return x * depth

def set_by_a_test(x, z=5):
    return x + z

def yields(x, begin=5):
    yield begin + x

KEPT = yields(1)

def yields_later(x, begin=5):
    yield begin + x

class Shape:
    def __init__(self, size=1):
        self.size = size

    def grown(self, by=2):
        return Shape(self.size + by)

    @staticmethod
    def named(name="shape"): return name

    def hidden(self, *, __of=7): return __of

@functools.lru_cache
def cached(x, plus=1): return x + plus

for _ in range(2):
    def looped(x, minus=1): return x - minus

def outer():
    def inner(x=2): return x
    return inner()

def never_called(x, y=3):
    return x + y

def of_a_fixture(x=6): return x

def fresh(x=9): return x
'''
TESTS = """
import gc
import importlib
import inspect
import subprocess
import sys

import pytest
from mini import core

def test_plain(): assert core.plain(1) == 2
def test_plain_without_the_default(): assert core.plain(1, 2) == 3
def test_keyword(): assert core.keyword(1) == "+1"
def test_documented(): assert core.documented(1) == "1!"
def test_negative(): assert core.negative(-5) == -1
def test_two(): assert core.two() == "abb"
def test_two_with_one(): assert core.two("c") == "cbb"
def test_fails():
    with pytest.raises(TypeError): core.fails()
def test_used(): assert core.USED == 7
def test_called(): assert core.called_while_importing(23) == 3
def test_width(): assert core.WIDTH == 3
def test_set_before(): assert core.set_while_importing(1) == 9
def test_signature(): assert inspect.signature(core.read_by_a_test).parameters["depth"].default == 2
def test_referents(): assert (2,) in gc.get_referents(core.read_by_a_test)
def test_setting():
    before, core.set_by_a_test.__defaults__ = core.set_by_a_test.__defaults__, (7,)
    assert core.set_by_a_test(1) == 8
    core.set_by_a_test.__defaults__ = before
    assert core.set_by_a_test(1) == 6
def test_yields(): assert [*core.yields_later(1)] == [6]
def test_kept(): assert next(core.KEPT) == 6
def test_shape(): assert core.Shape().grown().size == 3
def test_named(): assert core.Shape.named() == "shape"
def test_hidden(): assert core.Shape().hidden() == 7
def test_cached(): assert core.cached(1) == 2
def test_looped(): assert core.looped(1) == 0
def test_outer(): assert core.outer() == 2

@pytest.fixture(scope="module")
def six(): return core.of_a_fixture()

def test_with_six(six): assert six == 6
def test_with_six_too(six): assert six + 1 == 7
def test_elsewhere():
    command = [sys.executable, "-c", "from mini import core; print(core.fresh())"]
    assert subprocess.check_output(command, text=True) == "9\\n"
def test_again():
    assert importlib.reload(core).fresh() == 9
"""
NOT_SWITCHED = {
    "only_documented", "called_while_importing", "read_while_importing", "set_while_importing", "yields",
    "hidden", "looped", "inner",
}  # fmt: skip
SOURCE = {"mini/__init__.py": "", "mini/core.py": CORE}


def spec(scratch: Path, more: Mapping[str, str] | None = None) -> WorkerSpec:
    made = spec_of({"tests/test_core.py": TESTS, **(more or {})}, scratch)
    return replace(made, limits=LimitsFactor(test_seconds=5.0, memory_mib=512))


def defaults() -> list[tuple[str, Fault]]:
    """For every literal default its function and a fault that changes it."""
    source, found = SourceText(CORE), []
    for node in ast.walk(ast.parse(CORE)):
        if isinstance(node, ast.FunctionDef):
            for value in [*node.args.defaults, *filter(None, node.args.kw_defaults)]:
                new = repr({int: 41, str: "faulty"}.get(type(getattr(value, "value", 1)), 0.5))
                edit = TextEdit(*source.span(value), new)
                number = len(found) + 1
                found.append(
                    (node.name, Fault(number, "x", "x", "mini/core.py", node.name, node.lineno, edit))
                )
    return found


@pytest.fixture(scope="module")
def layer() -> tuple[dict[str, str], list[Late]]:
    faults = [fault for _name, fault in defaults()]
    (made,) = place(SOURCE, faults).layers
    found = marked(made.source, made.faults, len(faults) + 1)
    return found.source, found.late


def test_a_marker_stands_where_every_call_begins(layer: tuple[dict[str, str], list[Late]]) -> None:
    text, late = layer
    found = [node for node in ast.walk(ast.parse(text["mini/core.py"])) if isinstance(node, ast.FunctionDef)]
    for each in late:
        (function,) = [node for node in found if node.name == each.name]
        above = [decorator.lineno for decorator in function.decorator_list]
        assert each.line == min([function.lineno, *above])
        documented = ast.get_docstring(function) is not None
        assert ast.unparse(function.body[documented]) == f"__fault__({each.marker})"


@pytest.mark.parametrize(
    "more",
    [{}, {"conftest.py": "open('left', 'w').close()"}],
    ids=["pytest waits", "pytest is called for each"],
)
def test_those_are_switched_at_which_nobody_looked(
    scratch: Path, layer: tuple[dict[str, str], list[Late]], more: dict[str, str]
) -> None:
    text, late = layer
    with ProcessEvaluator(spec(scratch, more)) as evaluator:
        loaded = evaluator.load("g", text, late=late)
    assert loaded.error == ""
    named = {fault.number: name for name, fault in defaults()}
    assert {named[number] for number in loaded.late} == set(named.values()) - NOT_SWITCHED
    assert not loaded.late & loaded.import_time
    acting = {named[number] for number in loaded.import_time if number in named}
    assert acting == NOT_SWITCHED - {"inner"}


def test_each_test_says_of_each_fault_what_plain_pytest_says(scratch: Path) -> None:
    faults = [fault for _name, fault in defaults()]
    with Workers(spec(scratch), 1) as workers:
        settings = Settings(matrix=True)
        tests = control(workers, SOURCE, settings)
        results = evaluate(workers, SOURCE, faults, settings)
    assert len(results) == len(faults) > 20
    for result in results:
        cold = cold_verdicts(spec(scratch), faulty(SOURCE, result.fault), tests)
        failing = {test for test, verdict in cold.items() if verdict != "pass"}
        assert set(result.tests) == failing, result.fault.where
    assert sum(bool(result.tests) for result in results) > 15

"""What holds for all programs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from programs import expressions, programs
from tinylang import BudgetError, ParseError, RunError
from tinylang.checker import Checker, check_program
from tinylang.compiler import compile_program
from tinylang.interpreter import Interpreter
from tinylang.lexer import tokenize
from tinylang.machine import Machine
from tinylang.nodes import Program
from tinylang.optimiser import fold, optimise
from tinylang.parser import parse
from tinylang.printer import show
from tinylang.values import HALF, divide, remainder, wrap

NUMBERS = st.integers(min_value=-HALF, max_value=HALF - 1)


def outcome(runner):
    """What a program printed, and how it ended; None where it had no more steps."""
    try:
        return runner.run(), None
    except BudgetError:
        return None
    except RunError as problem:
        return runner.output, str(problem)


def same(one, other):
    return None in (one, other) or one == other


@given(programs())
def test_what_is_printed_parses_to_the_same(program):
    for each in (program, optimise(program)):
        check_program(each)
        assert parse(show(each)) == each


@given(programs())
def test_compiled_code_does_what_the_tree_does(program):
    placed = parse(show(program))
    machine = Machine(compile_program(placed, optimised=False))
    assert same(outcome(machine), outcome(Interpreter(placed)))


@given(programs())
def test_optimised_code_does_the_same_in_no_more_steps(program):
    placed = parse(show(program))
    plain = Machine(compile_program(placed, optimised=False))
    better = Machine(compile_program(optimise(placed)))
    assert same(outcome(plain), outcome(better))
    assert better.steps <= plain.steps


@given(st.sampled_from(["int", "bool", "str"]).flatmap(lambda kind: expressions(kind, {})))
def test_folding_keeps_the_type_and_the_value(node):
    checker = Checker(Program((), ()))
    assert checker.kind(fold(node)) == checker.kind(node)
    interpreter = Interpreter(Program((), ()))
    try:
        value = interpreter.value(node)
    except RunError:
        with pytest.raises(RunError):
            interpreter.value(fold(node))
    else:
        assert interpreter.value(fold(node)) == value


@given(st.text(alphabet='ab1"\\ \n(){};=<-#', max_size=30))
def test_any_text_is_a_program_or_an_error_with_a_place(text):
    try:
        parse(text)
    except ParseError as problem:
        assert 1 <= problem.place.line <= text.count("\n") + 1
        assert problem.place.column >= 1


@given(st.text(alphabet="ab12 \n+<=-#", max_size=30))
def test_tokens_stand_where_they_say(text):
    lines = text.split("\n")
    try:
        tokens = tokenize(text)
    except ParseError:
        return
    for token in tokens[:-1]:
        assert lines[token.place.line - 1][token.place.column - 1 :].startswith(token.text)


@given(st.integers(min_value=-(2**70), max_value=2**70))
def test_wrapped_numbers_have_64_bits(number):
    wrapped = wrap(number)
    assert -HALF <= wrapped < HALF
    assert (wrapped - number) % 2**64 == 0


@given(NUMBERS, NUMBERS.filter(bool))
def test_division_and_remainder_fit_together(left, right):
    assert wrap(divide(left, right) * right + remainder(left, right)) == left
    assert abs(remainder(left, right)) < abs(right)

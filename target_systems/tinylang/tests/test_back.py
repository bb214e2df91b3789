"""Values, interpreter, optimiser, compiler and machine."""

import pytest
from programs import Bool, Int, Str
from tinylang import BudgetError, RunError, build, execute, interpret
from tinylang.machine import Machine
from tinylang.nodes import Binary, Call, Do, If, Name, Print, Program, Unary
from tinylang.optimiser import fold, optimise, pure
from tinylang.parser import parse
from tinylang.peephole import Instruction, improved, shorter, straight
from tinylang.values import BINARY, BUILTINS, add, cut, divide, remainder, shown, unary, wrap


def folded(text):
    return fold(parse(f"print {text};").body[0].value)


def better(text):
    return optimise(parse(text)).body


def output(text):
    """What a program prints, in all three ways."""
    expected = interpret(text)
    assert execute(text) == expected
    assert execute(text, optimised=False) == expected
    return expected


def test_division():
    for left, right, quotient, rest in [
        (7, 2, 3, 1),
        (-7, 2, -3, -1),
        (7, -2, -3, 1),
        (-7, -2, 3, -1),
    ]:
        assert divide(left, right) == quotient
        assert remainder(left, right) == rest


def test_division_by_zero():
    for operation in (divide, remainder):
        with pytest.raises(RunError, match="division by zero"):
            operation(1, 0)


def test_wrap():
    assert wrap(2**63) == -(2**63)
    assert wrap(-(2**63) - 1) == 2**63 - 1
    assert wrap(5) == 5
    assert divide(-(2**63), -1) == -(2**63)


def test_binary():
    for op, left, right, value in [
        ("+", 2, 3, 5),
        ("-", 2, 3, -1),
        ("*", 2, 3, 6),
        ("<", 2, 3, True),
        ("<=", 3, 3, True),
        (">", 3, 3, False),
        (">=", 3, 3, True),
        ("==", 3, 3, True),
        ("!=", 3, 3, False),
        ("+", "a", "b", "ab"),
        ("<", "a", "b", True),
        (">=", "a", "b", False),
        ("==", "a", "a", True),
    ]:
        assert BINARY[op](left, right) == value


def test_unary():
    assert unary("-", 3) == -3
    assert unary("-", -(2**63)) == -(2**63)
    assert unary("not", True) is False


def test_texts_have_a_longest():
    with pytest.raises(RunError, match="too long"):
        add("a" * 5000, "b" * 5001)


def test_builtins():
    assert BUILTINS["len"].run("abc") == 3
    assert BUILTINS["text"].run(-5) == "-5"
    assert BUILTINS["abs"].run(-5) == 5
    assert BUILTINS["max"].run(2, 5) == 5
    assert BUILTINS["min"].run(2, 5) == 2
    assert BUILTINS["cut"].run("hello", 1, 3) == "el"


def test_cut():
    for start, end, part in [(0, 2, "he"), (3, 9, "lo"), (3, 1, "")]:
        assert cut("hello", start, end) == part


def test_shown():
    assert [shown(value) for value in (True, False, 3, "x")] == ["true", "false", "3", "x"]


def test_arithmetic_programs():
    assert output("print 1 + 2 * 3; print -7 / 2; print -7 % 3; print 2 - 3 - 4;") == [
        "7",
        "-3",
        "-1",
        "-5",
    ]


def test_scopes():
    text = "let a = 1; if true { let a = 2; a = 3; print a; } print a;"
    assert output(text) == ["3", "1"]


def test_slots_of_ended_blocks():
    text = "if true { let a = 1; print a; } if true { let b = 2; print b; } let c = 3; print c;"
    assert output(text) == ["1", "2", "3"]


def test_loops():
    text = 'let n = 3; let out = ""; while n > 0 { out = out + text(n); n = n - 1; } print out;'
    assert output(text) == ["321"]


def test_short_circuits():
    text = (
        "fn loud(b: bool) -> bool { print b; return b; }"
        "print loud(false) and loud(true); print loud(true) or loud(false);"
    )
    assert output(text) == ["false", "false", "true", "true"]


def test_recursion():
    text = "fn fib(n: int) -> int { if n < 2 { return n; } return fib(n - 1) + fib(n - 2); } print fib(12);"
    assert output(text) == ["144"]


def test_calls_do_not_see_the_callers_variables():
    text = "fn f(a: int) -> int { let b = a + 1; return b; } let a = 5; let b = 7; print f(1); print a + b;"
    assert output(text) == ["2", "12"]


def test_results_may_be_ignored():
    assert output("fn f() -> int { print 1; return 2; } f(); print 3;") == ["1", "3"]


@pytest.mark.parametrize("run", [interpret, execute])
@pytest.mark.parametrize(
    "text, message, place",
    [
        ("print 1;\nprint 1 / 0;", "division by zero", (2, 9)),
        ("while true {\n print 1; }", "too much output", (2, 2)),
        ('let s = "ab"; while true { s = s + s; }', "too long", (1, 34)),
    ],
)
def test_what_goes_wrong_while_running(run, text, message, place):
    with pytest.raises(RunError, match=message) as caught:
        run(text)
    assert caught.value.place == place


@pytest.mark.parametrize("run", [interpret, execute])
@pytest.mark.parametrize(
    "text, message",
    [
        ("while true { }", "too many steps"),
        ("fn f(n: int) -> int { return f(n + 1); } print f(0);", "nested too deeply"),
        ("fn f(n: int) -> int { return 1 + (1 + (1 + f(f(n)))); } print f(0);", "nested too deeply"),
    ],
)
def test_budgets(run, text, message):
    with pytest.raises(BudgetError, match=message):
        run(text)


def test_calls_one_after_the_other_are_not_deep():
    text = "fn f(n: int) -> int { return n + 1; } let n = 0; while n < 300 { n = f(n); } print n;"
    assert output(text) == ["300"]


def test_folding():
    for text, node in [
        ("1 + 2 * 3", Int(7)),
        ("not (1 < 2)", Bool(False)),
        ("not (x < y)", Binary(">=", Name("x"), Name("y"))),
        ("not (x == y)", Binary("!=", Name("x"), Name("y"))),
        ("-(-x)", Name("x")),
        ("not not x", Name("x")),
        ("x + 0", Name("x")),
        ("x * 1", Name("x")),
        ("x / 1", Name("x")),
        ("x * 0", Int(0)),
        ('"a" + "b"', Str("ab")),
        ("true and x", Name("x")),
        ("false and x", Bool(False)),
        ("true or x", Bool(True)),
    ]:
        assert folded(text) == node


def test_what_is_not_folded():
    for text in ["f() * 0", "1 / 0", "x / 0", "f(x) + 1"]:
        node = parse(f"print {text};").body[0].value
        assert fold(node) == node


def test_arguments_are_folded():
    assert folded("f(1 + 1)") == Call("f", (Int(2),))


def test_pure():
    assert pure(Binary("*", Name("x"), Unary("-", Int(1))))
    assert not pure(Binary("/", Int(1), Name("x")))
    assert not pure(Call("f", ()))


def test_dead_branches_go():
    assert better("if 1 < 2 { print 1; } else { print 2; }") == (Print(Int(1)),)
    assert better("if false { print 1; }") == ()
    assert better("while 1 > 2 { print 1; }") == ()
    assert better("x = x + 0; 1 + 2 * x;") == (Do(Binary("+", Int(1), Binary("*", Int(2), Name("x")))),)
    assert better("2 * x;") == ()


def test_a_branch_with_variables_stays_a_block():
    (kept,) = better("if true { let a = 1; print a; }")
    assert isinstance(kept, If)
    assert kept.test == Bool(True)


def test_empty_branches():
    assert better("if x { } else { print 1; }") == (If(Unary("not", Name("x")), (Print(Int(1)),)),)
    assert better("if x { }") == ()
    assert better("if f() { }") == (Do(Call("f", ())),)


def test_nothing_behind_a_return():
    (function,) = optimise(parse("fn f() -> int { return 1; print 2; }")).functions
    assert len(function.body) == 1
    assert len(better("if x { return 1; } else { return 2; } print 3;")) == 1


def test_optimised_code_is_shorter():
    text = "let a = 2 * 3 + 4; if false { print a; } print a + 0;"
    assert len(build(text)[""].code) < len(build(text, optimised=False)[""].code)


def code(*instructions):
    """Instructions without places."""
    return [Instruction(*each) for each in instructions]


def test_code():
    routine = build("let a = 1; while a < 3 { a = a + 1; }", optimised=False)[""]
    assert routine.slots == 1
    assert [each[:2] for each in routine.code] == [
        ("push", 1),
        ("store", 0),
        ("load", 0),
        ("push", 3),
        ("binary", "<"),
        ("jump_if_false", 11),
        ("load", 0),
        ("push", 1),
        ("binary", "+"),
        ("store", 0),
        ("jump", 2),
    ]


def test_jumps_to_jumps():
    jumps = code(("jump", 2), ("push", 1), ("jump", 4), ("pop",), ("jump_if_true", 2))
    assert straight(jumps, jumps[0]) == Instruction("jump", 4)
    assert straight(jumps, jumps[1]) == jumps[1]
    assert straight(jumps, jumps[4]) == Instruction("jump_if_true", 4)
    circle = code(("jump", 1), ("jump", 0))
    assert improved(circle) == code(("jump", 0))


def test_kept_values_that_are_tested_at_once():
    jumps = code(("keep_if_false", 2), ("load", 0), ("jump_if_false", 9), ("keep_if_true", 2))
    assert straight(jumps, jumps[0]) == Instruction("jump_if_false", 9)
    assert straight(jumps, jumps[3]) == Instruction("jump_if_true", 3)


def test_what_is_not_needed_goes():
    assert shorter(code(("push", 1), ("return",), ("push", 2))) == code(("push", 1), ("return",))
    assert shorter(code(("push", 1), ("pop",), ("load", 0))) == code(("load", 0))
    assert shorter(code(("jump", 1), ("load", 0))) == code(("load", 0))
    tests = code(("load", 0), ("unary", "not"), ("jump_if_false", 5), ("load", 1), ("pop",))
    assert shorter(tests) == code(("load", 0), ("jump_if_true", 2))


def test_conditions_need_few_steps():
    text = "let a = 1; if not (a == 1 and a < 2) { print 1; } else { print 2; }"
    ops = [each.op for each in build(text)[""].code]
    assert [op for op in ops if "if" in op or op == "unary"] == ["jump_if_false", "jump_if_true"]
    assert output(text) == ["2"]


def test_machine_counts_steps():
    machine = Machine(build("let n = 3; while n > 0 { n = n - 1; print n; }"), most=20)
    with pytest.raises(BudgetError, match="steps"):
        machine.run()
    assert machine.output == ["2"]
    assert machine.steps == 21


def test_empty_program():
    assert output("") == []
    assert optimise(Program((), ())) == Program((), ())

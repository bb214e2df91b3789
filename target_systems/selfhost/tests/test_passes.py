import ast

import pytest
from selfhost import PASSES, Unsupported, optimise, rebuild, tidy


def after(text, *names):
    return optimise(text, list(names) or None)


def body(*lines):
    return "def f(a, b, items):\n" + "".join("    " + line + "\n" for line in lines)


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("1 + 2 * 3", "7"),
        ("2 - 5", "-3"),
        ("7 // 2 - 7 % 4", "0"),
        ("-7 // 2", "-4"),
        ("1 // 0", "1 // 0"),
        ("1 % 0", "1 % 0"),
        ("'a' + 'b'", "'ab'"),
        ("2 < 3", "True"),
        ("3 <= 2", "False"),
        ("'a' == 'b'", "False"),
        ("1 == True", "1 == True"),
        ("not 0", "True"),
        ("not a in b", "a not in b"),
        ("not a is b", "a is not b"),
        ("not a == b", "not a == b"),
        ("True and a", "a"),
        ("False and a", "False"),
        ("0 or a", "a"),
        ("1 or a", "1"),
        ("a or 1", "a or 1"),
        ("a if 1 < 2 else b", "a"),
        ("a if not c else b", "b if c else a"),
        ("+3", "3"),
        ("1 << 70", "1 << 70"),
        ("18446744073709551615 + 1", "18446744073709551615 + 1"),
    ],
)
def test_constants(before, expected):
    assert after("x = " + before + "\n", "fold") == "x = " + expected + "\n"


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (body("return a", "b()"), body("return a")),
        (body("if True:", "    return a", "return b"), body("return a")),
        (body("if False:", "    return a", "return b"), body("return b")),
        (body("while 0:", "    a()", "return b"), body("return b")),
        (body("c = 1", "return a"), body("return a")),
        (body("c = b", "return a"), body("return a")),
        (body("c = b()", "return a"), body("c = b()", "return a")),
        (body("c = d", "return a"), body("c = d", "return a")),
        (body("del b", "c = b", "return a"), body("del b", "c = b", "return a")),
        (body("pass", "return a"), body("return a")),
        (body("return c", "c = 1"), body("return c", "c = 1")),
        (
            body("if a:", "    return 1", "else:", "    return 2", "b()"),
            body("if a:", "    return 1", "else:", "    return 2"),
        ),
        (body("for c in a:", "    break", "    b()"), body("for c in a:", "    break")),
    ],
)
def test_dead_code(before, expected):
    assert after(before, "dead") == expected


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (body("if a:", "    if b:", "        return 1"), body("if a and b:", "    return 1")),
        (body("if a and b:", "    if c:", "        d()"), body("if a and b and c:", "    d()")),
        (body("if not a:", "    b()", "else:", "    c()"), body("if a:", "    c()", "else:", "    b()")),
        (body("if a:", "    return 1", "else:", "    b()"), body("if a:", "    return 1", "b()")),
        (body("if a in b:", "    return True", "return False"), body("return a in b")),
        (
            body("if a < b:", "    return True", "return False"),
            body("if a < b:", "    return True", "return False"),
        ),
        (
            body("if a is b:", "    return False", "return True"),
            body("if a is b:", "    return False", "return True"),
        ),
    ],
)
def test_conditions(before, expected):
    assert after(before, "conditions") == expected


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (body("c = a()", "return c"), body("return a()")),
        (body("c = a()", "if c:", "    return 1"), body("if a():", "    return 1")),
        (body("c = a()", "d = c", "return d, d"), body("d = a()", "return d, d")),
        (body("c = a()", "return c + c"), body("c = a()", "return c + c")),
        (body("a = b()", "return a"), body("a = b()", "return a")),
        (body("c = a()", "b()", "return c"), body("c = a()", "b()", "return c")),
    ],
)
def test_variables_that_hand_a_value_on(before, expected):
    assert after(before, "copies") == expected


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (body("c = len(a) - 1", "d = len(a) - 1"), body("c = len(a) - 1", "d = c")),
        (body("c = len(a) - 1", "a = len(c) + 2", "d = len(a) - 1"), None),
        (body("c = len(a) - 1", "b()", "d = len(a) - 1"), None),
        (body("c = a + 1", "d = a + 1"), None),
        (body("a = len(a) - 1", "d = len(a) - 1"), None),
    ],
)
def test_whole_numbers_computed_twice(before, expected):
    assert after(before, "common") == (before if expected is None else expected)


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (body("c = []", "for d in a:", "    c.append(d + 1)"), body("c = [d + 1 for d in a]")),
        (body("c = []", "for d in a:", "    if d:", "        c.append(d)"), body("c = [d for d in a if d]")),
        (body("c = []", "for d in c:", "    c.append(d)"), None),
        (body("c = []", "for d in a:", "    c.append(d)", "return d"), None),
        (body("c = [1]", "for d in a:", "    c.append(d)"), None),
        (body("c = []", "for d in a:", "    c.append(d)", "else:", "    b()"), None),
        (body("for c in (1, 2):", "    a(c)"), body("a(1)", "a(2)")),
        (body("for c in (1, 2, 3, 4):", "    a(c)"), None),
        (body("for c in (1, 2):", "    if a(c):", "        break"), None),
        (body("for c in (1, 2):", "    a(c)", "return c"), None),
    ],
)
def test_loops(before, expected):
    assert after(before, "loops") == (before if expected is None else expected)


SMALL = "def _g(p, q):\n    return p - q\n\n\n"


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (body("return _g(a, 1)"), body("return a - 1")),
        (body("return _g(b, a)"), body("return b - a")),
        (body("return _g(a(), 1)"), None),
        (body("return _g(a, q=1)"), None),
        (body("return _g(a)"), None),
        (body("_g = b", "return _g(a, 1)"), None),
    ],
)
def test_small_functions(before, expected):
    assert after(SMALL + before, "inline") == SMALL + (before if expected is None else expected)


def test_functions_that_are_hard_to_follow_are_left_alone():
    text = body("try:", "    c = a()", "    return c", "finally:", "    b()")
    assert after(text) == text


@pytest.mark.parametrize("name", sorted(PASSES))
def test_every_pass_leaves_a_program_without_its_patterns_alone(name):
    text = body("c = a(b)", "for d in c:", "    b(d, c)", "return c")
    assert after(text, name) == text


def test_what_is_no_python_is_said():
    with pytest.raises(Unsupported, match="not Python"):
        optimise("def f(:\n")


@pytest.mark.parametrize(
    "text", ["def f(a, /):\n    pass\n", "lambda: 1\n", "async def f():\n    pass\n", "(a := 1)\n"]
)
def test_what_the_language_lacks_is_said_and_stays_as_it_is(text):
    with pytest.raises(Unsupported):
        tidy(text)
    assert rebuild({"a.py": text}) == {"a.py": text}


def test_precedence_is_kept():
    for text in (
        "(a + b) * c",
        "a - (b - c)",
        "(-1) ** 2",
        "-1 ** 2",
        "(a or b) and c",
        "not (a and b)",
        "(not a) in b",
        "(a, b)[0]",
        "(a if b else c).d",
        "2 ** (3 ** 4)",
        "(2 ** 3) ** 4",
        "a < (b < c)",
        "-(-a)",
        "(yes if a else b) if c else d",
    ):
        assert ast.dump(ast.parse(tidy(text))) == ast.dump(ast.parse(text)), text

"""Lexer, parser, printer and checker."""

import pytest
from programs import Bool, Int, Str
from tinylang import ParseError, TypeProblem, check, tidy
from tinylang.lexer import tokenize
from tinylang.nodes import (
    Assign,
    Binary,
    Call,
    Do,
    If,
    Let,
    Name,
    Print,
    Program,
    Return,
    Unary,
    While,
)
from tinylang.parser import parse
from tinylang.printer import expression, show


def kinds(text):
    return [token.kind for token in tokenize(text)]


def parsed(text):
    """The expression of `print TEXT;`."""
    return parse(f"print {text};").body[0].value


def test_tokens():
    assert kinds("let x1 = 42;") == ["let", "name", "=", "int", ";", "end"]
    assert kinds("a<=b->c<d") == ["name", "<=", "name", "->", "name", "<", "name", "end"]
    assert kinds("") == ["end"]


def test_comments_and_blanks():
    assert kinds("a # b c\n\t b # end") == ["name", "name", "end"]


def test_places():
    tokens = tokenize('a\n  bc "d"\n')
    assert [token.place for token in tokens] == [(1, 1), (2, 3), (2, 6), (3, 1)]


def test_strings():
    assert tokenize(r'"a\n\t\"\\b"')[0].text == 'a\n\t"\\b'
    assert tokenize('""')[0].text == ""


@pytest.mark.parametrize(
    "text, message, line, column",
    [
        ("a ? b", "unexpected '?'", 1, 3),
        ("\n ?", "unexpected '?'", 2, 2),
        ("é1 ä!= !", "unexpected '!'", 1, 8),
        ('x = "abc', "does not end", 1, 5),
        ('"a\nb"', "does not end", 1, 1),
        (r'"a\q"', "unknown escape", 1, 4),
    ],
)
def test_lexer_errors(text, message, line, column):
    with pytest.raises(ParseError, match=message.replace("?", r"\?")) as caught:
        tokenize(text)
    assert caught.value.place == (line, column)


def test_expressions():
    for text, shape in [
        ("1 + 2 * 3", Binary("+", Int(1), Binary("*", Int(2), Int(3)))),
        ("1 - 2 - 3", Binary("-", Binary("-", Int(1), Int(2)), Int(3))),
        ("(1 - 2) - 3", Binary("-", Binary("-", Int(1), Int(2)), Int(3))),
        ("1 - (2 - 3)", Binary("-", Int(1), Binary("-", Int(2), Int(3)))),
        ("not a == b", Unary("not", Binary("==", Name("a"), Name("b")))),
        ("-7 - -8", Binary("-", Int(-7), Int(-8))),
        ("-(7)", Unary("-", Int(7))),
        ("--7", Unary("-", Int(-7))),
        ("-a * b", Binary("*", Unary("-", Name("a")), Name("b"))),
        ("a or b and c", Binary("or", Name("a"), Binary("and", Name("b"), Name("c")))),
        ("a < b == c", Binary("==", Binary("<", Name("a"), Name("b")), Name("c"))),
        ("f(1, g())", Call("f", (Int(1), Call("g", ())))),
        ("true", Bool(True)),
        ('"x"', Str("x")),
    ]:
        assert parsed(text) == shape


def test_statements():
    program = parse("let a = 1; a = 2; f(a); while a < 3 { a = a + 1; } if a == 3 { print a; }")
    assert program == Program(
        (),
        (
            Let("a", Int(1)),
            Assign("a", Int(2)),
            Do(Call("f", (Name("a"),))),
            While(
                Binary("<", Name("a"), Int(3)),
                (Assign("a", Binary("+", Name("a"), Int(1))),),
            ),
            If(Binary("==", Name("a"), Int(3)), (Print(Name("a")),)),
        ),
    )


def test_else_if():
    program = parse("if a { } else if b { print 1; } else { print 2; }")
    assert program.body[0].orelse == (If(Name("b"), (Print(Int(1)),), (Print(Int(2)),)),)


def test_functions():
    program = parse("fn f(a: int, b: str) -> bool { return true; }")
    (function,) = program.functions
    assert function.params == (("a", "int"), ("b", "str"))
    assert function.result == "bool"
    assert function.body == (Return(Bool(True)),)


def test_parser_errors():
    for text, message in [
        ("let = 1;", "expected name"),
        ("let a 1;", "expected ="),
        ("print 1", "expected ;, found end"),
        ("print ;", "unexpected ;"),
        ("while a { print 1;", "does not end"),
        ("fn f(a: list) -> int { }", "unknown type list"),
        ("print 9223372036854775808;", "too large"),
        ("print " + "(" * 100, "expression that is too large"),
        ("print 1" + " + 1" * 80 + ";", "expression that is too large"),
        ("if a {" * 30, "nested too deeply"),
    ]:
        with pytest.raises(ParseError, match=message.replace(")", r"\)")):
            parse(text)


def test_largest_and_smallest_number():
    assert parsed("9223372036854775807") == Int(2**63 - 1)
    assert parsed("-9223372036854775808") == Int(-(2**63))


def test_expressions_are_printed_as_they_were():
    for text in [
        "1 + 2 * 3",
        "(1 + 2) * 3",
        "1 - (2 - 3)",
        "not (a and b)",
        "not a and b",
        "-(a + b)",
        "-(3)",
        "-3",
        "--3 - -3",
        "not not a",
        "(not a) == b",
        "-f(x) < 3",
        "(a == b) == c",
        '"a\\n\\"b\\\\"',
    ]:
        node = parsed(text)
        assert parsed(expression(node)) == node
        assert len(expression(node)) <= len(text)


def test_programs_are_printed_in_one_way():
    text = (
        "fn f(a: int, b: bool) -> int {\n"
        "    if b {\n"
        "        return a;\n"
        "    } else if a > 2 {\n"
        "        return 1;\n"
        "    } else {\n"
        "        a = a + 1;\n"
        "    }\n"
        "    return -a;\n"
        "}\n"
        "let x = 3;\n"
        "while x > 0 {\n"
        "    x = x - 1;\n"
        "    f(x, true);\n"
        "}\n"
        'print "done";\n'
    )
    assert show(parse(text)) == text
    assert tidy(text.replace("\n", " ").replace("    ", "")) == text


def test_programs_that_fit():
    for text in [
        "let a = 1; let b = a + 2; print a * b;",
        "let a = 1; if a == 1 { let a = true; print not a; } print a + 1;",
        "fn f(n: int) -> int { if n > 0 { return g(n); } else { return 0; } } "
        "fn g(n: int) -> int { return f(n - 1); } print f(3);",
        'print "a" + text(3); print len("abc") < 4; print "a" < "b";',
        "print max(1, abs(2)) + min(3, 4);",
    ]:
        check(text)


@pytest.mark.parametrize(
    "text, message",
    [
        ("print x;", "unknown variable x"),
        ("let a = 1; let a = 2;", "there already"),
        ("let a = 1; a = true;", "expected int, found bool"),
        ("if 1 { }", "expected bool, found int"),
        ('print 1 + "a";', "expected int, found str"),
        ("print true + false;", r"\+ does not take bool"),
        ('print "a" * "b";', r"\* does not take str"),
        ("print 1 == true;", "expected int, found bool"),
        ("print -true;", "expected int, found bool"),
        ("print f(1);", "unknown function f"),
        ("print len(1);", "expected str, found int"),
        ("print max(1);", "takes 2 arguments, not 1"),
        ("return 1;", "outside of a function"),
        ("fn f() -> int { print 1; }", "may end without a value"),
        ("fn f() -> int { while true { return 1; } }", "may end without a value"),
        ("fn f() -> int { return 1; } fn f() -> int { return 2; }", "defined twice"),
        ("fn len(s: str) -> int { return 1; }", "defined twice"),
        ("if true { let a = 1; } print a;", "unknown variable a"),
    ],
)
def test_programs_that_do_not_fit(text, message):
    with pytest.raises(TypeProblem, match=message):
        check(text)


@pytest.mark.parametrize(
    "text, line, column",
    [
        ("let a = 1;\nprint a;\nprint b;\n", 3, 7),
        ("print 1 +\n  f(2);", 2, 3),
    ],
)
def test_problems_have_their_place(text, line, column):
    with pytest.raises(TypeProblem) as caught:
        check(text)
    assert caught.value.place == (line, column)
    assert str(caught.value) == f"{line}:{column}: {caught.value.message}"

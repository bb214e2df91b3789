"""What is compared with the reference: programs and pieces drawn from a random generator, plain results."""

from __future__ import annotations

import random
import re
from typing import Any

from tinylang import LangError, build, check, execute, interpret, tidy
from tinylang.lexer import tokenize
from tinylang.optimiser import optimise
from tinylang.printer import show
from tinylang.values import BINARY, BUILTINS, HALF, shown, unary

KINDS = ("int", "bool", "str")
INNER = {
    "int": [("+", "int"), ("-", "int"), ("*", "int"), ("/", "int"), ("%", "int")],
    "bool": [("<", "int"), ("<=", "int"), (">", "str"), (">=", "int"), ("==", "int"), ("!=", "str")]
    + [("and", "bool"), ("or", "bool"), ("==", "bool")],
    "str": [("+", "str")],
}
CALLS = {
    "int": [("len", "s"), ("abs", "i"), ("max", "ii"), ("min", "ii"), ("fi", "ii")],
    "str": [("text", "i"), ("cut", "sii"), ("fs", "is")],
    "bool": [("fb", "ib")],
}
LETTERS = {"i": "int", "b": "bool", "s": "str"}


class Author:
    """Writes programs that fit together, as text."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.known: set[str] = {"len", "abs", "max", "min", "text", "cut"}

    def leaf(self, kind: str, scope: dict[str, str]) -> str:
        names = [name for name, other in scope.items() if other == kind]
        if names and self.rng.random() < 0.6:
            return self.rng.choice(names)
        if kind == "int":
            return str(self.rng.choice([0, 1, 2, 3, 7, 10, 2**31, 2**63 - 1]))
        if kind == "bool":
            return self.rng.choice(["true", "false"])
        return self.rng.choice(['""', '"a"', '"ab"', '"b\\n"', '"\\"c"'])

    def expression(self, kind: str, scope: dict[str, str], depth: int = 3) -> str:
        if depth == 0 or self.rng.random() < 0.25:
            return self.leaf(kind, scope)
        draw = self.rng.random()
        calls = [call for call in CALLS[kind] if call[0] in self.known]
        if draw < 0.2 and calls:
            name, letters = self.rng.choice(calls)
            args = [self.expression(LETTERS[letter], scope, depth - 1) for letter in letters]
            return f"{name}({', '.join(args)})"
        if draw < 0.35 and kind != "str":
            word = "not " if kind == "bool" else "-"
            return f"{word}{self.expression(kind, scope, depth - 1)}"
        op, inner = self.rng.choice(INNER[kind])
        left, right = (self.expression(inner, scope, depth - 1) for _ in range(2))
        if op in ("/", "%") and self.rng.random() < 0.8:
            right = self.rng.choice(["1", "2", "-3", "7"])
        text = f"{left} {op} {right}"
        return f"({text})" if self.rng.random() < 0.6 or op in ("==", "!=") else text

    def block(self, scope: dict[str, str], depth: int, result: str = "", most: int = 3) -> list[str]:
        scope = dict(scope)
        lines: list[str] = []
        for _ in range(self.rng.randint(1, most)):
            lines += self.statement(scope, depth, result)
        return lines

    def statement(self, scope: dict[str, str], depth: int, result: str) -> list[str]:
        choice = self.rng.choice(["let", "print", "print", "assign", "do", "if", "while", "return"])
        kind = self.rng.choice(KINDS)
        variables = [name for name, other in scope.items() if other in KINDS]
        if choice == "let":
            value = self.expression(kind, scope)
            name = f"{kind[0]}{len(scope)}"
            scope[name] = kind
            return [f"let {name} = {value};"]
        if choice == "assign" and variables:
            name = self.rng.choice(variables)
            return [f"{name} = {self.expression(scope[name], scope)};"]
        if choice == "if" and depth:
            lines = [f"if {self.expression('bool', scope)} {{", *self.block(scope, depth - 1, result)]
            if self.rng.random() < 0.5:
                lines += ["} else {", *self.block(scope, depth - 1, result)]
            return [*lines, "}"]
        if choice == "while" and depth:
            name = f"n{len(scope)}"
            scope[name] = "loop"
            start = f"let {name} = {self.rng.randint(0, 3)};"
            inside = self.block(scope, depth - 1, result)
            return [start, f"while {name} > 0 {{", f"{name} = {name} - 1;", *inside, "}"]
        if choice == "return" and result:
            return [f"return {self.expression(result, scope)};"]
        if choice == "do":
            return [f"{self.expression(kind, scope)};"]
        return [f"print {self.expression(kind, scope)};"]

    def function(self, kind: str) -> list[str]:
        scope = {"p": "int", "q": kind}
        body = self.block(scope, 1, kind)
        last = f"return {self.expression(kind, scope)};"
        return [f"fn f{kind[0]}(p: int, q: {kind}) -> {kind} {{", *body, last, "}"]

    def program(self) -> str:
        """The functions, and what is done at the top."""
        lines: list[str] = []
        for kind in KINDS:
            if self.rng.random() < 0.5:
                lines += self.function(kind)
                self.known.add(f"f{kind[0]}")
        lines += self.block({}, 2, most=5)
        return "\n".join(lines) + "\n"


def program(rng: random.Random) -> str:
    """The text of a program that fits together."""
    return Author(rng).program()


def _ended(run: Any, *args: Any) -> list[Any]:
    """What came of it: a result, or an error with its place."""
    try:
        return [run(*args)]
    except LangError as problem:
        return [type(problem).__name__, problem.message, *problem.place]


def runs(text: str) -> list[Any]:
    """What a program prints as a tree, and as optimised code."""
    return [_ended(interpret, text), _ended(execute, text)]


def optimised(text: str) -> list[str]:
    """A program printed, and printed when it is optimised."""
    parsed = check(text)
    return [show(parsed), show(optimise(parsed))]


def code(text: str) -> list[Any]:
    """The code of a program, optimised and not."""
    built = [*build(text, False).items(), *build(text, True).items()]
    return [[name, each.params, each.slots, [list(step) for step in each.code]] for name, each in built]


def signs(rng: random.Random) -> str:
    """A text of signs and words that need not be a program."""
    parts = ["a", "fn", "1", "90", " ", "\n", '"b"', '"', "\\n", "#", *"(){};,=<>-+!é", "==", "->", "not"]
    return "".join(rng.choice(parts) for _ in range(rng.randint(0, 30)))


def tokens(text: str) -> list[Any]:
    """The tokens of a text with their places."""
    return _ended(lambda: [[token.kind, token.text, *token.place] for token in tokenize(text)])


def damaged(rng: random.Random) -> str:
    """A program with a few signs gone, doubled or changed."""
    text = program(rng)
    for _ in range(rng.randint(1, 3)):
        place = rng.randrange(len(text))
        sign = rng.choice(["", text[place] * 2, "(", ")", ";", "x", "1", "==", "else", "}"])
        text = text[:place] + sign + text[place + 1 :]
    return text


def syntax(text: str) -> list[Any]:
    """What the parser makes of a text, printed again."""
    return _ended(tidy, text)


def mistyped(rng: random.Random) -> str:
    """A program in which a few words may not fit."""
    words = re.split(r"(\w+)", program(rng))
    names = ["int", "bool", "str", "i0", "b1", "s2", "p", "q", "fi", "len", "true", "3"]
    for _ in range(rng.randint(0, 2)):
        words[rng.randrange(1, len(words), 2)] = rng.choice(names)
    return "".join(words)


def types(text: str) -> list[Any]:
    """What the checker says of a program."""
    return _ended(lambda: len(check(text).functions))


def operands(rng: random.Random) -> tuple[Any, Any, Any]:
    """Two numbers, two texts and a place."""
    edges = [0, 1, -1, 2, -7, 10, HALF - 1, -HALF]
    numbers = [rng.choice([*edges, rng.randrange(-HALF, HALF)]) for _ in range(2)]
    texts = ["".join(rng.choice("ab") for _ in range(rng.randint(0, 3))) for _ in range(2)]
    return tuple(numbers), tuple(texts), rng.randint(-2, 5)


def values(case: tuple[Any, Any, Any]) -> list[Any]:
    """All operators and built-in functions on them."""
    numbers, texts, place = case
    ordered = ["<", "<=", ">", ">=", "==", "!="]
    found = [_ended(BINARY[op], *numbers) for op in ["+", "-", "*", "/", "%", *ordered]]
    found += [[BINARY[op](*texts)] for op in ["+", *ordered]]
    found += [[BUILTINS[name].run(*numbers)] for name in ("max", "min")]
    found += [[BUILTINS[name].run(numbers[0])] for name in ("abs", "text")]
    found += [[BUILTINS["len"].run(texts[0])], [BUILTINS["cut"].run(texts[0] + texts[1], place, place + 2)]]
    return [*found, shown(numbers[0] == 0), shown(texts[0]), unary("-", numbers[1]), unary("not", place > 0)]

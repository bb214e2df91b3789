"""From tokens to a program, by precedence climbing."""

from __future__ import annotations

from typing import Callable, TypeVar

from . import nodes
from .errors import ParseError, Place
from .lexer import Token, tokenize
from .values import wrap

LEVELS = (("or",), ("and",), ("not",), ("==", "!="), ("<", "<=", ">", ">="), ("+", "-"), ("*", "/", "%"))
PRECEDENCE = {op: level for level, ops in enumerate(LEVELS, 1) for op in ops if op != "not"}
NOT = 1 + LEVELS.index(("not",))
NEGATION = 1 + len(LEVELS)
TYPES = ("int", "bool", "str")
DEEPEST = 25
MOST_PARTS = 80
MOST_DIGITS = 20
Item = TypeVar("Item")


class Parser:
    """Reads one list of tokens."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0  # of statements in statements
        self._parts = 0  # of the expression

    def program(self) -> nodes.Program:
        """The whole program. Raises ParseError."""
        functions: list[nodes.Function] = []
        body: list[nodes.Stmt] = []
        while not self._at("end"):
            if self._at("fn"):
                functions.append(self._function())
            else:
                body.append(self._statement())
        return nodes.Program(tuple(functions), tuple(body))

    # tokens

    @property
    def _token(self) -> Token:
        return self._tokens[self._next]

    def _at(self, kind: str) -> bool:
        return self._token.kind == kind

    def _take(self) -> Token:
        token = self._token
        if token.kind != "end":
            self._next += 1
        return token

    def _accept(self, kind: str) -> bool:
        if not self._at(kind):
            return False
        self._take()
        return True

    def _expect(self, kind: str) -> Token:
        if not self._at(kind):
            raise self._error(f"expected {kind}, found {self._token.text or self._token.kind}")
        return self._take()

    def _error(self, message: str) -> ParseError:
        return ParseError(message, self._token.place)

    def _list(self, item: Callable[[], Item]) -> tuple[Item, ...]:
        """Items in parentheses, with commas between them."""
        self._expect("(")
        found: list[Item] = []
        while not self._at(")"):
            found.append(item())
            if not self._accept(","):
                break
        self._expect(")")
        return tuple(found)

    # functions and statements

    def _function(self) -> nodes.Function:
        place = self._expect("fn").place
        name = self._expect("name").text
        params = self._list(self._param)
        self._expect("->")
        return nodes.Function(name, params, self._type(), self._block(), place)

    def _param(self) -> tuple[str, str]:
        name = self._expect("name").text
        self._expect(":")
        return name, self._type()

    def _type(self) -> str:
        if self._token.text not in TYPES:
            raise self._error(f"unknown type {self._token.text or 'end'}")
        return self._take().text

    def _block(self) -> nodes.Body:
        self._expect("{")
        body = []
        while not self._accept("}"):
            if self._at("end"):
                raise self._error("a block that does not end")
            body.append(self._statement())
        return tuple(body)

    def _statement(self) -> nodes.Stmt:
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._error("nested too deeply")
        place = self._token.place
        if self._accept("if"):
            statement: nodes.Stmt = nodes.If(self._whole(), self._block(), self._else(), place)
        elif self._accept("while"):
            statement = nodes.While(self._whole(), self._block(), place)
        else:
            statement = self._simple(place)
            self._expect(";")
        self._depth -= 1
        return statement

    def _else(self) -> nodes.Body:
        if not self._accept("else"):
            return ()
        return (self._statement(),) if self._at("if") else self._block()

    def _simple(self, place: Place) -> nodes.Stmt:
        if self._accept("let"):
            name = self._expect("name").text
            self._expect("=")
            return nodes.Let(name, self._whole(), place)
        if self._accept("return"):
            return nodes.Return(self._whole(), place)
        if self._accept("print"):
            return nodes.Print(self._whole(), place)
        if self._at("name") and self._tokens[self._next + 1].kind == "=":
            name = self._take().text
            self._take()
            return nodes.Assign(name, self._whole(), place)
        return nodes.Do(self._whole(), place)

    # expressions

    def _whole(self) -> nodes.Expr:
        self._parts = 0
        return self.expression()

    def expression(self, least: int = 1) -> nodes.Expr:
        """An expression whose operators bind at least so tightly."""
        left = self._operand()
        while PRECEDENCE.get(self._token.kind, 0) >= least:
            token = self._take()
            right = self.expression(PRECEDENCE[token.kind] + 1)
            left = nodes.Binary(token.kind, left, right, token.place)
        return left

    def _operand(self) -> nodes.Expr:
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise self._error("an expression that is too large")
        token = self._take()
        kind, text, place = token
        if kind == "not":
            return nodes.Unary(kind, self.expression(NOT), place)
        if kind == "-" and self._at("int"):
            return _number(self._take().text, place, -1)
        if kind == "-":
            return nodes.Unary(kind, self.expression(NEGATION), place)
        if kind == "int":
            return _number(text, place)
        if kind == "str":
            return nodes.Constant("str", text, place)
        if kind in ("true", "false"):
            return nodes.Constant("bool", kind == "true", place)
        if kind == "(":
            inner = self.expression()
            self._expect(")")
            return inner
        if kind == "name" and self._at("("):
            return nodes.Call(text, self._list(self.expression), place)
        if kind == "name":
            return nodes.Name(text, place)
        raise ParseError(f"unexpected {text or kind}", place)


def _number(text: str, place: Place, sign: int = 1) -> nodes.Constant:
    number = sign * int(text.lstrip("0")[:MOST_DIGITS] or "0")
    if number != wrap(number):
        raise ParseError("a number that is too large", place)
    return nodes.Constant("int", number, place)


def parse(text: str) -> nodes.Program:
    """The program of a text. Raises ParseError."""
    return Parser(tokenize(text)).program()

"""From text to text: all passes, again and again, until nothing changes."""

import ast
from typing import Any

from selfhost.conditions import conditions
from selfhost.copies import common, copies
from selfhost.dead import dead
from selfhost.errors import Unsupported
from selfhost.fold import fold
from selfhost.inline import inline
from selfhost.loops import loops
from selfhost.writer import module

PASSES = {
    "fold": fold,
    "dead": dead,
    "conditions": conditions,
    "copies": copies,
    "common": common,
    "inline": inline,
    "loops": loops,
}
ROUNDS = 12


def parse(text: str) -> Any:
    """The tree of a program. Raises Unsupported for a text that is no Python."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError) as problem:
        raise Unsupported("not Python: " + str(problem)) from None


def show(tree: Any) -> str:
    """The text of a tree. Raises Unsupported for what the language lacks."""
    return module(tree)


def tidy(text: str) -> str:
    """A program laid out as the printer does it, and nothing else changed."""
    return show(parse(text))


def optimise(text: str, names: list[str] | None = None) -> str:
    """The program after all passes, or those that are named, until nothing changes."""
    chosen = list(PASSES) if names is None else names
    text = tidy(text)
    for _ in range(ROUNDS):
        before = text
        for name in chosen:
            text = show(PASSES[name](parse(text)))
        if text == before:
            break
    return text


def rebuild(files: dict[str, str]) -> dict[str, str]:
    """Every module of a program optimised; one outside the language stays as it is."""
    out: dict[str, str] = {}
    for path, text in files.items():
        try:
            out[path] = optimise(text)
        except Unsupported:
            out[path] = text
    return out

"""Differential entry points: `diff:ENTRY#SEED` makes an input, calls, and encodes what came of it.

The outcome is told, not judged: the engine compares it with that of the unfaulted program.
"""

from __future__ import annotations

import importlib
import os
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from .encode import digest_of, encode
from .perturb import recorded_call
from .system import Room
from .words import Hidden, shorten, type_name, without_folders

PREFIX = "diff:"
_DEPTH = 20  # calls that an input has less than the recursion limit allows
Call = tuple[Callable[[random.Random], Any], Callable[[Any], Any]]


def parse(test: str) -> tuple[str, int] | None:
    """The entry and the seed of `diff:ENTRY#SEED`; None for anything else."""
    entry, separator, seed = test[len(PREFIX) :].rpartition("#")
    if not test.startswith(PREFIX) or not separator or not seed.isdecimal():
        return None
    return entry, int(seed)


def entry_of(test: str) -> str:
    """The entry point of an input; "" for anything else."""
    parsed = parse(test)
    return "" if parsed is None else parsed[0]


def resolve(address: str) -> Any:
    """The object at `module:qualname`, importing the module. Raises ImportError or AttributeError."""
    module, _, path = address.partition(":")
    value: Any = importlib.import_module(module)
    for name in path.split("."):
        value = getattr(value, name)
    return value


class Entries:
    """The entry points of a generation, imported."""

    def __init__(self, declared: Sequence[Mapping[str, str]], carved: Mapping[str, Sequence[str]]) -> None:
        self._calls: dict[str, Call] = {}
        self._room = Room(sys.getrecursionlimit() - _DEPTH)
        self.errors: list[str] = []
        for entry in declared:
            self._add(entry["name"], partial(_declared, entry))
        for address, calls in carved.items():
            self._add(address, partial(recorded_call, resolve, address, calls))

    def _add(self, name: str, make: Callable[[], Call]) -> None:
        try:
            self._calls[name] = make()
        except BaseException as trouble:
            self.errors.append(shorten(f"entry {name}: {type_name(type(trouble))}: {trouble}", os.getcwd()))

    @property
    def names(self) -> list[str]:
        """The names of the entry points that could be imported."""
        return list(self._calls)

    def knows(self, test: str) -> bool:
        """Whether `test` is an input of one of them."""
        parsed = parse(test)
        return parsed is not None and parsed[0] in self._calls

    def run(self, test: str, hidden: Hidden) -> dict[str, Any]:
        """The outcome of one input: its digest, and a short form for people."""
        parsed = parse(test)
        assert parsed is not None
        generate, call = self._calls[parsed[0]]
        with self._room:
            text = without_folders(_outcome(generate, call, parsed[1]), hidden)
        return {"v": "pass", "d": digest_of(text), "w": shorten(text)}


def _declared(entry: Mapping[str, str]) -> Call:
    return resolve(entry["generate"]), resolve(entry["call"])


def _outcome(generate: Callable[[random.Random], Any], call: Callable[[Any], Any], seed: int) -> str:
    try:
        value = generate(random.Random(seed))
    except BaseException as trouble:
        return f"no input: {type_name(type(trouble))}"
    try:
        result = encode(call(value))
    except BaseException as trouble:
        result = f"raises {type_name(type(trouble))}"
    try:
        return f"{result} <- {encode(value)}"
    except BaseException as trouble:
        return f"{result} <- raises {type_name(type(trouble))}"


class EmptyFolders:
    """An empty working folder for each input; one that was left empty serves again."""

    def __init__(self, parent: str) -> None:
        self._parent = parent
        self._made = 0

    def enter(self) -> str:
        """Changes into an empty folder, and says which."""
        path = os.path.join(self._parent, f"in{self._made}")
        if self._made == 0 or not os.path.isdir(path) or os.listdir(path):
            self._made += 1
            path = os.path.join(self._parent, f"in{self._made}")
            os.mkdir(path)
        os.chdir(path)
        return path
